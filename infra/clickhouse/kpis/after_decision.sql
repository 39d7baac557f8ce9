-- name: After the decision
-- question: How long do suggestions wait, and how many that were applied are taken back?
-- formula: rolled_back / (applied + rolled_back); median hours from first proposal to first decision
-- grain: window_days × company, region
-- subject: advice
-- owner: sales operations
-- caveats: By the day of the first decision, in event time. Applied are approved or modified ones that were not taken back.
--   What the applied ones brought against what was promised is in Predicted against realised.
-- column decided: Suggestions decided in the window
-- column median_hours: Median hours from the proposal to the decision
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(decision != 'rejected' AND status_now = 'rolled_back') AS numerator,
    countIf(decision != 'rejected') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    count() AS decided,
    quantileExactInclusiveOrNull(0.5)(hours) AS median_hours
FROM
(
    SELECT w.window_days AS window_days, s.region_id AS region_id, s.decision AS decision, s.status_now AS status_now,
        dateDiff('second', s.proposed_at, s.decided_at) / 3600 AS hours
    FROM
    (
        SELECT suggestion_id, any(toString(region_id)) AS region_id, min(as_of) AS proposed_at,
            argMinIf(toString(status), revision, status IN ('approved', 'rejected', 'modified')) AS decision,
            minIf(as_of, status IN ('approved', 'rejected', 'modified')) AS decided_at, argMax(toString(status), revision) AS status_now
        FROM suggestions FINAL GROUP BY suggestion_id
    ) AS s CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    WHERE s.decision != '' AND s.decided_at > w.starts_after AND s.decided_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

-- name: Access time
-- question: How long does a lead or opportunity wait for the first visit?
-- formula: median (first visit - lead or opportunity created); share visited within 14 days
-- grain: window_days × company, region
-- subject: conduct
-- owner: area manager
-- made: every 10 minutes
-- caveats: The window ends 14 days before the watermark. Visits to the account, for whatever reason; those never visited are in the share and not in the median.
--   Of all accounts; the columns of priority are of those that are in segment A now.
-- column median_days: Median days to the first visit, of those visited
-- column priority_numerator: As numerator, of accounts of segment A
-- column priority_denominator: As denominator, of accounts of segment A
-- column priority_value: priority_numerator / priority_denominator
-- column priority_median_days: As median_days, of accounts of segment A
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(visited AND days <= 14) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    quantileExactInclusiveOrNullIf(0.5)(days, visited) AS median_days,
    countIf(visited AND days <= 14 AND priority) AS priority_numerator,
    countIf(priority) AS priority_denominator,
    priority_numerator / nullIf(priority_denominator, 0) AS priority_value,
    quantileExactInclusiveOrNullIf(0.5)(days, visited AND priority) AS priority_median_days
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, a.segment = 'A' AS priority, v.account_id != '' AS visited, dateDiff('second', d.began_at, v.at) / 86400 AS days
    FROM
    (
    SELECT opportunity_id, any(account_id) AS account_id, argMin(source, occurred_at) AS source,
        minIf(occurred_at, stage = 'lead') AS lead_at, minIf(occurred_at, stage = 'open') AS open_at,
        minIf(occurred_at, stage IN ('won', 'lost')) AS decided_at, countIf(stage = 'lead') AS leads, countIf(stage = 'open') AS opens,
        countIf(stage = 'won') AS wins, countIf(stage IN ('won', 'lost')) AS decisions, min(occurred_at) AS began_at
    FROM opportunities GROUP BY opportunity_id
    ) AS d
    ASOF LEFT JOIN (SELECT account_id, occurred_at AS at FROM visits FINAL WHERE status = 'done' AND channel = 'visit' ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id) AS v ON d.account_id = v.account_id AND d.began_at <= v.at
    CROSS JOIN (SELECT window_days, starts_after - toIntervalDay(14) AS begins, as_of - toIntervalDay(14) AS ends FROM kpi_windows) AS w
    LEFT JOIN account_state AS a ON d.account_id = a.account_id
    WHERE d.began_at > w.begins AND d.began_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

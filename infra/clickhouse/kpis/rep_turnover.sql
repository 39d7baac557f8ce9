-- name: Turnover of reps
-- question: What share of the reps has left?
-- formula: leavers in the window / mean headcount of its two ends
-- grain: window_days × company, region
-- subject: territories
-- owner: human resources
-- caveats: By active_from and active_to of the reps. A leaver's last day lies in the window.
-- column joined: Reps whose first day lies in the window
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(active_to > t0 AND active_to <= t1) AS numerator,
    (countIf(ifNull(active_from <= t0, 1) AND ifNull(active_to >= t0, 1)) + countIf(ifNull(active_from <= t1, 1) AND ifNull(active_to >= t1, 1))) / 2 AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(active_from > t0 AND active_from <= t1) AS joined
FROM
(
    SELECT w.window_days AS window_days, w.t0 AS t0, w.t1 AS t1, r.region_id AS region_id, r.active_from AS active_from, r.active_to AS active_to
    FROM reps_now AS r CROSS JOIN (SELECT window_days, toDate32(starts_after) AS t0, toDate32(as_of) AS t1 FROM kpi_windows) AS w
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

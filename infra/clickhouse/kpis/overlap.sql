-- name: Overlap
-- question: What share of the visited accounts was visited by more than one rep?
-- formula: #{i visited by >= 2 reps} / #{visited i}
-- grain: window_days × company, region
-- owner: area manager
-- caveats: A change of owner inside the window also brings two reps; overlays are not known to the system.
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(reps >= 2) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT window_days, account_id, anyLast(region_id) AS region_id, uniqExact(visited_by) AS reps
    FROM visit_windows GROUP BY window_days, account_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

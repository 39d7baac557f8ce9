-- name: Overlap
-- question: What share of the visited accounts was visited by more than one rep?
-- formula: #{i visited by >= 2 reps} / #{visited i}
-- grain: window_days × company, region
-- subject: conduct
-- owner: area manager
-- caveats: A change of owner inside the window also brings two reps; overlays are not known to the system.
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    countIf(reps >= 2) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT window_days, account_id, anyLast(toString(region_id)) AS region_id, length(groupUniqArrayArray(visitors)) AS reps
    FROM activity_windows WHERE visits > 0 GROUP BY window_days, account_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

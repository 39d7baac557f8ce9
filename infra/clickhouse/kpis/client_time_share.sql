-- name: Client-time share
-- question: What share of the time spent on visits is spent with the client?
-- formula: Σ onsite / (Σ onsite + Σ travel)
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: Administrative time is not reported and therefore not in the denominator.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(duration_minutes) / 60 AS numerator,
    sum(duration_minutes + travel_minutes) / 60 AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM activity_windows
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

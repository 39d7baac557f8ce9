-- name: Travel per client
-- question: How many hours of travel does a visited client cost?
-- formula: (Σ travel_min / 60) / #distinct accounts visited; also per visit
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By the owner on the day of the visit. Grows with the window, since a client visited twice counts once.
-- column visits: Visits
-- column hours_per_visit: Travel per visit, hours
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(travel_minutes) / 60 AS numerator,
    uniqExact(account_id) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sum(activity_windows.visits) AS visits,
    numerator / nullIf(visits, 0) AS hours_per_visit
FROM activity_windows
WHERE activity_windows.visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

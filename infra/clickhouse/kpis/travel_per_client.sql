-- name: Travel per client
-- question: How many hours of travel does a visited client cost?
-- formula: (Σ travel_min / 60) / #distinct accounts visited; also per visit
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By the owner on the day of the visit, and as-is by the present one. Grows with the window, since a client visited twice counts once.
-- column visits: Visits
-- column hours_per_visit: Travel per visit, hours
-- column numerator_as_is: Travel to the accounts the present owner has, hours
-- column denominator_as_is: Of these accounts, those visited
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(travel_minutes, side = 'as_was') / 60 AS numerator,
    uniqExactIf(account_id, side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(activity_sides.visits, side = 'as_was') AS visits,
    numerator / nullIf(visits, 0) AS hours_per_visit,
    sumIf(travel_minutes, side = 'as_is') / 60 AS numerator_as_is,
    uniqExactIf(account_id, side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM activity_sides
WHERE activity_sides.visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

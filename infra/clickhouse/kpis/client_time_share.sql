-- name: Client-time share
-- question: What share of the time spent on visits is spent with the client?
-- formula: Σ onsite / (Σ onsite + Σ travel)
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By the owner on the day of the visit, and as-is by the present one. Administrative time is not reported and therefore not in the denominator.
-- column numerator_as_is: Hours with the accounts the present owner has
-- column denominator_as_is: Hours with them and of travel to them
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(duration_minutes, side = 'as_was') / 60 AS numerator,
    sumIf(duration_minutes + travel_minutes, side = 'as_was') / 60 AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(duration_minutes, side = 'as_is') / 60 AS numerator_as_is,
    sumIf(duration_minutes + travel_minutes, side = 'as_is') / 60 AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM activity_sides
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

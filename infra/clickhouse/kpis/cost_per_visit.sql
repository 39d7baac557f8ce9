-- name: Cost per visit
-- question: What does a visit cost?
-- formula: (Σ km·c_km + Σ (travel + onsite) h·c_h + Σ nights·c_n) / #visits
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: finance
-- caveats: By the owner on the day of the visit, and as-is by the present one. Unit costs as of today's settings (cost.per_km, cost.per_hour,
--   cost.per_night), also for old visits. Nights count where visit reports tell them. Calls and video meetings are no visits and cost nothing here.
-- column nights: Nights away from home for the visits
-- column numerator_as_is: Cost of the visits to the accounts the present owner has, EUR
-- column denominator_as_is: Visits to them
-- column value_as_is: Cost per visit to them, EUR
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(cost, side = 'as_was') AS numerator,
    sumIf(visits, side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(nights, side = 'as_was') AS nights,
    sumIf(cost, side = 'as_is') AS numerator_as_is,
    sumIf(visits, side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM
(
    SELECT *, travel_km * (SELECT per_km FROM business) + (travel_minutes + duration_minutes) / 60 * (SELECT per_hour FROM business)
        + nights * (SELECT per_night FROM business) AS cost
    FROM activity_sides WHERE visits > 0
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

-- name: CO2 of travel
-- question: How much CO2 does the travel to clients cause?
-- formula: Σ km · cost.co2_kg_per_km; per visit
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: By the owner on the day of the visit, and as-is by the present one. Kilometres as reported with the visits; one factor for all cars, that of today's settings.
-- column numerator: kg of CO2
-- column denominator: Visits
-- column value: kg of CO2 per visit
-- column numerator_as_is: kg of CO2 of the travel to the accounts the present owner has
-- column denominator_as_is: Visits to them
-- column value_as_is: kg of CO2 per visit to them
SELECT
    window_days, multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(travel_km, side = 'as_was') * (SELECT co2_kg_per_km FROM business) AS numerator,
    sumIf(visits, side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(travel_km, side = 'as_is') * (SELECT co2_kg_per_km FROM business) AS numerator_as_is,
    sumIf(visits, side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM activity_sides
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

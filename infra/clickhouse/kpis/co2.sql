-- name: CO2 of travel
-- question: How much CO2 does the travel to clients cause?
-- formula: Σ km · cost.co2_kg_per_km; per visit
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: Kilometres as reported with the visits; one factor for all cars, that of today's settings.
-- column numerator: kg of CO2
-- column denominator: Visits
-- column value: kg of CO2 per visit
SELECT
    window_days, multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(travel_km) * (SELECT co2_kg_per_km FROM business) AS numerator,
    sum(visits) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM activity_windows
WHERE visits > 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

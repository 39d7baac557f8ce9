-- name: Territory index
-- question: How far is each territory from the mean of its region?
-- formula: x_s / avg x, x_s = (Σ P_i / r_s)·avg r, r_s = cap_s·seniority, over the region
-- grain: territory
-- subject: territories
-- owner: area manager
-- caveats: A plan figure, not one of conduct: it is published for every territory.
-- column accounts: Active accounts
-- column potential_eur: Their potential, EUR
-- column capacity_hours: Field hours of a year
-- column deviation: value - 1
-- column in_corridor: Whether the deviation is tolerated
-- column numerator: x of the territory, EUR
-- column denominator: Mean x of the region, EUR
SELECT
    'territory' AS grain, t.region_id AS region_id, t.rep_id AS rep_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    t.accounts AS accounts, t.potential_eur AS potential_eur, t.capacity_hours AS capacity_hours,
    t.per_hour * r.mean_hours AS numerator,
    r.mean_per_hour * r.mean_hours AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    value - 1 AS deviation,
    abs(deviation) <= (SELECT tolerance FROM business) + 1e-9 AS in_corridor
FROM territory_state AS t
INNER JOIN
(
    SELECT region_id, avg(per_hour) AS mean_per_hour, avg(ready_hours) AS mean_hours FROM territory_state GROUP BY region_id
) AS r ON t.region_id = r.region_id

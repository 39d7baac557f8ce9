-- name: Potential balance (std %)
-- question: How unequal is potential per capacity between the territories?
-- formula: 100·stddevPop(x_s) / avg(x_s), x_s = (Σ P_i / r_s)·avg r, r_s = cap_s·seniority; empty territories included
-- grain: company, region
-- subject: territories
-- owner: sales direction
-- caveats: Territories are the active reps on the day of the watermark. Accounts without a rep are in none. As-was: today's potentials,
--   accounts and capacities, with the owners of 90 days ago, so that the gap to value is what the moves of these days did.
-- column value_as_was: The same by the owners of 90 days ago
-- column territories: Number of territories
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    stddevPop(per_hour) * avg(ready_hours) AS numerator,
    avg(per_hour) * avg(ready_hours) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value,
    100 * stddevPop(per_hour_as_was) / nullIf(avg(per_hour_as_was), 0) AS value_as_was,
    count() AS territories
FROM
(
    SELECT t.*, (t.potential_eur - g.gained_eur) / t.ready_hours AS per_hour_as_was
    FROM territory_state AS t LEFT JOIN territory_gains AS g ON t.rep_id = g.rep_id
)
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set

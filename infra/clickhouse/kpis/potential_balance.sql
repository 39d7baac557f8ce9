-- name: Potential balance (std %)
-- question: How unequal is potential per capacity between the territories?
-- formula: 100·stddevPop(x_s) / avg(x_s), x_s = (Σ P_i / r_s)·avg r, r_s = cap_s·seniority; empty territories included
-- grain: company, region
-- subject: territories
-- owner: sales direction
-- caveats: Territories are the active reps on the day of the watermark. Accounts without a rep are in none.
-- column territories: Number of territories
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    stddevPop(per_hour) * avg(ready_hours) AS numerator,
    avg(per_hour) * avg(ready_hours) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value,
    count() AS territories
FROM territory_state
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set

-- name: Potential max/min
-- question: How many times the weakest territory is the strongest?
-- formula: max x / min x; null with an empty territory
-- grain: company, region
-- subject: territories
-- owner: sales direction
-- caveats: Two territories decide it; read it beside the balance.
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    max(per_hour) * avg(ready_hours) AS numerator,
    min(per_hour) * avg(ready_hours) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM territory_state
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set

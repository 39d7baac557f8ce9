-- name: Potential Gini
-- question: How concentrated is potential per capacity, 0 for equal and 1 for all in one?
-- formula: 2 Σ j·x_(j) / (n Σ x) - (n + 1) / n, x ascending
-- grain: company, region
-- subject: territories
-- owner: sales direction
-- caveats: With n territories it cannot exceed (n - 1) / n.
-- column territories: Number of territories n
-- column numerator: 2 Σ j·x_(j), x ascending
-- column denominator: n Σ x
-- column value: numerator / denominator - (n + 1) / n
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    2 * arraySum((x, j) -> x * j, arraySort(groupArray(per_hour)), arrayEnumerate(groupArray(per_hour))) * avg(ready_hours) AS numerator,
    count() * sum(per_hour) * avg(ready_hours) AS denominator,
    count() AS territories,
    numerator / nullIf(denominator, 0) - (territories + 1) / territories AS value
FROM territory_state
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() > 0 -- without any aggregate the engine loses the empty grouping set

-- name: In-corridor share
-- question: What share of the territories is within the tolerated deviation from the mean?
-- formula: #{|x_s / avg x - 1| <= tolerance} / n
-- grain: company, region
-- subject: territories
-- owner: sales direction
-- caveats: tolerance is corridor.tolerance of the settings (0.15).
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM territory_state) AS as_of,
    arrayCount(
        x -> abs(x / nullIf(avg(per_hour), 0) - 1) <= (SELECT tolerance FROM business) + 1e-9, groupArray(per_hour)
    ) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM territory_state
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set

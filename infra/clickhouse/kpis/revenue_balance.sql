-- name: Revenue balance (std %)
-- question: How unequal is what the territories sell per capacity?
-- formula: 100·stddevPop(R_s / r_s) / avg(R_s / r_s), r_s = cap_s·seniority, R_s by owner then; empty territories included
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- caveats: As-was is by the owner on the day of the order, as-is by the present one. Territories are the active reps on the day of the watermark; what others sold is in none.
-- column territories: Number of territories
-- column value_as_is: The same of what the accounts sold that the territories have now
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    stddevPop(per_hour) AS numerator,
    avg(per_hour) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value,
    100 * stddevPop(per_hour_as_is) / nullIf(avg(per_hour_as_is), 0) AS value_as_is,
    count() AS territories
FROM
(
    SELECT t.window_days AS window_days, t.region_id AS region_id, t.ready_hours * t.window_days / 365 AS ready,
        r.net / ready AS per_hour, r.net_as_is / ready AS per_hour_as_is
    FROM (SELECT *, arrayJoin([30, 90, 365]::Array(UInt16)) AS window_days FROM territory_state) AS t
    LEFT JOIN
    (
        SELECT window_days, rep_id, sumIf(net_amount, side = 'as_was') AS net, sumIf(net_amount, side = 'as_is') AS net_as_is
        FROM activity_sides GROUP BY window_days, rep_id
    ) AS r
        ON t.window_days = r.window_days AND t.rep_id = r.rep_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

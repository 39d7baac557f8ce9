-- name: Revenue balance (std %)
-- question: How unequal is what the territories sell per capacity?
-- formula: 100·stddevPop(R_s / r_s) / avg(R_s / r_s), r_s = cap_s·seniority, R_s by owner then; empty territories included
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- caveats: Territories are the active reps on the day of the watermark; what others sold is in none.
-- column territories: Number of territories
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    stddevPop(per_hour) AS numerator,
    avg(per_hour) AS denominator,
    100 * numerator / nullIf(denominator, 0) AS value,
    count() AS territories
FROM
(
    SELECT t.window_days AS window_days, t.region_id AS region_id, r.net / (t.ready_hours * t.window_days / 365) AS per_hour
    FROM (SELECT *, arrayJoin([30, 90, 365]::Array(UInt16)) AS window_days FROM territory_state) AS t
    LEFT JOIN (SELECT window_days, rep_id, sum(net_amount) AS net FROM activity_windows GROUP BY window_days, rep_id) AS r
        ON t.window_days = r.window_days AND t.rep_id = r.rep_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

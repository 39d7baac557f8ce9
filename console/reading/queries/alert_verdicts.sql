-- Alerts of a region and a kind of scope that its memory of verdicts still holds, the oldest first, and what people found them to be.
SELECT alert_id, verdict
FROM alerts_now
INNER JOIN
(
    SELECT alert_id, min(as_of) AS told_at
    FROM alerts FINAL
    WHERE region_id = {region:String}
    GROUP BY alert_id
    ORDER BY told_at DESC, alert_id DESC
    LIMIT {remembered:UInt32}
) AS told USING (alert_id)
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = '' AND scope = {scope:String}
ORDER BY told_at, alert_id

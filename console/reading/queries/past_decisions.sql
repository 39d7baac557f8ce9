-- The trail: who decided what, when, why; a decision is a fact even where its region refused it, and then says why that was.
SELECT decision_id, occurred_at, region_id, kind, suggestion_id, alert_id, assignee, verdict, ifNull(toString(account_id), '') AS account_id, length(moves) AS moves, reason, decided_by, effective_from, until, r.why AS refused
FROM (SELECT * FROM decisions FINAL) AS d
LEFT JOIN
(
    SELECT JSONExtractString(said, 'decision_id') AS refused_id, JSONExtractString(said, 'region_id') AS refused_by, any(concat(toString(reason), ': ', detail)) AS why
    FROM (SELECT reason, detail, tryBase64Decode(payload_base64) AS said FROM dead_letters WHERE topic = 'region-events')
    GROUP BY refused_id, refused_by
) AS r ON d.decision_id = r.refused_id AND toString(d.region_id) = r.refused_by
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
    AND ({alert_id:String} = '' OR alert_id = {alert_id:String})
    AND ({suggestion_id:String} = '' OR suggestion_id = {suggestion_id:String})
ORDER BY occurred_at DESC, decision_id
LIMIT {limit:UInt32}

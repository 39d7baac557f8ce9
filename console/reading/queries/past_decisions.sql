-- The trail: who decided what, when, why.
SELECT decision_id, occurred_at, region_id, kind, suggestion_id, alert_id, assignee, verdict, ifNull(toString(account_id), '') AS account_id, length(moves) AS moves, reason, decided_by, effective_from, until
FROM (SELECT * FROM decisions FINAL)
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND {own_rep:String} = ''
    AND ({alert_id:String} = '' OR alert_id = {alert_id:String})
    AND ({suggestion_id:String} = '' OR suggestion_id = {suggestion_id:String})
ORDER BY occurred_at DESC, decision_id
LIMIT {limit:UInt32}

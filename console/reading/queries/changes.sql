-- Accounts that changed rep or will, with who decided it, when, why and which version spoke: for a rep those that come and go, else those of the regions seen.
SELECT
    c.change_id AS change_id, c.account_id AS account_id, n.name AS name, c.region_id AS region_id, c.from_rep AS from_rep, c.to_rep AS to_rep,
    c.valid_from AS valid_from, c.kind AS kind, c.suggestion_id AS suggestion_id, c.decision_id AS decision_id,
    m.reason AS reason, m.potential_eur AS potential_eur, m.hours AS hours, m.travel_km AS travel_km, m.worth_eur AS worth_eur,
    d.decided_by AS decided_by, if(d.decision_id = '', NULL, d.occurred_at)::Nullable(DateTime64(3, 'UTC')) AS decided_at, d.reason AS decision_reason,
    c.model_version AS model_version, c.config_version AS config_version,
    c.valid_from > (SELECT toDate32(as_of) FROM watermark) AS coming
FROM (SELECT * FROM assignment_changes FINAL) AS c
LEFT JOIN suggestion_moves AS m ON c.suggestion_id = m.suggestion_id AND c.account_id = m.account_id
LEFT JOIN (SELECT decision_id, decided_by, occurred_at, reason FROM decisions FINAL LIMIT 1 BY decision_id) AS d ON c.decision_id = d.decision_id
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON c.account_id = n.id
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, c.region_id))
    AND ({own_rep:String} = '' OR c.from_rep = {own_rep:String} OR c.to_rep = {own_rep:String})
    AND ({suggestion_id:String} = '' OR c.suggestion_id = {suggestion_id:String})
ORDER BY c.valid_from DESC, c.change_id
LIMIT {limit:UInt32}

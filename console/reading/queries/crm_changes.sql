-- Changes of reps on their way to the CRM, the newest first: what became of each, or of those alone that it has not taken yet.
SELECT
    c.region_id AS region_id, c.as_of AS as_of, c.model_version AS model_version, c.config_version AS config_version, c.change_id AS change_id, c.account_id AS account_id,
    c.from_rep AS from_rep, c.to_rep AS to_rep, c.valid_from AS valid_from, c.suggestion_id AS suggestion_id, c.decision_id AS decision_id, c.kind AS kind,
    if(d.change_id = '', 'waiting', toString(d.state)) AS state, d.attempts AS attempts, d.detail AS detail,
    if(d.change_id = '', NULL, d.changed_at)::Nullable(DateTime64(3, 'UTC')) AS changed_at
FROM (SELECT * FROM assignment_changes FINAL) AS c
LEFT JOIN (SELECT * FROM crm_deliveries FINAL) AS d ON c.change_id = d.change_id
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, c.region_id)) AND {own_rep:String} = ''
    AND ({pending:UInt8} = 0 OR d.state NOT IN ('delivered', 'refused'))
ORDER BY c.as_of DESC, c.change_id DESC
LIMIT {limit:UInt32}

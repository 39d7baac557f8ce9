-- The audit trail: who decided, changed or sent again what, when, from which rep to which, why, and which version had spoken. A change is told with the person and the
-- reason of its decision; of a decision that its region refused, such as the second of two, it is said with why, as long as the letter holds it. Messages that were sent again belong to no region: who sees every region sees them.
SELECT *
FROM
(
    SELECT
        'decision' AS subject, d.decision_id AS entry_id, d.occurred_at AS occurred_at, toString(d.kind) AS kind, toString(d.decided_by) AS who,
        toString(d.region_id) AS region_id, d.suggestion_id AS suggestion_id, d.alert_id AS alert_id, ifNull(toString(d.account_id), '') AS account_id, '' AS letter_id,
        toUInt64(length(d.moves)) AS moves, '' AS from_rep, '' AS to_rep, toString(d.reason) AS reason, d.effective_from::Nullable(Date32) AS valid_from,
        toString(if(d.suggestion_id != '', s.model_version, a.model_version)) AS model_version,
        toString(if(d.suggestion_id != '', s.config_version, a.config_version)) AS config_version, r.why AS refused
    FROM (SELECT * FROM decisions FINAL) AS d
    LEFT JOIN (SELECT suggestion_id, model_version, config_version FROM suggestions_now) AS s ON d.suggestion_id = s.suggestion_id
    LEFT JOIN (SELECT alert_id, model_version, config_version FROM alerts_now) AS a ON d.alert_id = a.alert_id
    LEFT JOIN
    (
        SELECT JSONExtractString(said, 'decision_id') AS refused_id, JSONExtractString(said, 'region_id') AS refused_by, any(concat(toString(reason), ': ', detail)) AS why
        FROM (SELECT reason, detail, tryBase64Decode(payload_base64) AS said FROM dead_letters WHERE topic = 'region-events')
        GROUP BY refused_id, refused_by
    ) AS r ON d.decision_id = r.refused_id AND toString(d.region_id) = r.refused_by
    UNION ALL
    SELECT
        'change', c.change_id, c.as_of, toString(c.kind), toString(d.decided_by), toString(c.region_id), c.suggestion_id, '', c.account_id, '', 1,
        toString(c.from_rep), toString(c.to_rep), toString(d.reason), c.valid_from, toString(c.model_version), toString(c.config_version), ''
    FROM (SELECT * FROM assignment_changes FINAL) AS c
    LEFT JOIN (SELECT decision_id, decided_by, reason FROM decisions FINAL LIMIT 1 BY decision_id) AS d ON c.decision_id = d.decision_id
    UNION ALL
    SELECT 'letter', replay_id, started_at, toString(outcome), replayed_by, '', '', '', '', dead_letter_id, 0, '', '', detail, NULL, '', '', ''
    FROM dead_letter_replays FINAL
)
WHERE ({every_region:UInt8} OR (region_id != '' AND has({regions:Array(String)}, region_id))) AND {own_rep:String} = ''
    AND ({subject:String} = '' OR subject = {subject:String}) AND ({who:String} = '' OR who = {who:String})
    AND ({region:String} = '' OR region_id = {region:String}) AND ({account:String} = '' OR account_id = {account:String})
    AND occurred_at >= toDateTime64({since:String}, 3, 'UTC') AND occurred_at < toDateTime64({until:String}, 3, 'UTC')
ORDER BY occurred_at DESC, subject, entry_id
LIMIT {limit:UInt32}

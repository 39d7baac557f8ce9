-- What has become of a decision: heard (a fact), applied (a suggestion speaks of it; what is said of an alert needs no more than being a fact), or refused, with why.
SELECT
    d.heard AS heard,
    d.about_alert OR
    (
        SELECT count() FROM suggestions
        WHERE (decision_id = {decision_id:String} OR has(approvals.decision_id, {decision_id:String}) OR has(challenges.decision_id, {decision_id:String}))
            AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND ({own_rep:String} = '' OR has(challenges.decision_id, {decision_id:String}))
    ) > 0 AS applied,
    ifNull(l.why, '') AS refused
FROM (SELECT count() > 0 AS heard, countIf(alert_id != '') > 0 AS about_alert FROM decisions WHERE decision_id = {decision_id:String}) AS d
CROSS JOIN
(
    SELECT any(concat(toString(reason), ': ', detail)) AS why FROM dead_letters
    WHERE received_at >= now() - toIntervalDay(1) AND topic IN ('decisions', 'region-events')
        AND position(tryBase64Decode(payload_base64), {decision_id:String}) > 0
) AS l

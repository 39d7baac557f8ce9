-- What has become of a decision: heard (a fact), applied (a suggestion speaks of it; what is said of an alert needs no more than being a fact), or refused, with why.
-- A decision of another region is not there; a rep sees challenges of moves that come to or leave the own territory.
WITH
    own AS (SELECT account_id FROM suggestion_moves WHERE from_rep = {own_rep:String} OR to_rep = {own_rep:String})
SELECT
    d.heard AS heard,
    d.about_alert OR
    (
        SELECT count() FROM suggestions
        WHERE (decision_id = {decision_id:String} OR has(approvals.decision_id, {decision_id:String}) OR has(challenges.decision_id, {decision_id:String}))
            AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id)) AND ({own_rep:String} = '' OR has(challenges.decision_id, {decision_id:String}))
    ) > 0 AS applied,
    ifNull(l.why, '') AS refused
FROM
(
    SELECT count() > 0 AS heard, countIf(alert_id != '') > 0 AS about_alert FROM decisions
    WHERE decision_id = {decision_id:String} AND ({every_region:UInt8} OR has({regions:Array(String)}, region_id))
        AND ({own_rep:String} = '' OR (kind = 'challenge' AND ifNull(toString(account_id), '') IN own))
) AS d
CROSS JOIN
(
    SELECT any(concat(toString(reason), ': ', detail)) AS why
    FROM
    (
        SELECT reason, detail, tryBase64Decode(payload_base64) AS said FROM dead_letters
        WHERE received_at >= now() - toIntervalDay(1) AND topic IN ('decisions', 'region-events')
    )
    WHERE position(said, {decision_id:String}) > 0
        AND ({every_region:UInt8} OR has({regions:Array(String)}, JSONExtractString(said, 'region_id')))
        AND ({own_rep:String} = '' OR (JSONExtractString(said, 'kind') = 'challenge' AND JSONExtractString(said, 'account_id') IN own))
) AS l

-- Refused messages by topic, reason and field. Who sees every region sees all, each with an example; others those that are known to be of their regions, with an
-- example, and those of which nobody knows, as counts alone: what such a message was told may speak of anybody.
SELECT
    topic, reason, field, count() AS letters, countIf(replays = 0) AS still_open, max(received_at) AS latest,
    anyIf(detail, {every_region:UInt8} OR has({regions:Array(String)}, region)) AS example
FROM
(
    SELECT
        l.topic AS topic, l.reason AS reason, l.field AS field, l.replays AS replays, l.received_at AS received_at, l.detail AS detail,
        if(a.region_id != '', a.region_id, l.named_region) AS region
    FROM
    (
        SELECT
            topic, reason, field, replays, received_at, detail, if({every_region:UInt8}, '', tryBase64Decode(payload_base64)) AS said,
            JSONExtractString(said, 'account_id') AS account_id, JSONExtractString(said, 'region_id') AS named_region
        FROM dead_letters_now
    ) AS l
    LEFT JOIN accounts_now AS a ON l.account_id = a.account_id
)
WHERE ({every_region:UInt8} OR region = '' OR has({regions:Array(String)}, region)) AND {own_rep:String} = ''
GROUP BY topic, reason, field
ORDER BY letters DESC, topic, reason, field

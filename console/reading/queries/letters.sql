-- Dead letters, the newest first. Who sees every region sees all; others those that are known to be of their regions. The payload comes with one letter alone.
SELECT
    dead_letter_id, log_id, topic, partition, offset, received_at, reason, field, detail, key,
    if({letter_id:String} = '', '', payload_base64) AS payload_base64, payload_bytes, replays, replay_outcome, replay_detail, replayed_at, region_id
FROM
(
    SELECT l.*, if(a.region_id != '', a.region_id, l.named_region) AS region_id
    FROM
    (
        SELECT
            *, tryBase64Decode(payload_base64) AS said, JSONExtractString(said, 'account_id') AS account_id, JSONExtractString(said, 'region_id') AS named_region
        FROM dead_letters_now
        WHERE ({letter_id:String} = '' OR dead_letter_id = {letter_id:String}) AND ({topic:String} = '' OR topic = {topic:String})
            AND ({reason:String} = '' OR reason = {reason:String}) AND ({replayed:Int8} = -1 OR (replays > 0) = {replayed:Int8})
    ) AS l
    LEFT JOIN accounts_now AS a ON l.account_id = a.account_id
)
WHERE ({every_region:UInt8} OR (region_id != '' AND has({regions:Array(String)}, region_id))) AND {own_rep:String} = ''
ORDER BY received_at DESC, dead_letter_id
LIMIT {limit:UInt32}

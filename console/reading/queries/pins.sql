-- Accounts that must stay where they are, as last said: who fixed them, why, and until when (none: for good).
SELECT
    p.account_id AS account_id, n.name AS name, p.region_id AS region_id, a.rep_id AS rep_id, p.decided_by AS pinned_by,
    p.at AS pinned_at, p.reason AS reason, p.until AS until
FROM
(
    SELECT
        ifNull(toString(account_id), '') AS account_id, argMax(region_id, (occurred_at, decision_id)) AS region_id,
        argMax(kind, (occurred_at, decision_id)) AS latest, argMax(decided_by, (occurred_at, decision_id)) AS decided_by,
        max(occurred_at) AS at, argMax(reason, (occurred_at, decision_id)) AS reason, argMax(tuple(until), (occurred_at, decision_id)).1 AS until
    FROM decisions FINAL WHERE kind IN ('pin', 'unpin') GROUP BY account_id
) AS p
LEFT JOIN assignments_now AS a ON p.account_id = a.account_id
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON p.account_id = n.id
WHERE p.latest = 'pin' AND (p.until IS NULL OR p.until >= (SELECT toDate32(as_of) FROM watermark))
    AND ({region:String} = '' OR p.region_id = {region:String})
    AND ({every_region:UInt8} OR has({regions:Array(String)}, p.region_id)) AND {own_rep:String} = ''
ORDER BY pinned_at DESC, account_id
LIMIT {limit:UInt32}

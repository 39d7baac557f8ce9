-- What reps have against moves of suggestions that wait or are accepted, the newest first; a rep sees what concerns the own territory.
SELECT
    c.suggestion_id AS suggestion_id, c.region_id AS region_id, c.status AS status, c.account_id AS account_id, n.name AS name,
    c.from_rep AS from_rep, c.to_rep AS to_rep, c.reason AS reason, c.challenged_by AS challenged_by, c.challenged_at AS challenged_at
FROM
(
    SELECT
        suggestion_id, region_id, status, one.account_id AS account_id, one.reason AS reason, one.challenged_by AS challenged_by,
        one.challenged_at AS challenged_at, arrayFirst(m -> m.1 = one.account_id, arrayZip(moves.account_id, moves.from_rep, moves.to_rep)) AS move,
        move.2 AS from_rep, move.3 AS to_rep
    FROM suggestions_now ARRAY JOIN challenges AS one
    WHERE status IN ('proposed', 'approved', 'modified')
) AS c
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON c.account_id = n.id
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, c.region_id))
    AND ({own_rep:String} = '' OR c.from_rep = {own_rep:String} OR c.to_rep = {own_rep:String})
ORDER BY challenged_at DESC, account_id
LIMIT {limit:UInt32}

-- Whether changes are pushed to the CRM by themselves, and the last one, of those in sight, that it did not take.
SELECT
    ifNull(now64(3, 'UTC') <= p.until, 0) AS runs, p.last_look AS looked_at, p.next_look AS next_look_at,
    ifNull(r.account_id, '') AS account_id, ifNull(r.state, '') AS state, ifNull(r.detail, '') AS detail, r.not_taken_at AS not_taken_at
FROM
(
    SELECT maxOrNull(looked_at) AS last_look, argMaxOrNull(next_look_at, looked_at) AS next_look, argMaxOrNull(again_by, looked_at) AS until
    FROM crm_pushers FINAL
) AS p
CROSS JOIN
(
    SELECT
        argMaxOrNull(c.account_id, d.changed_at) AS account_id, argMaxOrNull(toString(d.state), d.changed_at) AS state,
        argMaxOrNull(d.detail, d.changed_at) AS detail, maxOrNull(d.changed_at) AS not_taken_at
    FROM (SELECT * FROM crm_deliveries FINAL WHERE state IN ('failed', 'refused')) AS d
    INNER JOIN (SELECT * FROM assignment_changes FINAL) AS c ON c.change_id = d.change_id
    WHERE ({every_region:UInt8} OR has({regions:Array(String)}, c.region_id)) AND {own_rep:String} = ''
) AS r

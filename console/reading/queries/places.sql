-- Where the accounts of a region were on a day and whose they were: those not closed then, and heard of or given to somebody by then.
SELECT
    a.account_id AS account_id, a.lat AS lat, a.lon AS lon, h.rep_id AS rep_id, p.segment AS segment, p.potential_eur AS potential_eur
FROM (SELECT * FROM accounts_history WHERE valid_from <= {day:Date32} AND valid_to > {day:Date32}) AS a
LEFT JOIN (SELECT account_id, rep_id FROM assignments_history WHERE valid_from <= {day:Date32} AND valid_to > {day:Date32}) AS h ON a.account_id = h.account_id
LEFT JOIN potentials_now AS p ON a.account_id = p.account_id
WHERE a.active AND (a.known_from <= {day:Date32} OR h.rep_id != '') AND a.lat IS NOT NULL AND a.region_id = {region:String}
    AND ({every_region:UInt8} OR has({regions:Array(String)}, a.region_id)) AND {own_rep:String} = ''
ORDER BY a.account_id
LIMIT 100000

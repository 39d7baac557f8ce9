-- Moves that are proposed and not decided: a rep sees those that would come to or leave the own territory.
SELECT
    m.suggestion_id AS suggestion_id, m.account_id AS account_id, n.name AS name, m.region_id AS region_id, m.from_rep AS from_rep, m.to_rep AS to_rep,
    m.reason AS reason, m.potential_eur AS potential_eur, m.hours AS hours, m.travel_km AS travel_km, m.change_eur AS change_eur, m.worth_eur AS worth_eur
FROM suggestion_moves AS m
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON m.account_id = n.id
WHERE m.status = 'proposed' AND ({every_region:UInt8} OR has({regions:Array(String)}, m.region_id))
    AND ({own_rep:String} = '' OR m.from_rep = {own_rep:String} OR m.to_rep = {own_rep:String})
ORDER BY m.potential_eur DESC, m.account_id
LIMIT {limit:UInt32}

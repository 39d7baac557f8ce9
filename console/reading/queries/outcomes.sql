-- What became of accounts that moved by a suggestion, 30, 90 and 180 days later, beside what was promised: of one suggestion, or all in sight.
SELECT
    o.change_id AS change_id, o.suggestion_id AS suggestion_id, o.account_id AS account_id, n.name AS name, o.region_id AS region_id,
    o.from_rep AS from_rep, o.to_rep AS to_rep, o.valid_from AS valid_from, o.horizon_days AS horizon_days,
    o.predicted_eur AS predicted_eur, o.realised_eur::Nullable(Float64) AS realised_eur,
    o.revenue_before AS revenue_before, o.revenue_after AS revenue_after, o.controls AS controls
FROM move_outcomes AS o
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON o.account_id = n.id
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, o.region_id)) AND {own_rep:String} = ''
    AND ({suggestion_id:String} = '' OR o.suggestion_id = {suggestion_id:String})
ORDER BY o.valid_from DESC, o.account_id, o.change_id, o.horizon_days
LIMIT {limit:UInt32}

-- Each territory as it was on a day: the reps who worked then, with region, hours and seniority of then and the accounts they had then, those not
-- closed by then, at what these are worth today (what was closed since: at what it was last worth). Work and drift are told for today alone.
WITH
    held AS
    (
        SELECT h.rep_id AS rep_id, count() AS accounts, sum(p.potential_eur) AS potential_eur
        FROM (SELECT account_id, rep_id FROM assignments_history WHERE valid_from <= {day:Date32} AND valid_to > {day:Date32} AND rep_id != '') AS h
        INNER JOIN (SELECT account_id FROM accounts_history WHERE active AND valid_from <= {day:Date32} AND valid_to > {day:Date32}) AS a ON h.account_id = a.account_id
        LEFT JOIN potentials_now AS p ON h.account_id = p.account_id
        GROUP BY rep_id
    ),
    working AS
    (
        SELECT
            r.region_id AS region_id, r.rep_id AS rep_id, held.accounts AS accounts, held.potential_eur AS potential_eur,
            r.weekly_hours * (SELECT field_weeks FROM business) AS capacity_hours, held.potential_eur / (capacity_hours * r.seniority) AS per_hour
        FROM (SELECT * FROM reps_history WHERE valid_from <= {day:Date32} AND valid_to > {day:Date32}) AS r
        INNER JOIN (SELECT rep_id FROM reps_now WHERE ifNull(active_from <= {day:Date32}, 1) AND ifNull(active_to >= {day:Date32}, 1)) AS n ON r.rep_id = n.rep_id
        LEFT JOIN held ON r.rep_id = held.rep_id
    )
SELECT
    w.region_id AS region_id, w.rep_id AS rep_id, n.name AS name, w.accounts AS accounts, w.potential_eur AS potential_eur,
    w.capacity_hours AS capacity_hours, NULL AS work_hours, NULL AS load_ratio, w.per_hour / nullIf(m.mean_per_hour, 0) - 1 AS deviation,
    abs(deviation) <= (SELECT tolerance FROM business) + 1e-9 AS in_corridor, NULL AS drift
FROM working AS w
INNER JOIN (SELECT region_id, avg(per_hour) AS mean_per_hour FROM working GROUP BY region_id) AS m ON w.region_id = m.region_id
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'rep' GROUP BY id) AS n ON w.rep_id = n.id
WHERE ({region:String} = '' OR w.region_id = {region:String})
    AND ({every_region:UInt8} OR has({regions:Array(String)}, w.region_id)) AND {own_rep:String} = ''
ORDER BY w.region_id, w.rep_id

-- Accounts with owner, place, potential and the relation to them: those named, or all of a rep, the largest potential first.
WITH (SELECT as_of FROM watermark) AS until
SELECT
    p.account_id AS account_id, n.name AS name, p.region_id AS region_id, p.rep_id AS rep_id, s.rep_id AS substitute, p.city AS city, p.segment AS segment,
    p.potential_eur AS potential_eur, p.lat AS lat, p.lon AS lon, p.active AS active,
    if(a.account_id = '', NULL, a.valid_from)::Nullable(Date32) AS owned_since,
    if(o.account_id = '', NULL, o.last_order)::Nullable(Date32) AS last_order,
    if(v.account_id = '', NULL, v.last_visit)::Nullable(Date32) AS last_visit,
    o.year_eur AS year_eur, v.visits AS visits_90_days, p.visits_per_year AS visits_per_year,
    d.open_deals AS open_deals, m.moves AS moves_12_months,
    w.base_eur AS base_eur, w.base_by_analogy AS base_by_analogy, w.reasons AS reasons
FROM account_plan AS p
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'account' GROUP BY id) AS n ON p.account_id = n.id
LEFT JOIN covers_now AS s ON p.account_id = s.account_id
LEFT JOIN assignments_now AS a ON p.account_id = a.account_id
LEFT JOIN
(
    SELECT account_id, base_eur, base_by_analogy, arrayFilter(reason -> reason.estimate = 'potential', reasons) AS reasons FROM potentials_now
) AS w ON p.account_id = w.account_id
LEFT JOIN
(
    SELECT account_id, toDate32(max(occurred_at)) AS last_order, sumIf(net_amount, occurred_at > until - toIntervalDay(365)) AS year_eur
    FROM (SELECT account_id, occurred_at, toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0)) AS net_amount FROM orders)
    GROUP BY account_id
) AS o ON p.account_id = o.account_id
LEFT JOIN
(
    SELECT account_id, toDate32(max(occurred_at)) AS last_visit, countIf(occurred_at > until - toIntervalDay(90)) AS visits
    FROM visits WHERE status = 'done' AND channel = 'visit' GROUP BY account_id
) AS v ON p.account_id = v.account_id
LEFT JOIN
(
    SELECT account_id, countIf(stage = 'open') AS open_deals
    FROM (SELECT account_id, opportunity_id, stage FROM opportunities FINAL ORDER BY opportunity_id, occurred_at DESC LIMIT 1 BY opportunity_id)
    GROUP BY account_id
) AS d ON p.account_id = d.account_id
LEFT JOIN
(
    SELECT account_id, count() AS moves FROM assignments_history
    WHERE moved AND valid_from > toDate32(until) - 365 AND valid_from <= toDate32(until) GROUP BY account_id
) AS m ON p.account_id = m.account_id
WHERE ({every_region:UInt8} OR has({regions:Array(String)}, p.region_id)) AND ({own_rep:String} = '' OR p.rep_id = {own_rep:String} OR s.rep_id = {own_rep:String})
    AND (empty({accounts:Array(String)}) OR has({accounts:Array(String)}, p.account_id))
    AND ({rep:String} = '' OR p.rep_id = {rep:String} OR s.rep_id = {rep:String})
ORDER BY p.potential_eur DESC, p.account_id
LIMIT {limit:UInt32}

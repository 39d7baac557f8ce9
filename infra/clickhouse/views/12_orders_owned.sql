-- about: Orders with the rep who owned the account then (as-was) and the one who owns it now (as-is)
-- column order_id: The order in the system of the company
-- column occurred_at: When it was placed (UTC)
-- column status: placed, returned or cancelled
-- column net_amount: What it adds to revenue: a return takes back, whatever sign it was sent with; a cancelled order counts nothing
-- column currency: ISO 4217 code of the amount
-- column region_then: Region of the account then
-- column rep_then: Owner on the day of the order; empty when there was none, and unless the settings allow KPIs of single reps
-- column region_now: Region of the account now
-- column rep_now: Owner on the day of the watermark; empty when there is none, and unless the settings allow KPIs of single reps
SELECT
    o.order_id AS order_id, o.account_id AS account_id, o.occurred_at AS occurred_at, o.status AS status,
    toFloat64(multiIf(o.status = 'placed', o.amount, o.status = 'returned', -abs(o.amount), 0)) AS net_amount, o.currency AS currency,
    toString(o.region_id) AS region_then, if((SELECT individual_kpis FROM business), h.rep_id, '') AS rep_then,
    if(a.region_id = '', toString(o.region_id), a.region_id) AS region_now,
    if((SELECT individual_kpis FROM business), n.rep_id, '') AS rep_now
FROM (SELECT *, toDate32(occurred_at) AS day FROM orders FINAL) AS o
ASOF LEFT JOIN assignments_history AS h ON o.account_id = h.account_id AND o.day >= h.valid_from
LEFT JOIN assignments_now AS n ON o.account_id = n.account_id
LEFT JOIN accounts_now AS a ON o.account_id = a.account_id

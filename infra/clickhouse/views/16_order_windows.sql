-- about: The orders of each window, see orders_owned
-- column order_id: The order in the system of the company
-- column status: placed, returned or cancelled
-- column net_amount: What it adds to revenue
-- column region_then: Region of the account then
-- column rep_then: Owner on the day of the order
-- column region_now: Region of the account now
-- column rep_now: Owner on the day of the watermark
SELECT w.window_days AS window_days, o.order_id AS order_id, o.account_id AS account_id, o.status AS status,
    o.net_amount AS net_amount, o.region_then AS region_then, o.rep_then AS rep_then, o.region_now AS region_now, o.rep_now AS rep_now
FROM orders_owned AS o CROSS JOIN kpi_windows AS w
WHERE o.occurred_at > w.starts_after AND o.occurred_at <= w.as_of

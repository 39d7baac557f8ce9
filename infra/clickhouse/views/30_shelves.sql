-- about: What stands on the shelf of each active account, by its newest visit of the 365 days before the watermark whose report says it
-- made: every minute
-- column region_id: Present region of the account
-- column rep_id: Present owner; empty when there is none
-- column products: The products, each once; none of them: empty
-- column net_amount: Revenue of the account in these 365 days, EUR; never below zero
-- column seen_at: Start of that visit (UTC)
-- column as_of: Watermark it was reckoned at (UTC)
WITH (SELECT as_of FROM watermark) AS until
SELECT
    v.account_id AS account_id, toString(a.region_id) AS region_id, toString(a.rep_id) AS rep_id,
    arrayFilter(product -> product != 'none', arrayDistinct(v.products_seen))::Array(String) AS products,
    greatest(s.net, toFloat64(0)) AS net_amount, v.occurred_at AS seen_at, until AS as_of
FROM
(
    SELECT account_id, products_seen, occurred_at
    FROM
    (
        SELECT account_id, products_seen, occurred_at, visit_id FROM visits FINAL
        WHERE status = 'done' AND channel = 'visit' AND occurred_at > until - toIntervalDay(365) AND occurred_at <= until
        ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    )
    WHERE notEmpty(products_seen)
    ORDER BY account_id, occurred_at DESC, visit_id DESC LIMIT 1 BY account_id
) AS v
INNER JOIN (SELECT * FROM account_state WHERE active) AS a ON v.account_id = a.account_id
LEFT JOIN
(
    SELECT account_id, sum(net_amount) AS net FROM activity_windows WHERE window_days = 365 GROUP BY account_id
) AS s ON v.account_id = s.account_id

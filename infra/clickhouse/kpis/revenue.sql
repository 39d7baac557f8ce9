-- name: Revenue
-- question: What did a territory sell, by who owned the account then (as-was) and by who owns it now (as-is)?
-- formula: Σ amount by own(i, order time); Σ amount by own(i, now)
-- grain: window_days × company, region, territory (as published_scopes allows)
-- owner: sales direction
-- caveats: Returns are taken back on their own day; a cancelled order counts nothing. The gap between the two columns is revenue that moved with accounts. Revenue of accounts without a rep stands under the empty rep_id.
-- column revenue_as_was: Revenue by owner at the time of the order, EUR
-- column revenue_as_is: Revenue by present owner, EUR
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    sum(as_was) AS revenue_as_was,
    sum(as_is) AS revenue_as_is
FROM
(
    SELECT window_days, region_then AS region_id, rep_then AS rep_id, net_amount AS as_was, 0.0 AS as_is FROM order_windows
    UNION ALL
    SELECT window_days, region_now AS region_id, rep_now AS rep_id, 0.0 AS as_was, net_amount AS as_is FROM order_windows
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM published_scopes)

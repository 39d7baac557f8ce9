-- name: Average basket
-- question: How much does an order bring, and how much a client?
-- formula: Σ amount / #orders; per client Σ amount / #clients
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: Σ is net of returns; #orders are distinct orders placed, cancelled ones do not count; by the owner on the day of the order.
-- column clients: Distinct accounts with an order placed
-- column per_client: Revenue per client, EUR
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain,
    region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sum(net_amount) AS numerator,
    sum(orders) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    uniqExactIf(account_id, orders > 0) AS clients,
    numerator / nullIf(clients, 0) AS per_client
FROM activity_windows
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

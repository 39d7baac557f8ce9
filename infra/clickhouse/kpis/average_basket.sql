-- name: Average basket
-- question: How much does an order bring, and how much a client?
-- formula: Σ amount / #orders; per client Σ amount / #clients
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: Σ is net of returns; #orders are distinct orders placed, cancelled ones do not count; by the owner on the day of the order, and as-is by the present one.
-- column clients: Distinct accounts with an order placed
-- column per_client: Revenue per client, EUR
-- column numerator_as_is: Revenue of the accounts the present owner has, EUR
-- column denominator_as_is: Their orders placed
-- column value_as_is: Revenue per order of theirs, EUR
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain,
    region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(net_amount, side = 'as_was') AS numerator,
    sumIf(orders, side = 'as_was') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    uniqExactIf(account_id, orders > 0 AND side = 'as_was') AS clients,
    numerator / nullIf(clients, 0) AS per_client,
    sumIf(net_amount, side = 'as_is') AS numerator_as_is,
    sumIf(orders, side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM activity_sides
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

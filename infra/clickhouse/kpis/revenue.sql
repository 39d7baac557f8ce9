-- name: Revenue
-- question: What did a territory sell, by who owned the account then (as-was) and by who owns it now (as-is)?
-- formula: Σ amount by own(i, order time); Σ amount by own(i, now)
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: sales direction
-- caveats: Returns are taken back on their own day; a cancelled order counts nothing. The gap between the two columns is revenue that moved with accounts. Revenue of accounts without a rep counts in their region and the company alone.
-- column revenue_as_was: Revenue by owner at the time of the order, EUR
-- column revenue_as_is: Revenue by present owner, EUR
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM activity_windows) AS as_of,
    sumIf(net_amount, side = 'as_was') AS revenue_as_was,
    sumIf(net_amount, side = 'as_is') AS revenue_as_is
FROM activity_sides
WHERE orders > 0 OR net_amount != 0
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

-- name: Revenue of a client so far
-- question: How much has a client brought since the first order?
-- formula: Σ amount since the first order / #clients
-- grain: company, region
-- subject: conduct
-- owner: sales direction
-- made: every minute
-- caveats: Clients are accounts with an order placed at any time; region of the account then.
-- column median_years: Median years since the first order
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    sum(net) AS numerator,
    uniqExactIf(account_id, placed > 0) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    quantileExactInclusiveOrNullIf(0.5)(dateDiff('day', first, (SELECT as_of FROM watermark)) / 365, placed > 0) AS median_years
FROM
(
    SELECT account_id, toString(any(region_id)) AS region_id, countIf(status = 'placed') AS placed, minIf(occurred_at, status = 'placed') AS first,
        sum(toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0))) AS net
    FROM orders GROUP BY account_id
)
GROUP BY GROUPING SETS ((region_id), ())
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)
    AND count() >= 0 -- without any aggregate the engine loses the empty grouping set

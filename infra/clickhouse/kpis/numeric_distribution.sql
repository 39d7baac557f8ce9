-- name: Numeric distribution
-- question: In what share of the stores does a product stand on the shelf?
-- formula: #{i: its newest visit that says what stands there names the product} / #{i with such a visit within 365 days}; weighted: the same of Σ revenue of 365 days
-- grain: product × company, region, territory (as published_scopes allows)
-- made: every 10 minutes
-- subject: conduct
-- owner: sales direction
-- caveats: The universe is not all stores, only those where somebody looked in the last year. By present owner and present activity of the
--   account. At the company and in a region a row for each product seen anywhere, in a territory for each seen in its region, also where the
--   numerator is zero. The weight is what the account bought here, not its whole turnover.
-- column product: The product, as visit reports call it
-- column weighted_numerator: Revenue in 365 days of the accounts that hold it, EUR
-- column weighted_denominator: Revenue in 365 days of all accounts of the universe, EUR
-- column weighted_value: weighted_numerator / weighted_denominator
WITH
    -- each shelf stands in its three scopes: with grouping sets the company's rows got lost here (seen in 26.9)
    scoped AS
    (
        SELECT scope.1 AS grain, scope.2 AS region_id, scope.3 AS rep_id, products, net_amount
        FROM (SELECT region_id AS region, rep_id AS rep, products, net_amount FROM shelves)
        ARRAY JOIN [('company', '', ''), ('region', region, ''), ('territory', region, rep)] AS scope
    ),
    universe AS
    (
        SELECT grain, region_id, rep_id, count() AS accounts, sum(net_amount) AS net FROM scoped GROUP BY grain, region_id, rep_id
    ),
    found AS
    (
        SELECT grain, region_id, rep_id, product, count() AS accounts, sum(net_amount) AS net
        FROM scoped ARRAY JOIN products AS product GROUP BY grain, region_id, rep_id, product
    ),
    wanted AS
    (
        SELECT 'territory' AS grain, region_id, product FROM (SELECT region_id, product FROM found WHERE grain = 'region')
        UNION ALL
        SELECT u.grain AS grain, u.region_id AS region_id, p.product AS product
        FROM (SELECT grain, region_id FROM universe WHERE grain != 'territory') AS u CROSS JOIN (SELECT product FROM found WHERE grain = 'company') AS p
    )
SELECT
    w.product AS product, u.grain AS grain, u.region_id AS region_id, u.rep_id AS rep_id,
    (SELECT max(as_of) FROM shelves) AS as_of,
    f.accounts AS numerator,
    u.accounts AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    f.net AS weighted_numerator,
    u.net AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value
FROM universe AS u
INNER JOIN wanted AS w ON u.grain = w.grain AND u.region_id = w.region_id
LEFT JOIN found AS f ON u.grain = f.grain AND u.region_id = f.region_id AND u.rep_id = f.rep_id AND w.product = f.product
WHERE (u.grain, u.region_id, u.rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

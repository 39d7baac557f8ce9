-- name: Opportunities won and lost
-- question: How many deals were created, won and lost, and what share of the decided ones was won?
-- formula: deals won / (won + lost); created, won and lost are distinct opportunities by stage
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- caveats: Region of the account now; a deal lost and won later in the same window is in both counts.
-- column created: Opportunities opened
-- column won: Opportunities won
-- column lost: Opportunities lost
-- column won_amount: Value of the won ones
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    uniqExactIf(opportunity_id, stage = 'open') AS created,
    uniqExactIf(opportunity_id, stage = 'won') AS won,
    uniqExactIf(opportunity_id, stage = 'lost') AS lost,
    ifNull(sumIf(amount, stage = 'won'), 0) AS won_amount,
    won AS numerator,
    won + lost AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, o.opportunity_id AS opportunity_id, o.stage AS stage, o.amount AS amount
    FROM (SELECT * FROM opportunities FINAL) AS o
    CROSS JOIN kpi_windows AS w
    LEFT JOIN accounts_now AS a ON o.account_id = a.account_id
    WHERE o.occurred_at > w.starts_after AND o.occurred_at <= w.as_of
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

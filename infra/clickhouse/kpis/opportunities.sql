-- name: Opportunities won and lost
-- question: How many deals were created, won and lost, and what share of the decided ones was won?
-- formula: deals won / (won + lost); created, won and lost are distinct opportunities by stage
-- grain: window_days × company, region, territory
-- made: every 10 minutes
-- subject: conduct
-- owner: sales direction
-- caveats: By the owner on the day of the stage, and as-is by the present one; region of the account now. A deal lost and won later in the same window is in both counts.
--   What was spent on deals, hours too, is in Cost of an opportunity, by region and not by territory.
-- column created: Opportunities opened
-- column won: Opportunities won
-- column lost: Opportunities lost
-- column won_amount: Value of the won ones
-- column numerator_as_is: Won on accounts the present owner has
-- column denominator_as_is: Won or lost on these accounts
-- column value_as_is: numerator_as_is / denominator_as_is
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    uniqExactIf(opportunity_id, stage = 'open' AND side = 'as_was') AS created,
    uniqExactIf(opportunity_id, stage = 'won' AND side = 'as_was') AS won,
    uniqExactIf(opportunity_id, stage = 'lost' AND side = 'as_was') AS lost,
    ifNull(sumIf(amount, stage = 'won' AND side = 'as_was'), 0) AS won_amount,
    won AS numerator,
    won + lost AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    uniqExactIf(opportunity_id, stage = 'won' AND side = 'as_is') AS numerator_as_is,
    numerator_as_is + uniqExactIf(opportunity_id, stage = 'lost' AND side = 'as_is') AS denominator_as_is,
    numerator_as_is / nullIf(denominator_as_is, 0) AS value_as_is
FROM
(
    SELECT w.window_days AS window_days, d.*
    FROM deals_owned AS d CROSS JOIN kpi_windows AS w
    WHERE d.occurred_at > w.starts_after AND d.occurred_at <= w.as_of
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

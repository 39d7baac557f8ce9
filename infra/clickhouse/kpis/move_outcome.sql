-- name: Effect of a move on revenue
-- question: Do accounts that changed their rep buy less than like ones that did not?
-- formula: Σ revenue_after / Σ revenue_before of the moved - the same of their matched unmoved ones, 30, 90, 180, 365 and 548 days
-- grain: company, region × horizon_days
-- subject: advice
-- owner: sales direction
-- caveats: See move_outcomes. Only moves with matched accounts. The interval is 1.96 standard errors of the mean difference per account; a few moves say little.
-- column horizon_days: 30, 90, 180, 365 or 548 days after the move
-- column moves: Moves that have been long enough ago and have matched accounts
-- column unmatched: Moves that have none
-- column numerator: realised_revenue_eur of the moved accounts: what they bought beyond their matched ones, EUR
-- column denominator: Their revenue before, EUR
-- column value: Share of revenue won (or, negative, lost) by moving
-- column low: Lower end of the interval of the mean effect per account, EUR
-- column high: Upper end, EUR
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, horizon_days,
    (SELECT max(as_of) FROM move_outcomes) AS as_of,
    countIf(controls > 0) AS moves,
    countIf(controls = 0) AS unmatched,
    ifNull(sum(realised_revenue_eur), 0) AS numerator,
    sumIf(revenue_before, controls > 0) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    avg(realised_revenue_eur) - 1.96 * stddevSamp(realised_revenue_eur) / sqrt(moves) AS low,
    avg(realised_revenue_eur) + 1.96 * stddevSamp(realised_revenue_eur) / sqrt(moves) AS high
FROM move_outcomes
GROUP BY GROUPING SETS ((region_id, horizon_days), (horizon_days))

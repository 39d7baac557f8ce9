-- name: Return of moves
-- question: What have moves brought after 12 and 18 months, against what was promised and against what they were priced at?
-- formula: Σ realised / Σ predicted over the moves judged after 365 and 548 days; return_on_price = (Σ realised - Σ price) / Σ price
-- grain: company, region × horizon_days
-- subject: advice
-- owner: finance
-- made: every hour
-- caveats: Realised as in move_outcomes: margin of the revenue beyond matched unmoved accounts, and travel saved. It already holds the revenue that the
--   change itself cost, so return_on_price, which takes off the price of the change as well, errs on the careful side. Only moves whose account is
--   known for as many weeks before as after, and with matched accounts.
-- column horizon_days: 365 or 548 days after the move
-- column numerator: Realised, EUR
-- column denominator: Predicted, EUR
-- column judged: Moves judged
-- column price_eur: What these changes of rep were priced at, once, EUR
-- column return_on_price: (numerator - price_eur) / price_eur; null where nothing was priced
-- column held: Of the moves judged after 18 months, those that had brought more than nothing after 12; null for 12 months
-- column sustained: Of these, those that had brought more than nothing after 18 too; null for 12 months
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, horizon_days,
    (SELECT max(as_of) FROM move_outcomes) AS as_of,
    sum(realised_eur) AS numerator,
    sum(predicted_eur) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    count() AS judged,
    sum(price) AS price_eur,
    (numerator - price_eur) / nullIf(price_eur, 0) AS return_on_price,
    if(horizon_days = 548, countIf(after_a_year > 0), NULL)::Nullable(UInt64) AS held,
    if(horizon_days = 548, countIf(after_a_year > 0 AND realised_eur > 0), NULL)::Nullable(UInt64) AS sustained
FROM
(
    SELECT o.region_id AS region_id, o.horizon_days AS horizon_days, o.realised_eur AS realised_eur, o.predicted_eur AS predicted_eur,
        o.price_eur AS price, y.realised_eur AS after_a_year
    FROM (SELECT * FROM move_outcomes WHERE controls > 0 AND horizon_days IN (365, 548)) AS o
    LEFT JOIN (SELECT change_id, realised_eur FROM move_outcomes WHERE controls > 0 AND horizon_days = 365) AS y ON o.change_id = y.change_id
)
GROUP BY GROUPING SETS ((region_id, horizon_days), (horizon_days))

-- name: Predicted against realised
-- question: Did the suggestions bring what they promised?
-- formula: Σ realised / Σ predicted worth over the moves that were applied, 30, 90, 180, 365 and 548 days after each
-- grain: company, region × horizon_days
-- subject: advice
-- owner: sales direction
-- caveats: See move_outcomes: realised is margin of the revenue beyond matched unmoved accounts, and travel saved; better balance has no realised counterpart, so 1 is not to be expected.
--   Nor is it told how often the realised lies inside the interval of a suggestion: that is of its whole worth in a year, better balance included,
--   and would be missed for a reason that is no error. positive / judged is of what can be judged.
-- column horizon_days: 30, 90, 180, 365 or 548 days after the move
-- column suggestions: Suggestions with a judged move
-- column numerator: Realised, EUR
-- column denominator: Predicted, EUR
-- column positive: Moves that realised more than nothing
-- column judged: Moves judged
-- column travel_numerator: Travel cost saved, EUR
-- column travel_denominator: Travel cost promised to be saved, EUR
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, horizon_days,
    (SELECT max(as_of) FROM move_outcomes) AS as_of,
    uniqExact(suggestion_id) AS suggestions,
    sum(realised_eur) AS numerator,
    sum(predicted_eur) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(realised_eur > 0) AS positive,
    count() AS judged,
    sum(realised_travel_eur) AS travel_numerator,
    sum(predicted_travel_eur) AS travel_denominator
FROM (SELECT * FROM move_outcomes WHERE controls > 0)
GROUP BY GROUPING SETS ((region_id, horizon_days), (horizon_days))

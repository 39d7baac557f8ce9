-- name: Rank correlation of forecasts
-- question: Are the accounts that were said to be worth most really worth most?
-- formula: Spearman's rank correlation of forecast and actual revenue over the accounts, for the newest forecasts whose weeks have all closed
-- grain: company, region × horizon
-- subject: advice
-- owner: data science
-- caveats: No sums: a correlation cannot be added up, so every grain is reckoned from its accounts. Only accounts with a row in every week; null with fewer than two, or where all forecasts are alike. Made anew every hour.
-- column horizon_weeks: 4 or 13 weeks
-- column n: Accounts compared
-- column value: -1 to 1; 1 is the same order
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, horizon_weeks,
    max(as_of) AS as_of,
    count() AS n,
    if(isFinite(rankCorr(forecast_eur, actual_eur)), rankCorr(forecast_eur, actual_eur), NULL) AS value
FROM forecast_ranks
GROUP BY GROUPING SETS ((region_id, horizon_weeks), (horizon_weeks))

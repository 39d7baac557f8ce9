-- name: Under-visited accounts
-- question: What share of the active accounts got clearly fewer visits than planned?
-- formula: #{v_i + 0.5 < n_i} / #{active i}; half a visit forgives rounding
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: In a short window accounts with a low frequency can never count as under-visited. By present owner; as-was each rep's
--   visits are measured against the share of the plan that fell to that rep's days.
-- column missing: Visits that are missing: Σ max(n_i - v_i, 0) over all accounts, without forgiving half a visit
-- column numerator_as_was: Accounts under-visited on the days on which the rep had them
-- column denominator_as_was: Accounts that were the rep's on some day of the window
-- column value_as_was: numerator_as_was / denominator_as_was
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    countIf(made + 0.5 < planned AND side = 'as_is') AS numerator,
    countIf(side = 'as_is') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(greatest(planned - made, 0.0), side = 'as_is') AS missing,
    uniqExactIf(account_id, made + 0.5 < planned AND side = 'as_was') AS numerator_as_was,
    uniqExactIf(account_id, side = 'as_was') AS denominator_as_was,
    numerator_as_was / nullIf(denominator_as_was, 0) AS value_as_was
FROM plan_sides
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

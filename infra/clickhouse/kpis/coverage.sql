-- name: Coverage
-- question: What share of the active accounts was visited in the window?
-- formula: #{active i: v_i >= 1} / #{active i}; weighted: Σ P_i·1[v_i >= 1] / Σ P_i; contacted: the same with calls and video meetings beside visits
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By present owner and present activity of the account, and as-was by each rep who had it on some day of the window, visited on a day of that rep; accounts without a rep count in their region and the company alone (Hole).
-- column weighted_numerator: Potential of the accounts visited, EUR
-- column weighted_denominator: Potential of all active accounts, EUR
-- column weighted_value: Share of the potential visited
-- column contacted_numerator: Accounts visited, called or met by video
-- column contacted_weighted_numerator: Their potential, EUR; divide by weighted_denominator
-- column contacted_value: contacted_numerator / denominator
-- column numerator_as_was: Accounts visited while they were the rep's
-- column denominator_as_was: Accounts that were the rep's on some day of the window
-- column value_as_was: numerator_as_was / denominator_as_was
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    countIf(made >= 1 AND side = 'as_is') AS numerator,
    countIf(side = 'as_is') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(potential_eur, made >= 1 AND side = 'as_is') AS weighted_numerator,
    sumIf(potential_eur, side = 'as_is') AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value,
    countIf(contacts >= 1 AND side = 'as_is') AS contacted_numerator,
    sumIf(potential_eur, contacts >= 1 AND side = 'as_is') AS contacted_weighted_numerator,
    contacted_numerator / nullIf(denominator, 0) AS contacted_value,
    uniqExactIf(account_id, made >= 1 AND side = 'as_was') AS numerator_as_was,
    uniqExactIf(account_id, side = 'as_was') AS denominator_as_was,
    numerator_as_was / nullIf(denominator_as_was, 0) AS value_as_was
FROM plan_sides
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

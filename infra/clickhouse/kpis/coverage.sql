-- name: Coverage
-- question: What share of the active accounts was visited in the window?
-- formula: #{active i: v_i >= 1} / #{active i}; weighted: Σ P_i·1[v_i >= 1] / Σ P_i
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: By present owner and present activity of the account; accounts without a rep count in their region and the company alone (Hole).
-- column weighted_numerator: Potential of the accounts visited, EUR
-- column weighted_denominator: Potential of all active accounts, EUR
-- column weighted_value: Share of the potential visited
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    countIf(made >= 1) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(potential_eur, made >= 1) AS weighted_numerator,
    sum(potential_eur) AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value
FROM plan_windows
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

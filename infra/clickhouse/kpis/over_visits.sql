-- name: Over-visits
-- question: What share of the visits went beyond the plan of their account?
-- formula: Σ max(v_i - n_i, 0) / Σ v_i
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: A visit too many in a short window may be one too few later; read it over 365 days. By present owner; as-was each rep's visits
--   are measured against the share of the plan that fell to that rep's days.
-- column accounts: Accounts that got more visits than planned
-- column numerator_as_was: Visits beyond the share of the plan that fell to the rep's days
-- column denominator_as_was: Visits made while the account was the rep's
-- column value_as_was: numerator_as_was / denominator_as_was
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sumIf(greatest(made - planned, 0.0), side = 'as_is') AS numerator,
    sumIf(made, side = 'as_is') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    countIf(made > planned AND side = 'as_is') AS accounts,
    sumIf(greatest(made - planned, 0.0), side = 'as_was') AS numerator_as_was,
    sumIf(made, side = 'as_was') AS denominator_as_was,
    numerator_as_was / nullIf(denominator_as_was, 0) AS value_as_was
FROM plan_sides
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

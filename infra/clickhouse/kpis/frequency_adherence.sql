-- name: Frequency adherence
-- question: How much of the planned visits was made, when visits beyond an account's plan do not count?
-- formula: Σ min(v_i, n_i) / Σ n_i, with n_i = visits a year · window_days / 365
-- grain: window_days × company, region, territory
-- subject: conduct
-- owner: area manager
-- caveats: Capped per account, or over-visits would hide under-visits. New accounts are measured against a whole window. By present owner; as-was the
--   plan of an account is shared among those who had it, by days, and the visits of each one's days are measured against that share.
-- column numerator_as_was: Visits made while the account was the rep's, capped at the share of its plan
-- column denominator_as_was: Shares of the plans that fell to the rep's days
-- column value_as_was: numerator_as_was / denominator_as_was
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sumIf(least(made, planned), side = 'as_is') AS numerator,
    sumIf(planned, side = 'as_is') AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(least(made, planned), side = 'as_was') AS numerator_as_was,
    sumIf(planned, side = 'as_was') AS denominator_as_was,
    numerator_as_was / nullIf(denominator_as_was, 0) AS value_as_was
FROM plan_sides
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))
HAVING (grain, region_id, rep_id) IN (SELECT grain, region_id, rep_id FROM shown_scopes)

-- name: Changed relations
-- question: How many accounts have another rep than at the start of the window?
-- formula: #{i active at t0 and t1: rep(t0) ≠ rep(t1)} / #{i active at both}; also potential-weighted
-- grain: window_days × company, region
-- subject: accounts
-- owner: sales direction
-- caveats: Two endpoints miss A -> B -> A, so moves are counted too. An account without a rep at t0 had no relation to change. Active at t0 by the latest event up to t0; before the first event, by since.
-- column moves: Changes from one rep to another inside the window
-- column weighted_numerator: Potential of the accounts that changed, EUR
-- column weighted_denominator: Potential of the accounts active at both ends, EUR
-- column weighted_value: Share of the potential that changed rep
-- column budget_share: Share that may move in 90 days by the settings
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM relation_windows) AS as_of,
    countIf(changed) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(potential_eur, changed) AS weighted_numerator,
    sum(potential_eur) AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value,
    sum(relation_windows.moves) AS moves,
    (SELECT move_budget FROM business) AS budget_share
FROM relation_windows
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

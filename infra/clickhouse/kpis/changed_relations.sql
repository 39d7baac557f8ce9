-- name: Changed relations
-- question: How many accounts have another rep than at the start of the window?
-- formula: #{i active at t0 and t1: rep(t0) ≠ rep(t1)} / #{i active at both}; also potential-weighted
-- grain: window_days × company, region
-- owner: sales direction
-- caveats: Two endpoints miss A -> B -> A, so moves are counted too. An account without a rep at t0 had no relation to change. Active at t0 by the latest event up to t0; before the first event, by since.
-- column moves: Changes from one rep to another inside the window
-- column weighted_numerator: Potential of the accounts that changed, EUR
-- column weighted_denominator: Potential of the accounts active at both ends, EUR
-- column weighted_value: Share of the potential that changed rep
-- column budget_share: Share that may move in 90 days by the settings
WITH
    ends AS
    (
        SELECT
            w.window_days AS window_days, a.account_id AS account_id,
            argMaxIf(a.status, (a.occurred_at, a.offset), a.occurred_at <= w.starts_after) AS status_then,
            minIf(a.since, isNotNull(a.since)) AS since,
            any(toDate32(w.starts_after)) AS t0, any(toDate32(w.as_of)) AS t1
        FROM (SELECT * FROM accounts FINAL) AS a CROSS JOIN kpi_windows AS w
        GROUP BY window_days, account_id
    ),
    both AS
    (
        SELECT e.window_days AS window_days, e.account_id AS account_id, p.region_id AS region_id, p.potential_eur AS potential_eur, e.t0 AS t0, e.t1 AS t1
        FROM ends AS e INNER JOIN account_plan AS p ON e.account_id = p.account_id
        WHERE p.active AND (e.status_then = 'active' OR (e.status_then = '' AND e.since <= e.t0))
    ),
    owners AS
    (
        SELECT
            b.window_days AS window_days, b.account_id AS account_id,
            anyIf(h.rep_id, h.valid_from <= b.t0 AND h.valid_to > b.t0) AS rep_then,
            anyIf(h.rep_id, h.valid_from <= b.t1 AND h.valid_to > b.t1) AS rep_now,
            countIf(h.moved AND h.valid_from > b.t0 AND h.valid_from <= b.t1) AS moves
        FROM both AS b INNER JOIN assignments_history AS h ON b.account_id = h.account_id
        GROUP BY window_days, account_id
    )
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(changed) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sumIf(potential_eur, changed) AS weighted_numerator,
    sum(potential_eur) AS weighted_denominator,
    weighted_numerator / nullIf(weighted_denominator, 0) AS weighted_value,
    sum(account_moves) AS moves,
    (SELECT move_budget FROM business) AS budget_share
FROM
(
    SELECT b.window_days AS window_days, b.region_id AS region_id, b.potential_eur AS potential_eur, o.moves AS account_moves,
        o.rep_then != '' AND o.rep_then != o.rep_now AS changed
    FROM both AS b LEFT JOIN owners AS o ON b.window_days = o.window_days AND b.account_id = o.account_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

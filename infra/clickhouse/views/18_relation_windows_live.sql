-- about: What relation_windows is made of: relations of accounts and reps at the two ends of each window
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column rep_then: Owner at the start of the window; empty when there was none
-- column rep_now: Owner at its end; empty when there is none
-- column changed: Whether it had a rep at the start and has another one, or none, at the end
-- column moves: Changes from one rep to another inside the window
WITH
    ends AS
    (
        SELECT
            w.window_days AS window_days, a.account_id AS account_id,
            argMaxIf(a.status, (a.occurred_at, a.offset), a.occurred_at <= w.starts_after) AS status_then,
            minIf(a.since, isNotNull(a.since)) AS since,
            any(toDate32(w.starts_after)) AS t0, any(toDate32(w.as_of)) AS t1
        FROM (SELECT account_id, status, occurred_at, offset, since FROM accounts FINAL) AS a CROSS JOIN kpi_windows AS w
        GROUP BY window_days, account_id
    ),
    both AS
    (
        SELECT e.window_days AS window_days, e.account_id AS account_id, s.region_id AS region_id, s.potential_eur AS potential_eur, e.t0 AS t0, e.t1 AS t1
        FROM ends AS e INNER JOIN account_state AS s ON e.account_id = s.account_id
        WHERE s.active AND (e.status_then = 'active' OR (e.status_then = '' AND e.since <= e.t0))
    ),
    owners AS
    (
        SELECT
            b.window_days AS window_days, b.account_id AS account_id,
            anyIf(toString(h.rep_id), h.valid_from <= b.t0 AND h.valid_to > b.t0) AS rep_then,
            anyIf(toString(h.rep_id), h.valid_from <= b.t1 AND h.valid_to > b.t1) AS rep_now,
            countIf(h.moved AND h.valid_from > b.t0 AND h.valid_from <= b.t1) AS moves
        FROM both AS b INNER JOIN ownership AS h ON b.account_id = h.account_id
        GROUP BY window_days, account_id
    )
SELECT
    b.window_days AS window_days, b.account_id AS account_id, b.region_id AS region_id, b.potential_eur AS potential_eur,
    o.rep_then AS rep_then, o.rep_now AS rep_now, o.rep_then != '' AND o.rep_then != o.rep_now AS changed, o.moves AS moves
FROM both AS b LEFT JOIN owners AS o ON b.window_days = o.window_days AND b.account_id = o.account_id

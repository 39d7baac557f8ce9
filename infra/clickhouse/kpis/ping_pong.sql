-- name: Ping-pong
-- question: What share of the accounts that moved did so more than once?
-- formula: #{i with >= 2 moves in the window} / #{i with >= 1 move}
-- grain: window_days × company, region
-- subject: accounts
-- owner: sales direction
-- caveats: A move is a change from one rep to another, whoever decided it; an undone move counts twice unless it is undone for the same day.
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT max(as_of) FROM ownership) AS as_of,
    countIf(moves >= 2) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, h.account_id AS account_id, h.region_id AS region_id, count() AS moves
    FROM (SELECT region_id, account_id, valid_from FROM ownership WHERE moved) AS h
    CROSS JOIN kpi_windows AS w
    WHERE h.valid_from > toDate32(w.starts_after) AND h.valid_from <= toDate32(w.as_of)
    GROUP BY window_days, account_id, region_id
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))

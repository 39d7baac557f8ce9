-- name: Revenue by segment
-- question: Do A, B and C accounts buy more than in the same window a year ago?
-- formula: R_k(t) / R_k(t - 1 year) - 1, segment frozen at the start of the window
-- grain: window_days × company, region × segment
-- subject: conduct
-- owner: sales direction
-- made: every minute
-- caveats: Segment of the newest week closed before the window; accounts without one then are not in it. A year is 364 days, so that weekdays match.
-- column numerator: Revenue of the window, EUR
-- column denominator: Revenue of the same window 364 days before, EUR
-- column value: numerator / denominator - 1
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, segment,
    (SELECT as_of FROM watermark) AS as_of,
    sumIf(net, at > begins AND at <= ends) AS numerator,
    sumIf(net, at > begins - toIntervalDay(364) AND at <= ends - toIntervalDay(364)) AS denominator,
    numerator / nullIf(denominator, 0) - 1 AS value
FROM
(
    SELECT w.window_days AS window_days, w.begins AS begins, w.ends AS ends, s.segment AS segment, toString(o.region_id) AS region_id, o.at AS at, o.net AS net
    FROM
    (
        SELECT account_id, region_id, occurred_at AS at,
            toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0)) AS net
        FROM orders WHERE occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(730)
    ) AS o
    INNER JOIN
    (
        SELECT w.window_days AS window_days, p.account_id AS account_id, argMax(toString(p.segment), p.week) AS segment
        FROM (SELECT account_id, week, segment FROM potentials WHERE segment != '') AS p
        CROSS JOIN (SELECT window_days, toDate32(starts_after) AS t0 FROM kpi_windows) AS w
        WHERE p.week + 7 <= w.t0
        GROUP BY window_days, account_id
    ) AS s ON o.account_id = s.account_id
    INNER JOIN (SELECT window_days, starts_after AS begins, as_of AS ends FROM kpi_windows) AS w ON s.window_days = w.window_days
)
GROUP BY GROUPING SETS ((window_days, region_id, segment), (window_days, segment))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

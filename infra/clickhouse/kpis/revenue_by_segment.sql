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
WITH
    (SELECT as_of FROM watermark) AS until,
    -- the shortest window a moment lies in, it lies in all longer ones too; 1000 for none
    (at -> multiIf(at > until, 1000, at > until - toIntervalDay(30), 30, at > until - toIntervalDay(90), 90, at > until - toIntervalDay(365), 365, 1000)::UInt16) AS nearest,
    (days -> toDate32(until - toIntervalDay(days))) AS begins,
    sold AS
    (
        -- a few rows an account, so that the windows and segments need not be joined to every order
        SELECT account_id, region_id, nearest(occurred_at) AS now_from, nearest(occurred_at + toIntervalDay(364)) AS ago_from,
            sum(toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0))) AS net
        FROM orders WHERE occurred_at > until - toIntervalDay(730)
        GROUP BY account_id, region_id, now_from, ago_from
    ),
    graded AS
    (
        SELECT account_id, graded_at.1 AS window_days, graded_at.2 AS segment
        FROM
        (
            SELECT account_id, arrayJoin([
                (30, argMaxIf(toString(segment), week, week + 7 <= begins(30))), (90, argMaxIf(toString(segment), week, week + 7 <= begins(90))),
                (365, argMaxIf(toString(segment), week, week + 7 <= begins(365)))]::Array(Tuple(UInt16, String))) AS graded_at
            FROM potentials WHERE segment != '' GROUP BY account_id
        )
        WHERE segment != ''
    )
SELECT
    s.window_days AS window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, toString(o.region_id) AS region_id, s.segment AS segment,
    (SELECT as_of FROM watermark) AS as_of,
    sumIf(o.net, o.now_from <= s.window_days) AS numerator,
    sumIf(o.net, o.ago_from <= s.window_days) AS denominator,
    numerator / nullIf(denominator, 0) - 1 AS value
FROM sold AS o INNER JOIN graded AS s ON o.account_id = s.account_id
GROUP BY GROUPING SETS ((window_days, region_id, segment), (window_days, segment))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

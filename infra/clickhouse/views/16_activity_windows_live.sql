-- about: What activity_windows is made of: orders and visits of each window by account and owner then (as-was), as sums
-- column region_id: Region of the account then
-- column rep_id: Owner on the day of the order or visit; empty when there was none
-- column net_amount: What the orders add to revenue: a return takes back, a cancelled order counts nothing
-- column orders: Distinct orders placed
-- column visits: Visits; one that was reported again counts as it was reported last
-- column blank_visits: Of these, visits that brought nothing: no outcome, and no order of the account on the same day (UTC)
-- column duration_minutes: Time on site, minutes
-- column travel_minutes: Travel to the visits, minutes
-- column travel_km: Travel to the visits, km
-- column visitors: Reps who made the visits
-- column nights: Nights spent away from home for the visits
-- column calls: Calls and video meetings; they are no visits and in none of the other columns
WITH
    (SELECT as_of FROM watermark) AS until,
    -- the shortest window a moment lies in; it lies in all longer ones too
    (at -> multiIf(at > until - toIntervalDay(30), 30, at > until - toIntervalDay(90), 90, 365)::UInt16) AS nearest,
    placed AS
    (
        SELECT DISTINCT account_id, toDate32(occurred_at) AS day FROM orders
        WHERE status = 'placed' AND occurred_at > until - toIntervalDay(366)
            AND (account_id, day) IN (SELECT account_id, toDate32(occurred_at) FROM visits WHERE outcome IN ('', 'none') AND occurred_at > until - toIntervalDay(365))
    ),
    -- sums of the three windows side by side: a window is an element of the arrays, and no set of orders is ever copied
    sold AS
    (
        SELECT
            o.account_id AS account_id, o.region_id AS region_id, h.rep_id AS rep_id,
            [countIf(o.bucket = 30), countIf(o.bucket <= 90), count()] AS seen,
            [sumIf(o.net, o.bucket = 30), sumIf(o.net, o.bucket <= 90), sum(o.net)] AS net_amount,
            [uniqExactIf(o.order_id, o.placed AND o.bucket = 30), uniqExactIf(o.order_id, o.placed AND o.bucket <= 90), uniqExactIf(o.order_id, o.placed)] AS orders
        FROM
        (
            SELECT account_id, region_id, order_id, status = 'placed' AS placed, toDate32(occurred_at) AS day, nearest(occurred_at) AS bucket,
                toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0)) AS net
            FROM orders FINAL WHERE occurred_at > until - toIntervalDay(365) AND occurred_at <= until
        ) AS o
        ASOF LEFT JOIN assignments_history AS h ON o.account_id = h.account_id AND o.day >= h.valid_from
        GROUP BY account_id, region_id, rep_id
    ),
    visited AS
    (
        SELECT
            v.account_id AS account_id, v.region_id AS region_id, h.rep_id AS rep_id, v.bucket AS bucket,
            countIf(v.visit) AS visits,
            countIf(v.visit AND v.outcome IN ('', 'none') AND d.account_id = '') AS blank_visits,
            sumIf(v.duration_minutes, v.visit) AS duration_minutes, sumIf(v.travel_minutes, v.visit) AS travel_minutes,
            sumIf(v.travel_km, v.visit) AS travel_km, groupUniqArrayIf(toString(v.rep_id), v.visit) AS visitors,
            sumIf(v.nights, v.visit) AS nights, countIf(NOT v.visit) AS calls
        FROM
        (
            SELECT account_id, region_id, rep_id, outcome, duration_minutes, travel_minutes, travel_km, nights, channel = 'visit' AS visit,
                toDate32(occurred_at) AS day, nearest(occurred_at) AS bucket
            FROM visits FINAL WHERE status = 'done' AND occurred_at > until - toIntervalDay(365) AND occurred_at <= until
            ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
        ) AS v
        ASOF LEFT JOIN assignments_history AS h ON v.account_id = h.account_id AND v.day >= h.valid_from
        LEFT JOIN placed AS d ON v.account_id = d.account_id AND v.day = d.day
        GROUP BY account_id, region_id, rep_id, bucket
    )
SELECT
    window_days, account_id, toString(region_id) AS region_id, toString(rep_id) AS rep_id,
    sum(net) AS net_amount, sum(o) AS orders,
    sum(v) AS visits, sum(b) AS blank_visits, sum(d) AS duration_minutes, sum(t) AS travel_minutes, sum(km) AS travel_km,
    groupUniqArrayArray(reps) AS visitors, sum(nn) AS nights, sum(c) AS calls
FROM
(
    SELECT w AS window_days, account_id, region_id, rep_id, n AS net, o, 0 AS v, 0 AS b, 0. AS d, 0. AS t, 0. AS km, []::Array(String) AS reps, 0 AS nn, 0 AS c
    FROM sold ARRAY JOIN [30, 90, 365]::Array(UInt16) AS w, seen AS s, net_amount AS n, orders AS o WHERE s > 0
    UNION ALL
    SELECT arrayJoin(arrayFilter(w -> w >= bucket, [30, 90, 365]::Array(UInt16))) AS window_days, account_id, region_id, rep_id, 0., 0,
        visits, blank_visits, duration_minutes, travel_minutes, travel_km, visitors, nights, calls
    FROM visited
)
GROUP BY window_days, account_id, region_id, rep_id

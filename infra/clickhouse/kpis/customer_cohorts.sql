-- name: Customer cohorts
-- question: What did the customers won in a month cost until their first order, and what have they brought since, month by month?
-- formula: Σ cost of visits before the first order / #new customers, and margin of orders since, by months from the month of the first order
-- grain: cohort × company, region × segment × lag_months
-- subject: conduct
-- owner: finance
-- made: every 10 minutes
-- caveats: Only visits to accounts that were won: what went to prospects who never ordered is in Acquisition cost, and so is marketing. Lags from -12 on, and only
--   months that have ended; cohorts of the last 24 such months. Segment and region of the account now. Add up numerator and
--   margin_eur over lags, never customers. Unit costs and margin share of today. The margin does not bear the visits after the first order.
--   Nothing is shifted by a cycle: a cost stands in the month in which it was spent, so the lags show how long before the order that was.
-- column cohort: Month of the first order, by its first day
-- column lag_months: Calendar months from the month of the first order: -2 is two months before, 0 the month itself
-- column numerator: Cost in that month of visits before the first order, EUR
-- column denominator: Customers of the cohort, the same at every lag
-- column value: numerator / denominator, EUR a customer
-- column margin_eur: Margin of their net orders in that month, EUR
WITH
    (SELECT toStartOfMonth(toDate32(as_of)) FROM watermark) AS present_month,
    firsts AS
    (
        SELECT f.account_id AS account_id, f.first AS first, toStartOfMonth(toDate32(f.first)) AS cohort, toString(s.region_id) AS region_id, toString(s.segment) AS segment
        FROM (SELECT account_id, min(occurred_at) AS first FROM orders WHERE status = 'placed' GROUP BY account_id) AS f
        INNER JOIN account_state AS s ON f.account_id = s.account_id
        WHERE cohort >= present_month - toIntervalMonth(24) AND cohort < present_month
    ),
    spent AS
    (
        SELECT f.account_id AS account_id, dateDiff('month', f.cohort, toStartOfMonth(toDate32(v.occurred_at))) AS lag,
            sum(v.minutes / 60 * (SELECT per_hour FROM business) + v.travel_km * (SELECT per_km FROM business) + v.nights * (SELECT per_night FROM business)) AS cost
        FROM
        (
            SELECT account_id, occurred_at, duration_minutes + travel_minutes AS minutes, travel_km, nights FROM visits FINAL
            WHERE status = 'done' AND channel = 'visit' AND occurred_at >= present_month - toIntervalMonth(36) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
        ) AS v
        INNER JOIN firsts AS f ON v.account_id = f.account_id
        WHERE v.occurred_at < f.first
        GROUP BY account_id, lag
    ),
    earned AS
    (
        SELECT f.account_id AS account_id, dateDiff('month', f.cohort, toStartOfMonth(toDate32(o.occurred_at))) AS lag,
            sum(o.net) * (SELECT margin_share FROM business) AS margin
        FROM
        (
            SELECT account_id, occurred_at, toFloat64(multiIf(status = 'placed', amount, status = 'returned', -abs(amount), 0)) AS net
            FROM orders FINAL WHERE occurred_at >= present_month - toIntervalMonth(24) AND occurred_at < present_month
        ) AS o
        INNER JOIN firsts AS f ON o.account_id = f.account_id
        GROUP BY account_id, lag
    )
SELECT
    cohort, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, segment, lag AS lag_months,
    (SELECT as_of FROM watermark) AS as_of,
    sum(cost) AS numerator,
    count() AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sum(margin) AS margin_eur
FROM
(
    SELECT f.cohort AS cohort, f.region_id AS region_id, f.segment AS segment, f.lag AS lag, ifNull(s.cost, 0) AS cost, ifNull(e.margin, 0) AS margin
    FROM
    (
        -- every customer stands at every lag, so that a cohort's customers are the same at each
        SELECT *, arrayJoin(range(-12, toInt64(dateDiff('month', cohort, present_month)))) AS lag FROM firsts
    ) AS f
    LEFT JOIN spent AS s ON f.account_id = s.account_id AND f.lag = s.lag
    LEFT JOIN earned AS e ON f.account_id = e.account_id AND f.lag = e.lag
)
GROUP BY GROUPING SETS ((cohort, region_id, segment, lag), (cohort, segment, lag))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

-- name: Acquisition by source
-- question: What does a customer cost who came from each source of deals, and how long does it take until the first order?
-- formula: (Σ cost of visits before the first order + marketing of the source) / #new customers of the source
-- grain: window_days × company × source
-- made: every 10 minutes
-- subject: conduct
-- owner: marketing
-- caveats: New is an account whose first order lies in the window; its source is that of its first lead or deal, if that came before the order, else
--   empty. The cost of visits is that of its own visits of the two years before the watermark, however long before the window they were made: so
--   it is lagged by the cycle of the customer itself. Visits to prospects who never ordered are in Acquisition cost. Marketing is that of
--   cost.marketing_by_source; what is spent on none of these (cost.marketing_per_month) is in Acquisition cost alone. Unit costs of today.
-- column source: Where the customer came from; empty is unknown
-- column marketing_eur: Marketing of the source in the window, EUR; part of numerator
-- column median_cycle_days: Median days from the first lead or deal to the first order, of customers with a source
WITH
    (SELECT as_of FROM watermark) AS until,
    (SELECT marketing_by_source FROM business) AS marketing,
    firsts AS
    (
        SELECT f.account_id AS account_id, f.first AS first, s.account_id != '' AND s.began_at <= f.first AS led,
            if(led, s.source, '') AS source, if(led, dateDiff('second', s.began_at, f.first) / 86400, NULL) AS cycle
        FROM (SELECT account_id, min(occurred_at) AS first FROM orders WHERE status = 'placed' GROUP BY account_id) AS f
        LEFT JOIN
        (
            SELECT account_id, argMin(toString(source), occurred_at) AS source, min(occurred_at) AS began_at FROM opportunities GROUP BY account_id
        ) AS s ON f.account_id = s.account_id
        WHERE f.first > until - toIntervalDay(365) AND f.first <= until
    ),
    spent AS
    (
        SELECT f.account_id AS account_id,
            sum(v.minutes / 60 * (SELECT per_hour FROM business) + v.travel_km * (SELECT per_km FROM business) + v.nights * (SELECT per_night FROM business)) AS cost
        FROM
        (
            SELECT account_id, occurred_at, duration_minutes + travel_minutes AS minutes, travel_km, nights FROM visits FINAL
            WHERE status = 'done' AND channel = 'visit' AND occurred_at > until - toIntervalDay(730)
            ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
        ) AS v
        INNER JOIN firsts AS f ON v.account_id = f.account_id
        WHERE v.occurred_at < f.first
        GROUP BY account_id
    )
SELECT
    window_days, 'company' AS grain, source,
    (SELECT as_of FROM watermark) AS as_of,
    sum(cost) + marketing_eur AS numerator,
    sum(customers) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    marketing[source] * 12 * window_days / 365 AS marketing_eur,
    quantileExactInclusiveOrNullIf(0.5)(assumeNotNull(cycle), isNotNull(cycle)) AS median_cycle_days
FROM
(
    SELECT w.window_days AS window_days, f.source AS source, ifNull(s.cost, 0) AS cost, 1::UInt64 AS customers, f.cycle AS cycle
    FROM firsts AS f
    LEFT JOIN spent AS s ON f.account_id = s.account_id
    CROSS JOIN (SELECT window_days, starts_after FROM kpi_windows) AS w
    WHERE f.first > w.starts_after
    UNION ALL
    -- what a source costs is told also while it brings nobody
    SELECT window_days, arrayJoin(mapKeys(marketing)) AS source, 0. AS cost, 0::UInt64 AS customers, NULL AS cycle FROM kpi_windows
)
GROUP BY window_days, source
HAVING ('company', '') IN (SELECT grain, region_id FROM shown_scopes)

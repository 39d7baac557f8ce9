-- name: Acquisition cost
-- question: What does a new customer cost?
-- formula: (Σ rep time before the first order·c_h + Σ km·c_km + Σ nights·c_n + marketing) / #new customers
-- grain: window_days × company, region
-- subject: conduct
-- owner: finance
-- made: every minute
-- caveats: New is an account whose first order lies in the window. Time is that of all visits of the window to accounts that had not ordered yet, won or not. marketing (cost.marketing_per_month, and of all sources together cost.marketing_by_source) is shared by new customers in the company row and counted in no region.
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    sum(cost) + if(grain = 'company', (ifNull((SELECT marketing_per_month FROM business), 0) + (SELECT arraySum(mapValues(marketing_by_source)) FROM business)) * 12 * window_days / 365, 0) AS numerator,
    sum(customers) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT w.window_days AS window_days, v.region_id AS region_id,
        v.minutes / 60 * (SELECT per_hour FROM business) + v.travel_km * (SELECT per_km FROM business) + v.nights * (SELECT per_night FROM business) AS cost, 0 AS customers
    FROM (
        SELECT account_id, toString(region_id) AS region_id, occurred_at, duration_minutes + travel_minutes AS minutes, travel_km, nights FROM visits FINAL
        WHERE status = 'done' AND channel = 'visit' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(365) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    ) AS v
    LEFT JOIN (SELECT account_id, min(occurred_at) AS first FROM orders WHERE status = 'placed' GROUP BY account_id) AS o ON v.account_id = o.account_id
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    WHERE v.occurred_at > w.starts_after AND v.occurred_at <= w.ends AND (o.account_id = '' OR v.occurred_at < o.first)
    UNION ALL
    SELECT w.window_days AS window_days, o.region_id AS region_id, 0. AS cost, 1 AS customers
    FROM (SELECT account_id, toString(any(region_id)) AS region_id, min(occurred_at) AS first FROM orders WHERE status = 'placed' GROUP BY account_id) AS o
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    WHERE o.first > w.starts_after AND o.first <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

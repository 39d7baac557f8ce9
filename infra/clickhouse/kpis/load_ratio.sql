-- name: Load ratio
-- question: Can each rep really make the planned visits?
-- formula: Σ n_i·(dur_i + travel_i) / cap_s(W); feasible if at most 1
-- grain: window_days × company, region, territory
-- owner: sales operations
-- caveats: travel_i is the mean travel per visit measured on the account over 365 days, else of its region, else of the company, else 0; cap_s(W) is field hours of a year times W / 365. A plan figure: published for every territory.
WITH
    per_account AS (SELECT account_id, sum(travel_minutes) / count() AS minutes FROM visit_windows WHERE window_days = 365 GROUP BY account_id),
    per_region AS (SELECT region_id, sum(travel_minutes) / count() AS minutes FROM visit_windows WHERE window_days = 365 GROUP BY region_id),
    (SELECT sum(travel_minutes) / nullIf(count(), 0) FROM visit_windows WHERE window_days = 365) AS company_minutes,
    work AS
    (
        SELECT
            w.window_days AS window_days, w.rep_id AS rep_id,
            sum(w.planned * (w.visit_minutes + multiIf(a.account_id != '', a.minutes, r.region_id != '', r.minutes, ifNull(company_minutes, 0)))) / 60 AS hours
        FROM account_windows AS w
        LEFT JOIN per_account AS a ON w.account_id = a.account_id
        LEFT JOIN per_region AS r ON w.region_id = r.region_id
        GROUP BY window_days, rep_id
    )
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT as_of FROM watermark) AS as_of,
    sum(hours) AS numerator,
    sum(capacity) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT t.window_days AS window_days, t.region_id AS region_id, t.rep_id AS rep_id, t.capacity_hours * t.window_days / 365 AS capacity, work.hours AS hours
    FROM (SELECT * FROM territories CROSS JOIN kpi_windows) AS t
    LEFT JOIN work ON t.window_days = work.window_days AND t.rep_id = work.rep_id
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))

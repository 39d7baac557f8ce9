-- name: Load ratio
-- question: Can each rep really make the planned visits?
-- formula: Σ n_i·(dur_i + travel_i) / cap_s(W); feasible if at most 1
-- grain: window_days × company, region, territory
-- subject: territories
-- owner: sales operations
-- caveats: travel_i is the mean travel per visit measured on the account over 365 days, else of its region, else of the company, else 0; cap_s(W) is field hours of a year times W / 365. A plan figure: published for every territory.
SELECT
    window_days,
    multiIf(grouping(region_id) = 1, 'company', grouping(rep_id) = 1, 'region', 'territory') AS grain, region_id, rep_id,
    (SELECT max(as_of) FROM plan_windows) AS as_of,
    sum(hours) AS numerator,
    sum(capacity) AS denominator,
    numerator / nullIf(denominator, 0) AS value
FROM
(
    SELECT t.window_days AS window_days, t.region_id AS region_id, t.rep_id AS rep_id, t.capacity_hours * t.window_days / 365 AS capacity, work.hours AS hours
    FROM (SELECT *, arrayJoin([30, 90, 365]::Array(UInt16)) AS window_days FROM territory_state) AS t
    LEFT JOIN
    (
        SELECT window_days, rep_id, sum(planned * (visit_minutes + visit_travel_minutes)) / 60 AS hours
        FROM plan_windows GROUP BY window_days, rep_id
    ) AS work ON t.window_days = work.window_days AND t.rep_id = work.rep_id
)
GROUP BY GROUPING SETS ((window_days, region_id, rep_id), (window_days, region_id), (window_days))

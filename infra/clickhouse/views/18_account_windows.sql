-- about: Each active account and window: visits made against visits planned
-- column rep_id: Present owner; empty when there is none
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column visit_minutes: Planned duration of a visit, minutes
-- column planned: Visits the window should have seen: visits a year times window_days / 365
-- column made: Visits made in the window
-- column travel_minutes: Travel to them, minutes
SELECT
    p.window_days AS window_days, p.account_id AS account_id, p.region_id AS region_id, p.rep_id AS rep_id, p.segment AS segment,
    p.potential_eur AS potential_eur, p.visit_minutes AS visit_minutes,
    p.visits_per_year * p.window_days / 365 AS planned,
    toFloat64(v.made) AS made, v.travel AS travel_minutes
FROM (SELECT * FROM account_plan CROSS JOIN kpi_windows WHERE active) AS p
LEFT JOIN
(
    SELECT window_days, account_id, count() AS made, sum(travel_minutes) AS travel FROM visit_windows GROUP BY window_days, account_id
) AS v ON p.window_days = v.window_days AND p.account_id = v.account_id

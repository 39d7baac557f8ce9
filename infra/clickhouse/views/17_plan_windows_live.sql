-- about: What plan_windows is made of: each active account and window, visits made against visits planned
-- column rep_id: Present owner; empty when there is none
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column visit_minutes: Planned duration of a visit, minutes
-- column planned: Visits the window should have seen: visits a year times window_days / 365
-- column made: Visits made in the window
-- column contacts: Visits, calls and video meetings of the window
-- column net_amount: Revenue of the window, EUR
-- column visit_travel_minutes: Travel to a visit: mean of the account over 365 days, else of its region, else of the company, else 0
WITH
    done AS
    (
        SELECT window_days, account_id, sum(visits) AS made, sum(visits + calls) AS contacts, sum(net_amount) AS net FROM activity_windows GROUP BY window_days, account_id
    ),
    travel AS
    (
        SELECT account_id, sum(travel_minutes) / sum(visits) AS minutes FROM activity_windows WHERE window_days = 365 AND visits > 0 GROUP BY account_id
    ),
    region_travel AS
    (
        SELECT region_id, sum(travel_minutes) / sum(visits) AS minutes FROM activity_windows WHERE window_days = 365 AND visits > 0 GROUP BY region_id
    ),
    ifNull((SELECT sum(travel_minutes) / nullIf(sum(visits), 0) FROM activity_windows WHERE window_days = 365), 0) AS company_minutes
SELECT
    s.window_days AS window_days, s.account_id AS account_id, s.region_id AS region_id, s.rep_id AS rep_id, s.segment AS segment,
    s.potential_eur AS potential_eur, s.visit_minutes AS visit_minutes, s.visits_per_year * s.window_days / 365 AS planned,
    toFloat64(d.made) AS made, toFloat64(d.contacts) AS contacts, d.net AS net_amount,
    multiIf(t.account_id != '', t.minutes, r.region_id != '', r.minutes, company_minutes) AS visit_travel_minutes
FROM (SELECT *, arrayJoin([30, 90, 365]::Array(UInt16)) AS window_days FROM account_state WHERE active) AS s
LEFT JOIN done AS d ON s.window_days = d.window_days AND s.account_id = d.account_id
LEFT JOIN travel AS t ON s.account_id = t.account_id
LEFT JOIN region_travel AS r ON s.region_id = r.region_id

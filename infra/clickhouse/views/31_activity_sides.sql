-- about: Orders and visits of each window twice: by who owned the account then (as-was), and by who owns it now (as-is)
-- column side: as_was or as_is; rows of both sides tell the same orders and visits and must not be added
-- column region_id: Region of the account then, or its present one
-- column rep_id: Owner on the day of the order or visit, or the present one; empty when there was or is none
-- column net_amount: What the orders add to revenue: a return takes back, a cancelled order counts nothing
-- column orders: Distinct orders placed
-- column visits: Visits
-- column blank_visits: Of these, visits that brought nothing
-- column duration_minutes: Time on site, minutes
-- column travel_minutes: Travel to the visits, minutes
-- column travel_km: Travel to the visits, km
-- column nights: Nights spent away from home for the visits
SELECT
    'as_was' AS side, window_days, account_id, toString(region_id) AS region_id, toString(rep_id) AS rep_id, net_amount, orders, visits,
    blank_visits, duration_minutes, travel_minutes, travel_km, nights
FROM activity_windows
UNION ALL
SELECT
    'as_is' AS side, a.window_days AS window_days, a.account_id AS account_id,
    toString(if(s.account_id = '', a.region_id, s.region_id)) AS region_id, toString(s.rep_id) AS rep_id, a.net_amount AS net_amount,
    a.orders AS orders, a.visits AS visits, a.blank_visits AS blank_visits, a.duration_minutes AS duration_minutes,
    a.travel_minutes AS travel_minutes, a.travel_km AS travel_km, a.nights AS nights
FROM activity_windows AS a LEFT JOIN account_state AS s ON a.account_id = s.account_id

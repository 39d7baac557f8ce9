-- about: The visits of each window, see visits_owned
-- column visit_id: The visit in the system of the company
-- column rep_id: Owner on the day of the visit
-- column visited_by: The rep who made the visit
-- column duration_minutes: Time on site, minutes
-- column travel_minutes: Travel to the visit, minutes
-- column travel_km: Travel to the visit, km
-- column blank: Whether it brought nothing
SELECT w.window_days AS window_days, v.visit_id AS visit_id, v.account_id AS account_id, v.region_id AS region_id, v.rep_id AS rep_id,
    v.visited_by AS visited_by, v.duration_minutes AS duration_minutes, v.travel_minutes AS travel_minutes,
    v.travel_km AS travel_km, v.blank AS blank
FROM visits_owned AS v CROSS JOIN kpi_windows AS w
WHERE v.occurred_at > w.starts_after AND v.occurred_at <= w.as_of

-- about: Visits made (neither calls nor video meetings, nor what was moved or cancelled) with the rep who owned the account then; the territory of a visit is the owner's, whoever drove
-- column visit_id: The visit in the system of the company
-- column occurred_at: Start of the visit (UTC)
-- column rep_id: Owner on the day of the visit; empty when there was none
-- column visited_by: The rep who made the visit
-- column duration_minutes: Time on site, minutes
-- column travel_minutes: Travel to the visit, minutes
-- column travel_km: Travel to the visit, km
-- column outcome: What the visit brought
-- column blank: Whether it brought nothing: no outcome, and no order of the account on the same day (UTC)
SELECT
    v.visit_id AS visit_id, v.account_id AS account_id, v.occurred_at AS occurred_at, toString(v.region_id) AS region_id,
    h.rep_id AS rep_id, toString(v.rep_id) AS visited_by, v.duration_minutes AS duration_minutes,
    v.travel_minutes AS travel_minutes, v.travel_km AS travel_km, v.outcome AS outcome,
    v.outcome IN ('', 'none') AND d.orders = 0 AS blank
FROM (SELECT *, toDate32(occurred_at) AS day FROM visits FINAL WHERE status = 'done' AND channel = 'visit' ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id) AS v
ASOF LEFT JOIN assignments_history AS h ON v.account_id = h.account_id AND v.day >= h.valid_from
LEFT JOIN
(
    SELECT account_id, toDate32(occurred_at) AS day, count() AS orders FROM orders WHERE status = 'placed' GROUP BY account_id, day
) AS d ON v.account_id = d.account_id AND v.day = d.day

-- about: How far the data has come, in event time; KPI windows end here, because replayed history is not now
-- column as_of: The newest of orders, visits and potentials (UTC)
-- column newest_order: The newest order (UTC)
-- column newest_visit: The newest visit (UTC)
-- column closed_week: The newest closed week that has potentials
SELECT
    greatest(newest_order, newest_visit, newest_result) AS as_of,
    newest_order,
    newest_visit,
    closed_week
FROM
    (SELECT max(occurred_at) AS newest_order FROM orders) AS o,
    (SELECT max(occurred_at) AS newest_visit FROM visits) AS v,
    (SELECT max(as_of) AS newest_result, max(week) AS closed_week FROM potentials_newest) AS p

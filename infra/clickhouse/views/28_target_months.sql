-- about: Each rep and month with a target, of the twelve whole calendar months that ended last: what was expected, and what was
--   sold and visited in the territory as it was then
-- made: every minute
-- column region_id: Present region of the rep; empty for one nobody has told of
-- column months_back: 1 is the month that ended last
-- column month: First day of the calendar month
-- column quota: Revenue expected; null where none was set
-- column planned: Visits planned; null where none were
-- column sold: Revenue of the month by owner on the day of the order: a return takes back, a cancelled order counts nothing
-- column visits: Visits of the month by owner of the account on the day, whoever made them; one that was reported again counts once
-- column as_of: Watermark it was reckoned at (UTC)
WITH
    (SELECT as_of FROM watermark) AS until,
    toStartOfMonth(toDate32(until)) AS present_month,
    wanted AS
    (
        SELECT rep_id, month, quota, planned FROM targets_now
        WHERE month < present_month AND month >= present_month - toIntervalMonth(12)
    )
SELECT
    r.region_id AS region_id, w.rep_id AS rep_id, dateDiff('month', w.month, present_month) AS months_back, w.month AS month,
    w.quota AS quota, w.planned AS planned, s.net AS sold, v.visits AS visits, until AS as_of
FROM wanted AS w
LEFT JOIN reps_now AS r ON w.rep_id = r.rep_id
LEFT JOIN
(
    SELECT
        toString(h.rep_id) AS rep_id, toStartOfMonth(o.day) AS month,
        sum(toFloat64(multiIf(o.status = 'placed', o.amount, o.status = 'returned', -abs(o.amount), 0))) AS net
    FROM
    (
        SELECT account_id, status, amount, toDate32(occurred_at) AS day FROM orders FINAL
        WHERE occurred_at >= present_month - toIntervalMonth(12) AND occurred_at < present_month
    ) AS o
    ASOF LEFT JOIN assignments_history AS h ON o.account_id = h.account_id AND o.day >= h.valid_from
    GROUP BY rep_id, month
) AS s ON w.rep_id = s.rep_id AND w.month = s.month
LEFT JOIN
(
    SELECT toString(h.rep_id) AS rep_id, toStartOfMonth(n.day) AS month, count() AS visits
    FROM
    (
        SELECT account_id, toDate32(occurred_at) AS day FROM visits FINAL
        WHERE occurred_at >= present_month - toIntervalMonth(12) AND occurred_at < present_month
        ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    ) AS n
    ASOF LEFT JOIN assignments_history AS h ON n.account_id = h.account_id AND n.day >= h.valid_from
    GROUP BY rep_id, month
) AS v ON w.rep_id = v.rep_id AND w.month = v.month

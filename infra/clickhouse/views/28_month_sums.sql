-- about: What each rep's territory, as it was then, sold and saw in each of the twelve whole calendar months that ended last
-- made: every 10 minutes
-- column month: First day of the calendar month
-- column sold: Revenue of the month by owner on the day of the order: a return takes back, a cancelled order counts nothing
-- column visits: Visits of the month by owner of the account on the day, whoever made them; one that was reported again counts once
-- column moved: Visits planned for a day of the month that were moved to another, by owner of the account on that day
-- column cancelled: Visits planned for a day of the month that were cancelled
-- column as_of: Watermark it was reckoned at (UTC)
WITH
    (SELECT as_of FROM watermark) AS until,
    toStartOfMonth(toDate32(until)) AS present_month
SELECT toString(rep_id) AS rep_id, month, sum(net) AS sold, sum(seen) AS visits, sum(shifted) AS moved, sum(dropped) AS cancelled, until AS as_of
FROM
(
    SELECT h.rep_id AS rep_id, toStartOfMonth(o.day) AS month,
        sum(toFloat64(multiIf(o.status = 'placed', o.amount, o.status = 'returned', -abs(o.amount), 0))) AS net, 0::UInt64 AS seen, 0::UInt64 AS shifted, 0::UInt64 AS dropped
    FROM
    (
        SELECT account_id, status, amount, toDate32(occurred_at) AS day FROM orders FINAL
        WHERE occurred_at >= present_month - toIntervalMonth(12) AND occurred_at < present_month
    ) AS o
    ASOF LEFT JOIN assignments_history AS h ON o.account_id = h.account_id AND o.day >= h.valid_from
    GROUP BY rep_id, month
    UNION ALL
    SELECT h.rep_id AS rep_id, toStartOfMonth(n.day) AS month, 0. AS net,
        countIf(n.status = 'done') AS seen, countIf(n.status = 'moved') AS shifted, countIf(n.status = 'cancelled') AS dropped
    FROM
    (
        -- what was moved or cancelled takes back no visit, so each is counted by itself
        SELECT account_id, status, toDate32(occurred_at) AS day FROM visits FINAL
        WHERE channel = 'visit' AND occurred_at >= present_month - toIntervalMonth(12) AND occurred_at < present_month
        ORDER BY visit_id, status, occurred_at DESC LIMIT 1 BY visit_id, status
    ) AS n
    ASOF LEFT JOIN assignments_history AS h ON n.account_id = h.account_id AND n.day >= h.valid_from
    GROUP BY rep_id, month
)
GROUP BY rep_id, month

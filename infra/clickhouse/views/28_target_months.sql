-- about: Each rep and month with a target, of the twelve whole calendar months that ended last: what was expected, and what was
--   sold and visited in the territory as it was then
-- column region_id: Present region of the rep; empty for one nobody has told of
-- column months_back: 1 is the month that ended last
-- column month: First day of the calendar month
-- column quota: Revenue expected; null where none was set
-- column planned: Visits planned; null where none were
-- column sold: Revenue of the month by owner on the day of the order: a return takes back, a cancelled order counts nothing
-- column visits: Visits of the month by owner of the account on the day, whoever made them; one that was reported again counts once
-- column moved: Visits planned for a day of the month that were moved to another
-- column cancelled: Visits planned for a day of the month that were cancelled
-- column as_of: Watermark it was reckoned at (UTC)
WITH
    -- a month that has ended since the sums were made is not told before they are made anew
    ifNull((SELECT max(as_of) FROM month_sums), (SELECT as_of FROM watermark)) AS until,
    toStartOfMonth(toDate32(until)) AS present_month,
    wanted AS
    (
        SELECT rep_id, month, quota, planned FROM targets_now
        WHERE month < present_month AND month >= present_month - toIntervalMonth(12)
    )
SELECT
    r.region_id AS region_id, w.rep_id AS rep_id, dateDiff('month', w.month, present_month) AS months_back, w.month AS month,
    w.quota AS quota, w.planned AS planned, s.sold AS sold, s.visits AS visits, s.moved AS moved, s.cancelled AS cancelled, until AS as_of
FROM wanted AS w
LEFT JOIN reps_now AS r ON w.rep_id = r.rep_id
LEFT JOIN month_sums AS s ON w.rep_id = s.rep_id AND w.month = s.month

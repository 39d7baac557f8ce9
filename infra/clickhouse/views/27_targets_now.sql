-- about: What is expected of each rep's territory in each month, as the latest event says
-- column month: First day of the calendar month
-- column quota: Revenue expected; null where none was set
-- column planned: Visits planned; null where none were
SELECT toString(rep_id) AS rep_id, month, toFloat64(revenue) AS quota, visits AS planned, occurred_at
FROM targets FINAL
ORDER BY rep_id, month, occurred_at DESC, offset DESC
LIMIT 1 BY rep_id, month

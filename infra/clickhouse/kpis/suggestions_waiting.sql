-- name: Suggestions waiting
-- question: How many suggestions wait for a manager, and how long has the oldest waited?
-- formula: #{suggestions whose present state is proposed}
-- grain: company, region
-- subject: advice
-- owner: area manager
-- caveats: Snoozed ones are apart: they wait for their day. Days are counted to the watermark.
-- column value: Suggestions proposed and not decided
-- column snoozed: Suggestions put off by a manager
-- column worth_eur: What the waiting ones would earn, EUR a year
-- column oldest_days: Days since the oldest waiting one was made
SELECT
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    countIf(status = 'proposed') AS value,
    countIf(status = 'snoozed') AS snoozed,
    sumIf(worth, status = 'proposed') AS worth_eur,
    maxOrNullIf(dateDiff('day', created_on, toDate32((SELECT as_of FROM watermark))), status = 'proposed') AS oldest_days
FROM (SELECT region_id, status, worth_eur AS worth, created_on FROM suggestions_now)
GROUP BY GROUPING SETS ((region_id), ())
HAVING count() >= 0 -- without any aggregate the engine loses the empty grouping set

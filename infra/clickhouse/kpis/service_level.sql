-- name: Service level
-- question: How many customers know one person here, and how many requests are answered in time?
-- formula: #{i visited by one rep alone} / #{visited i}; answered: #{leads and deals visited within 14 days} / #{leads and deals older than 14 days}
-- grain: window_days × company, region
-- subject: conduct
-- owner: sales direction
-- caveats: The one contact is the rep who visits; a change of owner inside the window brings a second one, so this falls when accounts move
--   (its complement is Overlap). Requests are leads and deals alone, by the numbers of Access time, whose window ends 14 days before the watermark.
-- column answered_numerator: Leads and deals whose account was visited within 14 days
-- column answered_denominator: Leads and deals older than 14 days
-- column answered_value: answered_numerator / answered_denominator
SELECT
    o.window_days AS window_days, o.grain AS grain, o.region_id AS region_id, o.as_of AS as_of,
    o.denominator - o.numerator AS numerator,
    o.denominator AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    a.numerator AS answered_numerator, a.denominator AS answered_denominator,
    answered_numerator / nullIf(answered_denominator, 0) AS answered_value
FROM kpi_overlap AS o
LEFT JOIN kpi_access_time AS a ON o.window_days = a.window_days AND o.grain = a.grain AND o.region_id = a.region_id
WHERE (o.grain, o.region_id, '') IN (SELECT grain, region_id, rep_id FROM shown_scopes)

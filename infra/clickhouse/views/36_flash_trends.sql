-- about: The past of the flash page, company: each figure over 90 days that end every four weeks, or on these days; figures of
--   conduct only where shown_scopes has the company
-- made: every 10 minutes
-- column name: The figure, as on the flash page
-- column ends_on: The day it speaks of
-- column value: The figure on that day; null where it had none
-- column as_of: Watermark it was reckoned at (UTC)
WITH
    (SELECT as_of FROM watermark) AS until,
    ends AS (SELECT arrayJoin(range(7)) AS back, until - toIntervalDay(28 * back) AS t1, t1 - toIntervalDay(90) AS t0),
    made AS
    (
        -- of each visit its newest version, wherever that one lies
        SELECT e.back AS back, v.*
        FROM (SELECT account_id, occurred_at, travel_minutes, travel_km, nights, duration_minutes FROM visits FINAL WHERE status = 'done' AND channel = 'visit' ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id) AS v
        CROSS JOIN ends AS e
        WHERE v.occurred_at > e.t0 AND v.occurred_at <= e.t1
    ),
    planned AS
    (
        SELECT p.back AS back, p.potential_eur AS potential_eur, p.planned AS planned, v.visits AS visits
        FROM (SELECT back, account_id, potential_eur, visits_per_year * 90 / 365 AS planned FROM account_state ARRAY JOIN range(7) AS back WHERE active) AS p
        LEFT JOIN (SELECT back, account_id, count() AS visits FROM made GROUP BY back, account_id) AS v ON p.account_id = v.account_id AND p.back = v.back
    ),
    relations AS
    (
        SELECT
            e.back AS back, h.account_id AS account_id,
            anyIf(toString(h.rep_id), h.valid_from <= toDate32(e.t0) AND h.valid_to > toDate32(e.t0)) AS rep_then,
            anyIf(toString(h.rep_id), h.valid_from <= toDate32(e.t1) AND h.valid_to > toDate32(e.t1)) AS rep_now
        FROM ownership AS h
        INNER JOIN (SELECT account_id FROM account_state WHERE active) AS s ON h.account_id = s.account_id
        INNER JOIN (SELECT account_id, least(min(toDate32(occurred_at)), ifNull(min(since), toDate32('2299-12-31'))) AS first_day FROM accounts FINAL GROUP BY account_id) AS a ON h.account_id = a.account_id
        CROSS JOIN ends AS e
        WHERE a.first_day <= toDate32(e.t0)
        GROUP BY back, account_id
    ),
    advice AS
    (
        SELECT e.back AS back, s.suggestion_id AS suggestion_id, argMaxIf(toString(s.status), s.revision, s.as_of <= e.t1) AS status
        FROM (SELECT suggestion_id, revision, status, as_of FROM suggestions FINAL) AS s CROSS JOIN ends AS e
        GROUP BY back, suggestion_id
    ),
    weeks AS
    (
        SELECT week, rep_id, sum(potential_eur) AS eur
        FROM (SELECT week, rep_id, potential_eur FROM potentials FINAL WHERE week > (SELECT closed_week FROM watermark) - 27 * 7)
        GROUP BY week, rep_id
    )
SELECT name, ends_on, value, until AS as_of
FROM
(
    SELECT figure.1 AS name, toDate32(until - toIntervalDay(28 * back)) AS ends_on, figure.2 AS value
    FROM
    (
        SELECT back, arrayJoin([
            ('Travel per client', sum(travel_minutes) / 60 / nullIf(uniqExact(account_id), 0)),
            ('Cost per visit', (sum(travel_km) * (SELECT per_km FROM business) + sum(travel_minutes + duration_minutes) / 60 * (SELECT per_hour FROM business) + sum(nights) * (SELECT per_night FROM business)) / nullIf(count(), 0))
        ]) AS figure
        FROM made GROUP BY back
        UNION ALL
        SELECT back, arrayJoin([
            ('Weighted coverage', sumIf(potential_eur, visits >= 1) / nullIf(sum(potential_eur), 0)),
            ('Frequency adherence', sum(least(toFloat64(visits), planned)) / nullIf(sum(planned), 0))
        ]) AS figure
        FROM planned GROUP BY back
        UNION ALL
        SELECT e.back AS back, ('Opportunities won', uniqExactIf(o.opportunity_id, o.stage = 'won') / nullIf(uniqExactIf(o.opportunity_id, o.stage = 'won') + uniqExactIf(o.opportunity_id, o.stage = 'lost'), 0)) AS figure
        FROM (SELECT opportunity_id, stage, occurred_at FROM opportunities FINAL) AS o CROSS JOIN ends AS e
        WHERE o.occurred_at > e.t0 AND o.occurred_at <= e.t1
        GROUP BY back
        UNION ALL
        SELECT back, ('Changed relations', countIf(rep_then != '' AND rep_then != rep_now) / nullIf(count(), 0)) AS figure FROM relations GROUP BY back
        UNION ALL
        SELECT back, ('Suggestions waiting', toNullable(toFloat64(countIf(status = 'proposed')))) AS figure FROM advice GROUP BY back
    )
    UNION ALL
    -- balance by closed weeks, with the reps and capacities of today
    SELECT 'Potential balance' AS name, week AS ends_on, 100 * stddevPop(per_hour) / nullIf(avg(per_hour), 0) AS value
    FROM
    (
        SELECT w.week AS week, sumIf(w.eur, w.rep_id = r.rep_id) / any(r.weekly_hours * r.seniority) AS per_hour
        FROM weeks AS w CROSS JOIN (SELECT rep_id, weekly_hours, seniority FROM reps_now WHERE active) AS r
        GROUP BY w.week, r.rep_id
    )
    GROUP BY week
)
WHERE name IN ('Potential balance', 'Changed relations', 'Suggestions waiting') OR ('company', '', '') IN (SELECT grain, region_id, rep_id FROM shown_scopes)

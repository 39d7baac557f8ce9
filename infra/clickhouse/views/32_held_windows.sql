-- about: Each active account, window and rep who had it on some day of the window (as-was): visits made meanwhile against the share of
--   the plan that fell to that rep
-- made: every minute
-- column rep_id: Owner on these days; empty for the days on which there was none
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column days: Days of the window on which the rep had it; its first and its last day both count, so they are window_days + 1 in all
-- column planned: Share of the visits the window should have seen that falls to these days
-- column made: Visits of the window on these days
-- column contacts: Visits, calls and video meetings on these days
WITH
    bounds AS (SELECT window_days, toDate32(starts_after) AS first, toDate32(as_of) AS last FROM kpi_windows),
    stretches AS
    (
        SELECT w.window_days AS window_days, h.account_id AS account_id, toString(h.rep_id) AS rep_id,
            sum(toUInt32(dateDiff('day', greatest(h.valid_from, w.first), least(h.valid_to, w.last + 1)))) AS days
        FROM (SELECT account_id, rep_id, valid_from, valid_to FROM ownership WHERE rep_id != '') AS h CROSS JOIN bounds AS w
        WHERE h.valid_from <= w.last AND h.valid_to > w.first
        GROUP BY window_days, account_id, rep_id
    ),
    held AS
    (
        SELECT window_days, account_id, groupArray((rep_id, days)) AS by_rep, sum(days) AS in_all FROM stretches GROUP BY window_days, account_id
    ),
    made AS
    (
        SELECT window_days, account_id, rep_id, sum(visits) AS seen, sum(visits + calls) AS met FROM activity_windows GROUP BY window_days, account_id, rep_id
    )
SELECT
    p.window_days AS window_days, p.account_id AS account_id, p.region_id AS region_id, p.rep AS rep_id, p.potential_eur AS potential_eur,
    p.had AS days, p.planned * p.had / (p.window_days + 1) AS planned, toFloat64(m.seen) AS made, toFloat64(m.met) AS contacts, p.as_of AS as_of
FROM
(
    SELECT *, holder.1 AS rep, holder.2 AS had
    FROM
    (
        SELECT p.window_days AS window_days, p.account_id AS account_id, toString(p.region_id) AS region_id, p.potential_eur AS potential_eur,
            p.planned AS planned, p.as_of AS as_of,
            -- the days that no rep had it are told too, so that the plan of the parts adds up to the plan of the whole
            arrayPushBack(h.by_rep, ('', toUInt64(p.window_days + 1 - h.in_all))) AS holders
        FROM plan_windows AS p LEFT JOIN held AS h ON p.window_days = h.window_days AND p.account_id = h.account_id
    )
    ARRAY JOIN holders AS holder
    WHERE had > 0
) AS p
LEFT JOIN made AS m ON p.window_days = m.window_days AND p.account_id = m.account_id AND p.rep = m.rep_id

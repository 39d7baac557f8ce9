-- about: The newest forecasts whose weeks have all closed beside what came: one row for each account and horizon
-- made: every hour
-- column horizon_weeks: 4 or 13 weeks
-- column forecast_eur: Revenue forecast of these weeks, by the last row before them
-- column actual_eur: Revenue of these weeks
-- column origin: The last closed week that the forecast knew, by its first day
WITH
    told AS
    (
        SELECT account_id, week, argMax(toString(region_id), as_of) AS region, argMax(actual_week_eur, as_of) AS actual,
            argMax(next_4w_eur, as_of) AS next_4w, argMax(next_13w_eur, as_of) AS next_13w
        FROM potentials WHERE week >= (SELECT max(week) FROM potentials) - 7 * 26
        GROUP BY account_id, week
    ),
    newest AS (SELECT region, max(week) AS closed FROM told GROUP BY region)
SELECT
    t.region AS region_id, t.account_id AS account_id, toUInt16(weeks) AS horizon_weeks, any(n.closed - 7 * weeks) AS origin,
    sumIf(if(weeks = 4, t.next_4w, t.next_13w), t.week = n.closed - 7 * weeks) AS forecast_eur,
    sumIf(t.actual, t.week > n.closed - 7 * weeks) AS actual_eur,
    (SELECT as_of FROM watermark) AS as_of
FROM told AS t INNER JOIN newest AS n ON t.region = n.region
ARRAY JOIN [4, 13] AS weeks
GROUP BY region_id, account_id, weeks
HAVING countIf(t.week = n.closed - 7 * weeks) = 1 AND countIf(t.week > n.closed - 7 * weeks) = weeks

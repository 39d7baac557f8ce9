-- name: Quality of the potential model
-- question: How wrong are the forecasts, do they lean, and does the interval hold what it promises?
-- formula: WAPE = Σ |y - ŷ| / Σ y; bias = Σ (ŷ - y) / Σ y; coverage = #{y in interval} / #{with an interval}; test-then-train
-- grain: window_days × company, region × horizon × segment
-- subject: advice
-- owner: data science
-- caveats: Segment is empty for all accounts: do not add it to A, B and C. Weeks by their first day. skill is 1 - WAPE / WAPE of the naive forecast.
-- column horizon_weeks: Forecast horizon, weeks
-- column segment: Segment A, B or C; empty is all accounts
-- column numerator: Sum of absolute errors, EUR
-- column denominator: Sum of what happened, EUR
-- column value: WAPE
-- column error_eur: Sum of forecast minus actual, EUR
-- column bias: error_eur / denominator
-- column naive_eur: Sum of absolute errors of the naive forecast, EUR
-- column skill: 1 - numerator / naive_eur
-- column covered: Account weeks inside the interval
-- column n: Account weeks
-- column intervals: Account weeks that had an interval
-- column coverage: covered / intervals
SELECT
    window_days,
    if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id, horizon_weeks, segment,
    (SELECT as_of FROM watermark) AS as_of,
    sum(absolute) AS numerator,
    sum(actual) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sum(error) AS error_eur,
    error_eur / nullIf(denominator, 0) AS bias,
    sum(naive) AS naive_eur,
    1 - numerator / nullIf(naive_eur, 0) AS skill,
    sum(inside) AS covered,
    sum(weeks) AS n,
    sum(judged) AS intervals,
    covered / nullIf(intervals, 0) AS coverage
FROM
(
    SELECT w.window_days AS window_days, q.region_id AS region_id, q.horizon_weeks AS horizon_weeks, q.segment AS segment,
        q.absolute_error_eur AS absolute, q.actual_eur AS actual, q.error_eur AS error, q.naive_absolute_error_eur AS naive,
        q.covered AS inside, q.intervals AS judged, q.n AS weeks
    FROM (SELECT * FROM model_quality FINAL) AS q CROSS JOIN kpi_windows AS w
    WHERE q.week > toDate32(w.starts_after) AND q.week <= toDate32(w.as_of)
)
GROUP BY GROUPING SETS ((window_days, region_id, horizon_weeks, segment), (window_days, horizon_weeks, segment))

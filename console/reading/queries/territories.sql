-- Each territory against the corridor: potential, work, and how its deviation has changed in a quarter.
WITH
    (SELECT closed_week FROM watermark) AS newest,
    past AS
    (
        SELECT p.rep_id AS rep_id, any(r.region_id) AS region_id, sum(p.potential_eur) / any(r.weekly_hours * r.seniority) AS per_hour
        FROM (SELECT rep_id, potential_eur FROM potentials FINAL WHERE week = newest - 91 AND rep_id != '') AS p
        INNER JOIN reps_now AS r ON p.rep_id = r.rep_id
        GROUP BY rep_id
    ),
    past_mean AS (SELECT region_id, avg(per_hour) AS mean_per_hour FROM past GROUP BY region_id)
SELECT
    t.region_id AS region_id, t.rep_id AS rep_id, n.name AS name, t.accounts AS accounts, t.potential_eur AS potential_eur,
    t.capacity_hours AS capacity_hours, l.numerator AS work_hours, l.value AS load_ratio, t.deviation AS deviation, t.in_corridor AS in_corridor,
    if(b.rep_id = '', NULL, t.deviation - (b.per_hour / nullIf(b.mean_per_hour, 0) - 1))::Nullable(Float64) AS drift
FROM kpi_territory_index AS t
LEFT JOIN (SELECT rep_id, numerator, value FROM kpi_load_ratio WHERE grain = 'territory' AND window_days = 365) AS l ON t.rep_id = l.rep_id
LEFT JOIN (SELECT past.rep_id AS rep_id, past.per_hour AS per_hour, past_mean.mean_per_hour AS mean_per_hour FROM past INNER JOIN past_mean ON past.region_id = past_mean.region_id) AS b ON t.rep_id = b.rep_id
LEFT JOIN (SELECT id, argMax(name, occurred_at) AS name FROM names WHERE kind = 'rep' GROUP BY id) AS n ON t.rep_id = n.id
WHERE ({region:String} = '' OR t.region_id = {region:String})
    AND ({every_region:UInt8} OR has({regions:Array(String)}, t.region_id)) AND {own_rep:String} = ''
ORDER BY t.region_id, t.rep_id

-- Potential balance at the end of each of the last 27 closed weeks, company, with the reps and capacities of today.
WITH weeks AS
(
    SELECT week, rep_id, sum(potential_eur) AS eur
    FROM (SELECT week, rep_id, potential_eur FROM potentials FINAL WHERE week > (SELECT closed_week FROM watermark) - 27 * 7)
    GROUP BY week, rep_id
)
SELECT week AS ends_on, 100 * stddevPop(per_hour) / nullIf(avg(per_hour), 0) AS value
FROM
(
    SELECT w.week AS week, sumIf(w.eur, w.rep_id = r.rep_id) / any(r.weekly_hours * r.seniority) AS per_hour
    FROM weeks AS w CROSS JOIN (SELECT rep_id, weekly_hours, seniority FROM reps_now WHERE active) AS r
    GROUP BY w.week, r.rep_id
)
GROUP BY week
ORDER BY week

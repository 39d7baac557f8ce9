-- Potential balance at the end of each of the last 27 closed weeks, company, with the capacities of today.
SELECT week AS ends_on, 100 * stddevPop(per_hour) / nullIf(avg(per_hour), 0) AS value
FROM
(
    SELECT p.week AS week, p.rep_id AS rep_id, sum(p.potential_eur) / any(r.weekly_hours * r.seniority) AS per_hour
    FROM (SELECT week, rep_id, potential_eur FROM potentials FINAL WHERE rep_id != '' AND week > (SELECT closed_week FROM watermark) - 27 * 7) AS p
    INNER JOIN reps_now AS r ON p.rep_id = r.rep_id
    GROUP BY week, rep_id
)
GROUP BY week
ORDER BY week

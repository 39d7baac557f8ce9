-- about: The present state of every alert, and what people did with it
-- column acknowledged_by: Who has taken note of it last; empty for nobody
-- column acknowledged_at: When that was (event time, UTC)
-- column assignee: Who shall look after it; empty for nobody
-- column silenced_until: Last day on which it stays silent
-- column verdict: What people found it to be: useful, false or expected; empty while nobody said
SELECT
    alerts.*,
    care.acknowledged_by AS acknowledged_by,
    care.acknowledged_at AS acknowledged_at,
    care.assignee AS assignee,
    care.silenced_until AS silenced_until,
    care.verdict AS verdict
FROM
(
    SELECT *
    FROM alerts FINAL
    ORDER BY alert_id, revision DESC
    LIMIT 1 BY alert_id
) AS alerts
LEFT JOIN
(
    SELECT
        alert_id,
        argMaxIf(decided_by, occurred_at, kind = 'acknowledge') AS acknowledged_by,
        maxOrNullIf(occurred_at, kind = 'acknowledge') AS acknowledged_at,
        argMaxIf(decisions.assignee, occurred_at, kind = 'assign') AS assignee,
        argMaxIf(until, occurred_at, kind = 'silence') AS silenced_until,
        argMaxIf(decisions.verdict, occurred_at, kind = 'mark') AS verdict
    FROM decisions FINAL
    WHERE alert_id != ''
    GROUP BY alert_id
) AS care USING (alert_id)

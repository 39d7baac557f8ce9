-- about: The present state of every alert
SELECT *
FROM alerts FINAL
ORDER BY alert_id, revision DESC
LIMIT 1 BY alert_id

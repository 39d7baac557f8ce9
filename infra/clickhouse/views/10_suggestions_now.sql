-- about: The present state of every suggestion
SELECT *
FROM suggestions FINAL
ORDER BY suggestion_id, revision DESC
LIMIT 1 BY suggestion_id

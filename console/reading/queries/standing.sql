-- How far everything has come: changes whenever something worth showing has changed.
SELECT
    (SELECT as_of FROM watermark) AS as_of,
    (SELECT closed_week FROM watermark) AS closed_week,
    (SELECT count() FROM alerts) AS alert_changes,
    (SELECT count() FROM suggestions) AS suggestion_changes,
    (SELECT count() FROM decisions) AS decisions,
    (SELECT countIf(status = 'proposed') FROM suggestions_now) AS waiting,
    (SELECT any(currency) FROM orders WHERE currency != '') AS currency,
    (SELECT tolerance FROM business) AS tolerance

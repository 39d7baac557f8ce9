-- name: Alerts
-- question: How many alerts were raised, how many are open, and how much is at stake?
-- formula: #{alerts detected in the window}, of these by present state
-- grain: window_days × region × severity × cause_class × scope
-- subject: advice
-- owner: area manager
-- caveats: Counts add up over all columns but window_days. open are pending, firing and recovering ones.
-- column severity: info, warning or critical
-- column cause_class: Class of the likely cause
-- column scope: What kind of thing they are about
-- column value: Alerts detected in the window
-- column open: Of these, still open
-- column resolved: Of these, over
-- column eur_at_risk: At stake in the open ones, EUR a year
SELECT
    w.window_days AS window_days, a.region_id AS region_id, a.severity AS severity, a.cause_class AS cause_class, a.scope AS scope,
    any(w.ends) AS as_of,
    count() AS value,
    countIf(a.state NOT IN ('resolved', 'normal')) AS open,
    countIf(a.state IN ('resolved', 'normal')) AS resolved,
    sumIf(a.risk, a.state NOT IN ('resolved', 'normal')) AS eur_at_risk
FROM (SELECT region_id, severity, cause_class, scope, state, detected_on, eur_at_risk AS risk FROM alerts_now) AS a
CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
WHERE a.detected_on > toDate32(w.starts_after) AND a.detected_on <= toDate32(w.ends)
GROUP BY window_days, region_id, severity, cause_class, scope

-- name: Cost of an opportunity
-- question: What do the visits to an opportunity cost until it is decided?
-- formula: (Σ (travel + onsite) h·c_h + Σ km·c_km + Σ nights·c_n of visits to its account while it is open) / #opportunities decided
-- grain: window_days × company, region
-- subject: conduct
-- owner: finance
-- made: every minute
-- caveats: A visit counts for each opportunity of the account that is open on that moment, up to 365 days back; so one visit may stand in several. Time
--   spent elsewhere on an opportunity (calls, offers) is not known. The value has no marketing; marketing_eur is that of the window, of all sources
--   and of none, told in the company row and in no region, and brings leads that become no opportunity too. Unit costs of today.
-- column hours: Hours of these visits, on the road and at the account; part of numerator by their price
-- column marketing_eur: Marketing of the window, EUR; no part of numerator, 0 in a region
-- column value_with_marketing: (numerator + marketing_eur) / denominator; in the company row
SELECT
    window_days, if(grouping(region_id) = 1, 'company', 'region') AS grain, region_id,
    (SELECT as_of FROM watermark) AS as_of,
    sum(cost) AS numerator,
    uniqExact(opportunity_id) AS denominator,
    numerator / nullIf(denominator, 0) AS value,
    sum(hours) AS hours,
    if(grain = 'company', (ifNull((SELECT marketing_per_month FROM business), 0) + (SELECT arraySum(mapValues(marketing_by_source)) FROM business)) * 12 * window_days / 365, 0) AS marketing_eur,
    if(grain = 'company', (numerator + marketing_eur) / nullIf(denominator, 0), NULL) AS value_with_marketing
FROM
(
    SELECT w.window_days AS window_days, a.region_id AS region_id, d.opportunity_id AS opportunity_id,
        v.account_id != '' AND v.occurred_at >= d.began_at AND v.occurred_at <= d.decided_at AS meanwhile,
        if(meanwhile, v.minutes / 60, 0) AS hours,
        hours * (SELECT per_hour FROM business) + if(meanwhile, v.travel_km * (SELECT per_km FROM business) + v.nights * (SELECT per_night FROM business), 0) AS cost
    FROM
    (
    SELECT opportunity_id, any(account_id) AS account_id, argMin(source, occurred_at) AS source,
        minIf(occurred_at, stage = 'lead') AS lead_at, minIf(occurred_at, stage = 'open') AS open_at,
        minIf(occurred_at, stage IN ('won', 'lost')) AS decided_at, countIf(stage = 'lead') AS leads, countIf(stage = 'open') AS opens,
        countIf(stage = 'won') AS wins, countIf(stage IN ('won', 'lost')) AS decisions, min(occurred_at) AS began_at
    FROM opportunities GROUP BY opportunity_id
        HAVING decisions > 0
    ) AS d
    CROSS JOIN (SELECT window_days, starts_after, as_of AS ends FROM kpi_windows) AS w
    LEFT JOIN account_state AS a ON d.account_id = a.account_id
    LEFT JOIN (
        SELECT account_id, toString(region_id) AS region_id, occurred_at, duration_minutes + travel_minutes AS minutes, travel_km, nights FROM visits FINAL
        WHERE status = 'done' AND channel = 'visit' AND occurred_at > (SELECT as_of FROM watermark) - toIntervalDay(365) ORDER BY visit_id, occurred_at DESC LIMIT 1 BY visit_id
    ) AS v ON d.account_id = v.account_id
    WHERE d.decided_at > w.starts_after AND d.decided_at <= w.ends
)
GROUP BY GROUPING SETS ((window_days, region_id), (window_days))
HAVING (grain, region_id) IN (SELECT grain, region_id FROM shown_scopes)

-- about: The settings that KPIs use, one typed row; null where nothing is published
-- column base_region: Region of accounts and reps that name none
-- column per_km: Cost of a kilometre, EUR
-- column per_hour: Cost of an hour of a rep, EUR
-- column per_night: Cost of a night a rep spends away, EUR
-- column margin_share: Share of revenue that is margin
-- column marketing_per_month: Spent on winning customers beside the reps and on no single source, EUR a month
-- column marketing_by_source: Spent on each source of deals, EUR a month
-- column co2_kg_per_km: CO2 of a kilometre, kg
-- column travel_day_minutes: Minutes of travel from which a day is a travel day
-- column tolerance: Tolerated deviation of a territory from its fair share
-- column field_weeks: Weeks of field work in a year
-- column move_budget: Share of the potential that may change rep in 90 days
-- column individual_kpis: Whether KPIs of single reps are published
-- column k_anonymity: Smallest number of reps a published figure of conduct may speak of
-- column visits_per_year: Target frequency by segment, visits a year
-- column visit_minutes: Planned duration of a visit by segment, minutes
-- column effort_share: Planned share of effort by segment
-- column targets: Targets of the flash page by name; a missing one is null
-- column config_version: Version of the whole settings
WITH (SELECT argMax(config_version, published_at) FROM business_settings) AS newest
SELECT
    if(text['company.base_region'] = '', 'main', text['company.base_region']) AS base_region,
    toFloat64OrNull(text['cost.per_km']) AS per_km,
    toFloat64OrNull(text['cost.per_hour']) AS per_hour,
    ifNull(toFloat64OrNull(text['cost.per_night']), 0) AS per_night,
    toFloat64OrNull(text['cost.margin_share']) AS margin_share,
    toFloat64OrNull(text['cost.marketing_per_month']) AS marketing_per_month,
    mapApply((k, v) -> (substring(k, 26), toFloat64OrZero(v)), mapFilter((k, v) -> startsWith(k, 'cost.marketing_by_source.'), in_force)) AS marketing_by_source,
    toFloat64OrNull(text['cost.co2_kg_per_km']) AS co2_kg_per_km,
    toFloat64OrNull(text['cost.travel_day_minutes']) AS travel_day_minutes,
    toFloat64OrNull(text['corridor.tolerance']) AS tolerance,
    toFloat64OrNull(text['calendar.field_weeks_per_year']) AS field_weeks,
    toFloat64OrNull(text['change.budget_share_90_days']) AS move_budget,
    text['privacy.individual_kpis'] = 'true' AS individual_kpis,
    toUInt32OrZero(text['privacy.k_anonymity']) AS k_anonymity,
    mapApply((k, v) -> (k, toFloat64OrNull(text[concat('segments.visits_per_year.', k)])), by_segment) AS visits_per_year,
    mapApply((k, v) -> (k, toFloat64OrNull(text[concat('segments.visit_minutes.', k)])), by_segment) AS visit_minutes,
    mapApply((k, v) -> (k, toFloat64OrNull(text[concat('segments.effort_share.', k)])), by_segment) AS effort_share,
    mapApply(
        (k, v) -> (substring(k, 9), toFloat64OrNull(v)), mapFilter((k, v) -> startsWith(k, 'targets.'), text)
    ) AS targets,
    version AS config_version
FROM
(
    SELECT
        mapFromArrays(groupArray(toString(key)), groupArray(value)) AS text,
        -- a source that is named no longer has left its row behind, of an older version
        mapFromArrays(groupArrayIf(toString(key), config_version = newest), groupArrayIf(value, config_version = newest)) AS in_force,
        map('A', '', 'B', '', 'C', '') AS by_segment,
        argMax(toString(config_version), published_at) AS version
    FROM business_settings FINAL
)

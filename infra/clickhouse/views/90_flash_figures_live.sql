-- about: What the snapshot flash_figures is made of: the company rows of the KPIs named
-- column position: Order on the page
-- column name: The figure
-- column unit: Its unit
-- column target: Target or limit of the settings; null shows none
SELECT 1::UInt8 AS position,
    'Potential balance' AS name, value::Nullable(Float64) AS value, 'std %' AS unit,
    (SELECT targets FROM business)['potential_balance_percent'] AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_potential_balance WHERE grain = 'company'
UNION ALL
SELECT 2::UInt8 AS position,
    'Travel per client' AS name, value::Nullable(Float64) AS value, 'h' AS unit,
    (SELECT targets FROM business)['travel_per_client_hours'] AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_travel_per_client WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 3::UInt8 AS position,
    'Weighted coverage' AS name, weighted_value::Nullable(Float64) AS value, 'share' AS unit,
    (SELECT targets FROM business)['weighted_coverage'] AS target,
    weighted_numerator::Nullable(Float64) AS numerator, weighted_denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_coverage WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 4::UInt8 AS position,
    'Frequency adherence' AS name, value::Nullable(Float64) AS value, 'share' AS unit,
    (SELECT targets FROM business)['frequency_adherence'] AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_frequency_adherence WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 5::UInt8 AS position,
    'Opportunities won' AS name, value::Nullable(Float64) AS value, 'share' AS unit,
    (SELECT targets FROM business)['deals_won'] AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_opportunities WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 6::UInt8 AS position,
    'Cost per visit' AS name, value::Nullable(Float64) AS value, 'EUR' AS unit,
    (SELECT targets FROM business)['cost_per_visit'] AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_cost_per_visit WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 7::UInt8 AS position,
    'Changed relations' AS name, value::Nullable(Float64) AS value, 'share' AS unit,
    NULL::Nullable(Float64) AS target,
    numerator::Nullable(Float64) AS numerator, denominator::Nullable(Float64) AS denominator, as_of
FROM kpi_changed_relations WHERE grain = 'company' AND window_days = 90
UNION ALL
SELECT 8::UInt8 AS position,
    'Suggestions waiting' AS name, value::Nullable(Float64) AS value, 'count' AS unit,
    NULL::Nullable(Float64) AS target,
    value::Nullable(Float64) AS numerator, NULL::Nullable(Float64) AS denominator, as_of
FROM kpi_suggestions_waiting WHERE grain = 'company'

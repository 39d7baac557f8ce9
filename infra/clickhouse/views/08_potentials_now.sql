-- about: What each account is worth by its latest closed week
SELECT
    region_id, account_id, week, as_of, potential_eur, low_eur, high_eur, next_4w_eur, next_13w_eur, expected_week_eur,
    actual_week_eur, by_analogy, segment, rep_id, growth_eur, base_eur, base_by_analogy, reasons, model_version, config_version
FROM potentials_newest FINAL

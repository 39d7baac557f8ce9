-- about: What each account is worth by its latest closed week
-- column week: The closed week, by its first day
-- column potential_eur: Revenue expected in the next 52 weeks, EUR (median)
-- column low_eur: Lower end of the interval, EUR
-- column high_eur: Upper end of the interval, EUR
-- column next_4w_eur: Revenue expected in the next 4 weeks, EUR
-- column next_13w_eur: Revenue expected in the next 13 weeks, EUR
-- column expected_week_eur: What was expected of the closed week before it was seen, EUR
-- column actual_week_eur: Revenue of the closed week, EUR
-- column by_analogy: Whether it comes from similar accounts for want of own history
-- column rep_id: The rep at the end of that week
-- column model_version: Version of the model that spoke
-- column config_version: Version of the settings it was computed with
SELECT
    region_id, account_id, week, as_of, potential_eur, low_eur, high_eur, next_4w_eur, next_13w_eur, expected_week_eur,
    actual_week_eur, by_analogy, segment, rep_id, model_version, config_version
FROM potentials FINAL
ORDER BY account_id, week DESC, as_of DESC
LIMIT 1 BY account_id

-- about: Accounts as their latest event says
-- column kind: customer or prospect
-- column active: Whether it is not closed
-- column segment: Segment the company gave; empty leaves it to the model
-- column lat: Latitude, degrees
-- column lon: Longitude, degrees
-- column postal_code: Postal code
-- column city: Town
-- column family_id: The group of accounts it belongs to
-- column visit_minutes: Planned duration of a visit, minutes; null follows the segment
-- column visits_per_year: Target frequency, visits a year; null follows the segment
-- column since: Customer since
-- column contact_updated_on: When its contact persons were last entered or confirmed; null: not known
-- column skills: Skills a rep needs here
-- column occurred_at: Time of that event (UTC)
SELECT
    account_id,
    ifNull(toString(region_id), assumeNotNull((SELECT base_region FROM business))) AS region_id,
    kind, toString(status) = 'active' AS active, ifNull(toString(segment), '') AS segment, lat, lon, postal_code, city, family_id,
    visit_minutes, visits_per_year, since, contact_updated_on, skills, occurred_at
FROM accounts FINAL
ORDER BY account_id, occurred_at DESC, offset DESC
LIMIT 1 BY account_id

-- about: What was said of each account when (as-was): one row per stretch of days between two of its events
-- column active: Whether it was not closed
-- column lat: Latitude, degrees
-- column lon: Longitude, degrees
-- column known_from: Day of its first event or, where that is earlier, the day it is said to be a customer since
-- column valid_from: First day of the stretch; what was heard first holds from 1900-01-01 on, since nothing else is known of the days before
-- column valid_to: First day after the stretch; 2299-12-31 while it lasts
SELECT
    account_id, region_id, active, lat, lon,
    least(min(day) OVER whole, ifNull(min(since) OVER whole, toDate32('2299-12-31'))) AS known_from,
    if(row_number() OVER (PARTITION BY account_id ORDER BY day) = 1, toDate32('1900-01-01'), day) AS valid_from,
    leadInFrame(day, 1, toDate32('2299-12-31')) OVER whole AS valid_to
FROM
(
    -- of several events of a day the latest holds
    SELECT
        account_id, toDate32(occurred_at) AS day, ifNull(toString(region_id), assumeNotNull((SELECT base_region FROM business))) AS region_id,
        toString(status) = 'active' AS active, lat, lon, since
    FROM accounts FINAL
    ORDER BY account_id, occurred_at DESC, offset DESC
    LIMIT 1 BY account_id, day
)
WINDOW whole AS (PARTITION BY account_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)

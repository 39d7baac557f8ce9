-- about: The windows of the KPIs, half-open: (starts_after, as_of]
-- column starts_after: The window begins after this moment (UTC)
SELECT window_days, as_of, as_of - toIntervalDay(window_days) AS starts_after
FROM (SELECT as_of, arrayJoin([30, 90, 365])::UInt16 AS window_days FROM watermark)

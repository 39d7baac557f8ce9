-- Accepted input events, once each, with the coordinates of their source record. Nothing here ever expires.
-- Sorted for questions about an account; a replacing engine only as a net: the sink already writes each fact once.
-- Dates are Date32: customers may be older than 1970, and an open end may be written as 2999.
-- The deduplication window lets the sink repeat a half-written batch by its token.

CREATE TABLE IF NOT EXISTS orders
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    order_id String COMMENT 'The order in the system of the company',
    account_id String COMMENT 'The account (customer or prospect)',
    amount Decimal(18, 2) COMMENT 'Net amount in `currency`; only a return may be negative',
    currency LowCardinality(String) COMMENT 'ISO 4217 code of `amount`',
    status LowCardinality(String) DEFAULT 'placed' COMMENT 'placed, returned or cancelled',
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Accepted orders, returns and cancellations, once each';

CREATE TABLE IF NOT EXISTS visits
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    visit_id String COMMENT 'The visit in the system of the company',
    account_id String COMMENT 'The account (customer or prospect)',
    rep_id LowCardinality(String) COMMENT 'The rep',
    duration_minutes Float64 COMMENT 'Time on site, minutes',
    travel_minutes Float64 COMMENT 'Travel to the visit, minutes',
    travel_km Float64 COMMENT 'Travel to the visit, km',
    outcome LowCardinality(String) DEFAULT 'none' COMMENT 'What the visit brought; none is a blank visit',
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Accepted visit reports, once each';

CREATE TABLE IF NOT EXISTS opportunities
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    opportunity_id String COMMENT 'The opportunity in the system of the company',
    account_id String COMMENT 'The account (customer or prospect)',
    rep_id LowCardinality(Nullable(String)) COMMENT 'The rep',
    stage LowCardinality(String) COMMENT 'Stage reached: open, won or lost',
    source LowCardinality(String) COMMENT 'Where the opportunity came from',
    amount Nullable(Decimal(18, 2)) COMMENT 'Value of the deal in the currency of the company'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (opportunity_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Changes of stage of deals';

CREATE TABLE IF NOT EXISTS market_events
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    market_event_id String COMMENT 'The market event in the system of the company',
    kind LowCardinality(String) DEFAULT 'other' COMMENT 'competitor_opened, account_closed, price_change ...',
    lat Nullable(Float64) COMMENT 'Latitude, degrees',
    lon Nullable(Float64) COMMENT 'Longitude, degrees',
    radius_km Nullable(Float64) COMMENT 'Radius of the effect, km',
    account_id Nullable(String) COMMENT 'The account (customer or prospect)',
    region_id LowCardinality(Nullable(String)) COMMENT 'The region (planning unit of one manager)',
    expected_effect Nullable(Float64) COMMENT 'Expected effect as a share: -0.2 is a fifth less',
    note String COMMENT 'Free text'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (market_event_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What happened in the market';

CREATE TABLE IF NOT EXISTS decisions
(
    log_id LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    topic LowCardinality(String) COMMENT 'Kafka topic of the source record',
    partition UInt16 COMMENT 'Kafka partition of the source record',
    offset UInt64 COMMENT 'Kafka offset of the source record',
    event_id String COMMENT 'Identity of the event: a repetition has the same id',
    occurred_at DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    schema_version UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    decision_id String COMMENT 'The decision',
    region_id LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    kind LowCardinality(String) COMMENT 'accept, modify, reject, snooze, undo, pin or unpin',
    suggestion_id String COMMENT 'The suggestion it belongs to, or empty',
    account_id Nullable(String) COMMENT 'The account (customer or prospect)',
    moves Array(Tuple(account_id String, rep_id LowCardinality(String))) COMMENT 'Moves, one entry an account',
    reason String COMMENT 'Why, in a sentence',
    decided_by LowCardinality(String) COMMENT 'Who decided',
    effective_from Nullable(Date32) COMMENT 'First day on which the moves hold',
    until Nullable(Date32) COMMENT 'Last day of a snooze or a pin'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (region_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What managers decided';

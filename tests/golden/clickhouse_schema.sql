CREATE TABLE account_state
(
    `account_id` String COMMENT 'The account (customer or prospect)',
    `region_id` LowCardinality(String) COMMENT 'The present region',
    `kind` LowCardinality(String) COMMENT 'customer or prospect',
    `active` Bool COMMENT 'Whether it is not closed',
    `rep_id` LowCardinality(String) COMMENT 'Present owner; empty when there is none',
    `segment` LowCardinality(String) COMMENT 'Segment the company gave, else that of the model, else C',
    `potential_eur` Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR; 0 while nothing is known',
    `visits_per_year` Nullable(Float64) COMMENT 'Target frequency: the own one of the account, else that of its segment',
    `visit_minutes` Nullable(Float64) COMMENT 'Planned duration: the own one of the account, else that of its segment',
    `lat` Nullable(Float64) COMMENT 'Latitude, degrees',
    `lon` Nullable(Float64) COMMENT 'Longitude, degrees',
    `city` LowCardinality(String) COMMENT 'Town',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (region_id, rep_id, account_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: each account with its present owner, potential and plan of visits'

CREATE MATERIALIZED VIEW account_state_refresh
REFRESH AFTER 1 MINUTE TO account_state
(
    `account_id` String,
    `region_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `active` LowCardinality(UInt8),
    `rep_id` String,
    `segment` String,
    `potential_eur` Float64,
    `visits_per_year` Nullable(Float64),
    `visit_minutes` Nullable(Float64),
    `lat` Nullable(Float64),
    `lon` Nullable(Float64),
    `city` LowCardinality(String),
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes account_state anew'
AS SELECT
    *,
    (
        SELECT as_of
        FROM watermark
    ) AS as_of
FROM account_plan

CREATE TABLE accounts
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `name` String COMMENT 'Always empty here: names live in `names`',
    `kind` LowCardinality(String) DEFAULT 'customer' COMMENT 'customer or prospect',
    `segment` LowCardinality(Nullable(String)) COMMENT 'Segment A, B or C as the company says; null leaves it to the model',
    `status` LowCardinality(String) DEFAULT 'active' COMMENT 'active or closed',
    `lat` Nullable(Float64) COMMENT 'Latitude, degrees',
    `lon` Nullable(Float64) COMMENT 'Longitude, degrees',
    `postal_code` LowCardinality(String) COMMENT 'Postal code',
    `city` LowCardinality(String) COMMENT 'Town',
    `region_id` LowCardinality(Nullable(String)) COMMENT 'The region; null is the base region',
    `family_id` String COMMENT 'The group of accounts it belongs to',
    `visit_minutes` Nullable(Float64) COMMENT 'Planned duration of a visit, minutes',
    `visits_per_year` Nullable(Float64) COMMENT 'Target frequency, visits a year',
    `since` Nullable(Date32) COMMENT 'Customer since',
    `skills` Array(LowCardinality(String)) COMMENT 'Skills a rep needs here',
    `contact_updated_on` Nullable(Date32) COMMENT 'When its contact persons were last entered or confirmed; null: not known'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Accounts as of each event; the latest is the present one'

CREATE TABLE activity_windows
(
    `window_days` UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `region_id` LowCardinality(String) COMMENT 'Region of the account then',
    `rep_id` LowCardinality(String) COMMENT 'Owner on the day of the order or visit; empty when there was none',
    `net_amount` Float64 COMMENT 'What the orders add to revenue: a return takes back, a cancelled order counts nothing',
    `orders` UInt64 COMMENT 'Distinct orders placed',
    `visits` UInt64 COMMENT 'Visits',
    `blank_visits` UInt64 COMMENT 'Of these, visits that brought nothing',
    `duration_minutes` Float64 COMMENT 'Time on site, minutes',
    `travel_minutes` Float64 COMMENT 'Travel to the visits, minutes',
    `travel_km` Float64 COMMENT 'Travel to the visits, km',
    `visitors` Array(String) COMMENT 'Reps who made the visits',
    `nights` UInt64 COMMENT 'Nights spent away from home for the visits',
    `calls` UInt64 COMMENT 'Calls and video meetings; they are no visits and in none of the other columns',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, rep_id, account_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: orders and visits of each window by account and owner then (as-was), as sums'

CREATE MATERIALIZED VIEW activity_windows_refresh
REFRESH AFTER 1 MINUTE TO activity_windows
(
    `window_days` UInt16,
    `account_id` String,
    `region_id` LowCardinality(String),
    `rep_id` String,
    `net_amount` Float64,
    `orders` UInt64,
    `visits` UInt64,
    `blank_visits` UInt64,
    `duration_minutes` Float64,
    `travel_minutes` Float64,
    `travel_km` Float64,
    `visitors` Array(String),
    `nights` UInt64,
    `calls` UInt64,
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes activity_windows anew'
AS SELECT
    *,
    (
        SELECT as_of
        FROM watermark
    ) AS as_of
FROM activity_windows_live

CREATE TABLE alerts
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `alert_id` String COMMENT 'The alert',
    `revision` UInt32 COMMENT 'Number of the change; the highest is the present state',
    `dedup_key` String COMMENT 'Same key, same matter',
    `group_id` String COMMENT 'Alerts of one cause share it',
    `state` LowCardinality(String) COMMENT 'pending, firing, recovering or resolved',
    `severity` LowCardinality(String) COMMENT 'info, warning or critical',
    `cause_class` LowCardinality(String) COMMENT 'Class of the likely cause',
    `scope` LowCardinality(String) COMMENT 'What kind of thing it is about',
    `scope_id` String COMMENT 'The thing it is about',
    `direction` LowCardinality(String) COMMENT 'drop or rise',
    `title` String COMMENT 'What, where and why, in a sentence',
    `started_on` Date32 COMMENT 'Day on which the change began',
    `detected_on` Date32 COMMENT 'Day on which it was seen',
    `resolved_on` Nullable(Date32) COMMENT 'Day on which it ended',
    `observed_eur` Float64 COMMENT 'What was seen, EUR',
    `expected_eur` Float64 COMMENT 'What was expected, EUR',
    `deviation_share` Float64 COMMENT '(observed - expected) / expected',
    `eur_at_risk` Float64 COMMENT 'What is at stake, EUR a year',
    `statistic` Float64 COMMENT 'Statistic of the detector',
    `threshold` Float64 COMMENT 'Threshold of the detector',
    `sample_size` UInt32 COMMENT 'Observations behind it',
    `evidence` String COMMENT 'Evidence for the cause, for people',
    `related_market_events` Array(String) COMMENT 'Market events that may explain it',
    `accounts` Array(String) COMMENT 'Accounts concerned',
    `suggestion_id` String COMMENT 'The suggestion it belongs to, or empty'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (alert_id, revision)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Every change of every alert'

CREATE TABLE assignment_changes
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `change_id` String COMMENT 'The change of one account',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `from_rep` LowCardinality(String) COMMENT 'Rep before',
    `to_rep` LowCardinality(String) COMMENT 'Rep after',
    `valid_from` Date32 COMMENT 'First day on which it holds',
    `suggestion_id` String COMMENT 'The suggestion it belongs to, or empty',
    `decision_id` String COMMENT 'The decision it belongs to, or empty',
    `kind` LowCardinality(String) COMMENT 'move, undo or override'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (change_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Accounts that changed rep by a decision: the outbox for the CRM'

CREATE TABLE assignments
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `rep_id` LowCardinality(Nullable(String)) COMMENT 'The rep; null leaves the account without one',
    `valid_from` Date32 COMMENT 'First day on which it holds',
    `source` LowCardinality(String) DEFAULT 'import' COMMENT 'import, design, decision or crm',
    `suggestion_id` String COMMENT 'The suggestion it belongs to, or empty',
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Which rep an account was given to, from when'

CREATE TABLE business_settings
(
    `key` LowCardinality(String) COMMENT 'Section and name, such as cost.per_km',
    `value` String COMMENT 'The value as text',
    `config_version` LowCardinality(String) COMMENT 'Version of the whole settings',
    `published_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was published (wall clock)'
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY key
SETTINGS index_granularity = 8192
COMMENT 'Settings of the business in force'

CREATE TABLE crm_deliveries
(
    `change_id` String COMMENT 'The change of one account',
    `state` LowCardinality(String) COMMENT 'sending (perhaps delivered), delivered, refused (the CRM will never take it) or failed (tried again)',
    `attempts` UInt16 COMMENT 'How often it was tried',
    `detail` String COMMENT 'What the CRM answered, for people',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (change_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Changes of reps on their way to the CRM'

CREATE TABLE crm_pushers
(
    `pusher` LowCardinality(String) COMMENT 'Which pusher: stand-by',
    `looked_at` DateTime64(3, 'UTC') COMMENT 'Its last look that it told of (wall clock)',
    `next_look_at` DateTime64(3, 'UTC') COMMENT 'When it looks again; later while the CRM takes nothing (wall clock)',
    `again_by` DateTime64(3, 'UTC') COMMENT 'By when it tells of a look again: after that it does not run (wall clock)'
)
ENGINE = ReplacingMergeTree(looked_at)
ORDER BY (pusher)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Who pushes changes of reps to the CRM by itself, and whether it still does'

CREATE TABLE dead_letter_replays
(
    `replay_id` String COMMENT 'The attempt',
    `dead_letter_id` String COMMENT 'The dead letter',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the attempt began (wall clock)',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)',
    `outcome` LowCardinality(String) COMMENT 'sending (perhaps sent), sent, accepted, repetition or refused',
    `detail` String COMMENT 'What is to be said of the outcome, for people',
    `mended` Bool COMMENT 'Whether the message was changed before it was sent',
    `event_id` String COMMENT 'Id of the event that was sent',
    `log_id` LowCardinality(String) COMMENT 'The life of the broker it was sent to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic it was sent to',
    `partition` Nullable(UInt16) COMMENT 'Kafka partition it came to',
    `offset` Nullable(UInt64) COMMENT 'Kafka offset it came to',
    `replayed_by` String COMMENT 'Who sent it again: a user of the console, or "terminal"; empty for attempts from before that was kept'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (dead_letter_id, replay_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Attempts to send dead letters again, and what became of each'

CREATE TABLE dead_letters
(
    `dead_letter_id` String COMMENT 'The dead letter',
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the bad record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the bad record',
    `partition` UInt16 COMMENT 'Kafka partition of the bad record',
    `offset` UInt64 COMMENT 'Kafka offset of the bad record',
    `received_at` DateTime64(3, 'UTC') COMMENT 'When it was received (UTC)',
    `reason` LowCardinality(String) COMMENT 'Reason, one machine word',
    `field` LowCardinality(String) COMMENT 'The offending field, or empty',
    `detail` String COMMENT 'What was wrong, for people',
    `key` String COMMENT 'Record key',
    `payload_base64` String COMMENT 'Original bytes, base64, cut when very large; forgotten after 400 days' TTL toDateTime(received_at) + toIntervalDay(400),
    `payload_bytes` UInt32 COMMENT 'Size of the original, bytes'
)
ENGINE = ReplacingMergeTree
ORDER BY (dead_letter_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Messages that could not be applied, with the reason and the original bytes'

CREATE TABLE decisions
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `decision_id` String COMMENT 'The decision',
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `kind` LowCardinality(String) COMMENT 'accept, modify, reject, snooze, undo, challenge, pin, unpin; of an alert acknowledge, assign, silence, mark',
    `suggestion_id` String COMMENT 'The suggestion it belongs to, or empty',
    `alert_id` String COMMENT 'The alert it is about, or empty',
    `account_id` Nullable(String) COMMENT 'The account (customer or prospect)',
    `moves` Array(Tuple(
        account_id String,
        rep_id LowCardinality(String))) COMMENT 'Moves, one entry an account',
    `reason` String COMMENT 'Why, in a sentence',
    `decided_by` LowCardinality(String) COMMENT 'Who decided',
    `effective_from` Nullable(Date32) COMMENT 'First day on which the moves hold',
    `until` Nullable(Date32) COMMENT 'Last day of a snooze, a pin or a silence',
    `assignee` LowCardinality(String) COMMENT 'Who shall look after the alert',
    `verdict` LowCardinality(String) COMMENT 'useful, false or expected, or empty'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (region_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What managers decided'

CREATE TABLE erasures
(
    `kind` LowCardinality(String) COMMENT 'account or rep',
    `id` String COMMENT 'account_id or rep_id, as `kind` says',
    `requested_at` DateTime64(3, 'UTC') COMMENT 'When it was asked for (wall clock)',
    `requested_by` String COMMENT 'Who asked for it'
)
ENGINE = ReplacingMergeTree(requested_at)
ORDER BY (kind, id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Accounts and reps that were erased: whatever comes back of them is erased again'

CREATE TABLE flash_figures
(
    `position` UInt8 COMMENT 'Order on the page',
    `name` String COMMENT 'The figure',
    `value` Nullable(Float64) COMMENT 'Its value',
    `unit` String COMMENT 'Its unit',
    `target` Nullable(Float64) COMMENT 'Target or limit of the settings; null shows none',
    `numerator` Nullable(Float64) COMMENT 'Numerator of value',
    `denominator` Nullable(Float64) COMMENT 'Denominator of value',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Event time the figure speaks of (UTC)'
)
ENGINE = MergeTree
ORDER BY position
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: the flash page'

CREATE MATERIALIZED VIEW flash_figures_refresh
REFRESH AFTER 1 MINUTE TO flash_figures
(
    `position` UInt8,
    `name` String,
    `value` Nullable(Float64),
    `unit` String,
    `target` Nullable(Float64),
    `numerator` Nullable(Float64),
    `denominator` Nullable(Float64),
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes flash_figures anew'
AS SELECT *
FROM flash_figures_live

CREATE TABLE market_events
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `market_event_id` String COMMENT 'The market event in the system of the company',
    `kind` LowCardinality(String) DEFAULT 'other' COMMENT 'competitor_opened, account_closed, price_change ...',
    `lat` Nullable(Float64) COMMENT 'Latitude, degrees',
    `lon` Nullable(Float64) COMMENT 'Longitude, degrees',
    `radius_km` Nullable(Float64) COMMENT 'Radius of the effect, km',
    `account_id` Nullable(String) COMMENT 'The account (customer or prospect)',
    `region_id` LowCardinality(Nullable(String)) COMMENT 'The region (planning unit of one manager)',
    `expected_effect` Nullable(Float64) COMMENT 'Expected effect as a share: -0.2 is a fifth less',
    `note` String COMMENT 'Free text'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (market_event_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What happened in the market'

CREATE TABLE model_quality
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `week` Date32 COMMENT 'The closed week, by its first day',
    `horizon_weeks` UInt16 COMMENT 'Forecast horizon, weeks',
    `segment` LowCardinality(String) COMMENT 'Segment A, B or C; empty is all accounts',
    `n` UInt32 COMMENT 'Account weeks in the sums',
    `actual_eur` Float64 COMMENT 'Sum of what happened, EUR',
    `error_eur` Float64 COMMENT 'Sum of forecast minus actual, EUR',
    `absolute_error_eur` Float64 COMMENT 'Sum of absolute errors, EUR',
    `naive_absolute_error_eur` Float64 COMMENT 'Sum of absolute errors of the naive forecast, EUR',
    `intervals` UInt32 COMMENT 'Account weeks that had an interval',
    `covered` UInt32 COMMENT 'Account weeks inside the interval'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (region_id, horizon_weeks, segment, week)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Forecast errors of each closed week, as sums'

CREATE TABLE names
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `kind` LowCardinality(String) COMMENT 'account or rep',
    `id` String COMMENT 'account_id or rep_id, as `kind` says',
    `name` String COMMENT 'The name: personal data',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)'
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, id, occurred_at, log_id, topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Names of accounts and reps, kept here alone so that they can be shown to few and erased'

CREATE TABLE notifications
(
    `notification_id` String COMMENT 'Follows from what the message says',
    `recipient` LowCardinality(String) COMMENT 'Name of the recipient in the settings',
    `channel` LowCardinality(String) COMMENT 'email or webhook',
    `kind` LowCardinality(String) COMMENT 'news, digest or escalation',
    `items` Array(String) COMMENT 'Alerts and suggestions it tells of: alert:ID, suggestion:ID',
    `subject` String COMMENT 'Subject of the message',
    `body` String COMMENT 'Text of the message',
    `state` LowCardinality(String) COMMENT 'sending (perhaps sent), sent or failed (tried again later)',
    `attempts` UInt16 COMMENT 'How often it was tried',
    `detail` String COMMENT 'Why it failed, for people',
    `created_at` DateTime64(3, 'UTC') COMMENT 'When it became due (wall clock)',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (notification_id)
TTL toDateTime(changed_at) + toIntervalDay(400)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Messages about alerts and suggestions, and what became of each; forgotten after 400 days'

CREATE TABLE opportunities
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `opportunity_id` String COMMENT 'The opportunity in the system of the company',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `rep_id` LowCardinality(Nullable(String)) COMMENT 'The rep',
    `stage` LowCardinality(String) COMMENT 'Stage reached: open, won or lost',
    `source` LowCardinality(String) COMMENT 'Where the opportunity came from',
    `amount` Nullable(Decimal(18, 2)) COMMENT 'Value of the deal in the currency of the company'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (opportunity_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Changes of stage of deals'

CREATE TABLE orders
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `order_id` String COMMENT 'The order in the system of the company',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `amount` Decimal(18, 2) COMMENT 'Net amount in `currency`; only a return may be negative',
    `currency` LowCardinality(String) COMMENT 'ISO 4217 code of `amount`',
    `status` LowCardinality(String) DEFAULT 'placed' COMMENT 'placed, returned or cancelled',
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Accepted orders, returns and cancellations, once each'

CREATE TABLE ownership
(
    `region_id` LowCardinality(String) COMMENT 'The present region of the account',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `rep_id` LowCardinality(String) COMMENT 'The rep; empty while the account has none',
    `previous_rep_id` LowCardinality(String) COMMENT 'The last rep before, or empty',
    `moved` Bool COMMENT 'Whether the account changed from one rep to another',
    `valid_from` Date32 COMMENT 'First day of the stretch',
    `valid_to` Date32 COMMENT 'First day after the stretch; 2299-12-31 while it lasts',
    `source` LowCardinality(String) COMMENT 'Where the assignment comes from',
    `said_at` DateTime64(3, 'UTC') COMMENT 'When it was said (event time, UTC)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (account_id, valid_from)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: who owned which account when, one row per stretch with the same rep'

CREATE MATERIALIZED VIEW ownership_refresh
REFRESH AFTER 1 MINUTE TO ownership
(
    `region_id` LowCardinality(String),
    `account_id` String,
    `rep_id` String,
    `previous_rep_id` String,
    `moved` UInt8,
    `valid_from` Date32,
    `valid_to` Date32,
    `source` String,
    `said_at` DateTime64(3, 'UTC'),
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes ownership anew'
AS SELECT
    a.region_id AS region_id,
    h.*,
    (
        SELECT as_of
        FROM watermark
    ) AS as_of
FROM assignments_history AS h
LEFT JOIN accounts_now AS a ON h.account_id = a.account_id

CREATE TABLE plan_windows
(
    `window_days` UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    `account_id` String COMMENT 'The account, active',
    `region_id` LowCardinality(String) COMMENT 'The present region',
    `rep_id` LowCardinality(String) COMMENT 'Present owner; empty when there is none',
    `segment` LowCardinality(String) COMMENT 'Segment A, B or C',
    `potential_eur` Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR',
    `visit_minutes` Nullable(Float64) COMMENT 'Planned duration of a visit, minutes',
    `planned` Nullable(Float64) COMMENT 'Visits the window should have seen: visits a year times window_days / 365',
    `made` Float64 COMMENT 'Visits made in the window',
    `contacts` Float64 COMMENT 'Visits, calls and video meetings of the window',
    `net_amount` Float64 COMMENT 'Revenue of the window, EUR',
    `visit_travel_minutes` Float64 COMMENT 'Travel to a visit: mean of the account over 365 days, else of its region, else of the company, else 0',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, rep_id, account_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: each active account and window, visits made against visits planned'

CREATE MATERIALIZED VIEW plan_windows_refresh
REFRESH AFTER 1 MINUTE TO plan_windows
(
    `window_days` UInt16,
    `account_id` String,
    `region_id` LowCardinality(String),
    `rep_id` LowCardinality(String),
    `segment` LowCardinality(String),
    `potential_eur` Float64,
    `visit_minutes` Nullable(Float64),
    `planned` Nullable(Float64),
    `made` Float64,
    `contacts` Float64,
    `net_amount` Float64,
    `visit_travel_minutes` Float64,
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes plan_windows anew'
AS SELECT
    *,
    (
        SELECT max(as_of)
        FROM activity_windows
    ) AS as_of
FROM plan_windows_live

CREATE TABLE potentials
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `week` Date32 COMMENT 'The closed week, by its first day',
    `potential_eur` Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR (median)',
    `low_eur` Float64 COMMENT 'Lower end of the interval, EUR',
    `high_eur` Float64 COMMENT 'Upper end of the interval, EUR',
    `next_4w_eur` Float64 COMMENT 'Revenue expected in the next 4 weeks, EUR',
    `next_13w_eur` Float64 COMMENT 'Revenue expected in the next 13 weeks, EUR',
    `expected_week_eur` Float64 COMMENT 'What was expected of the closed week before it was seen, EUR',
    `actual_week_eur` Float64 COMMENT 'Revenue of the closed week, EUR',
    `by_analogy` Bool COMMENT 'Whether the potential comes from similar accounts for want of own history',
    `segment` LowCardinality(String) COMMENT 'Segment A, B or C by potential',
    `rep_id` LowCardinality(String) COMMENT 'The rep of the account at the end of that week',
    `growth_eur` Float64 COMMENT 'The potential as anticipated, less as many weeks at the present level, EUR',
    `base_eur` Float64 COMMENT 'What the account bought in the past year, or what a new account is usually worth, EUR a year',
    `base_by_analogy` Bool COMMENT 'Whether that base is what a new account is usually worth',
    `reasons` Array(Tuple(
        estimate String,
        code String,
        eur Float64,
        change Float64,
        since Nullable(Date32),
        waited_weeks UInt16,
        usual_gap_weeks UInt16,
        words String)) COMMENT 'The three strongest reasons of potential, next_13w and next_4w: EUR by which each moves the estimate from its base, and words'
)
ENGINE = ReplacingMergeTree(as_of)
PARTITION BY toYear(week)
ORDER BY (region_id, account_id, week)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What each account was worth at the end of each closed week; a correction replaces its week'

CREATE TABLE potentials_newest
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `week` Date32 COMMENT 'The closed week, by its first day',
    `potential_eur` Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR (median)',
    `low_eur` Float64 COMMENT 'Lower end of the interval, EUR',
    `high_eur` Float64 COMMENT 'Upper end of the interval, EUR',
    `next_4w_eur` Float64 COMMENT 'Revenue expected in the next 4 weeks, EUR',
    `next_13w_eur` Float64 COMMENT 'Revenue expected in the next 13 weeks, EUR',
    `expected_week_eur` Float64 COMMENT 'What was expected of the closed week before it was seen, EUR',
    `actual_week_eur` Float64 COMMENT 'Revenue of the closed week, EUR',
    `by_analogy` Bool COMMENT 'Whether the potential comes from similar accounts for want of own history',
    `segment` LowCardinality(String) COMMENT 'Segment A, B or C by potential',
    `rep_id` LowCardinality(String) COMMENT 'The rep of the account at the end of that week',
    `growth_eur` Float64 COMMENT 'The potential as anticipated, less as many weeks at the present level, EUR',
    `base_eur` Float64 COMMENT 'What the account bought in the past year, or what a new account is usually worth, EUR a year',
    `base_by_analogy` Bool COMMENT 'Whether that base is what a new account is usually worth',
    `reasons` Array(Tuple(
        estimate String,
        code String,
        eur Float64,
        change Float64,
        since Nullable(Date32),
        waited_weeks UInt16,
        usual_gap_weeks UInt16,
        words String)) COMMENT 'The three strongest reasons of potential, next_13w and next_4w: EUR by which each moves the estimate from its base, and words',
    `rank` UInt64 COMMENT 'Rises with week, then as_of: the row of the highest rank is the present one'
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY account_id
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'The newest potential of each account, kept by a materialised view'

CREATE MATERIALIZED VIEW potentials_newest_fill TO potentials_newest
(
    `region_id` LowCardinality(String),
    `as_of` DateTime64(3, 'UTC'),
    `model_version` LowCardinality(String),
    `config_version` LowCardinality(String),
    `account_id` String,
    `week` Date32,
    `potential_eur` Float64,
    `low_eur` Float64,
    `high_eur` Float64,
    `next_4w_eur` Float64,
    `next_13w_eur` Float64,
    `expected_week_eur` Float64,
    `actual_week_eur` Float64,
    `by_analogy` Bool,
    `segment` LowCardinality(String),
    `rep_id` LowCardinality(String),
    `growth_eur` Float64,
    `base_eur` Float64,
    `base_by_analogy` Bool,
    `reasons` Array(Tuple(
        estimate String,
        code String,
        eur Float64,
        change Float64,
        since Nullable(Date32),
        waited_weeks UInt16,
        usual_gap_weeks UInt16,
        words String)),
    `rank` UInt64
)
COMMENT 'Fills potentials_newest'
AS SELECT
    *,
    (toUInt64(toInt64(toInt32(week)) + 40000) * 4398046511104) + toUInt64(toUnixTimestamp64Milli(as_of) + 2199023255552) AS rank
FROM potentials

CREATE TABLE relation_windows
(
    `window_days` UInt16 COMMENT 'Length of the window in days, (as_of - window_days, as_of]',
    `account_id` String COMMENT 'The account, active at both ends of the window',
    `region_id` LowCardinality(String) COMMENT 'The present region',
    `potential_eur` Float64 COMMENT 'Revenue expected in the next 52 weeks, EUR',
    `rep_then` LowCardinality(String) COMMENT 'Owner at the start of the window; empty when there was none',
    `rep_now` LowCardinality(String) COMMENT 'Owner at its end; empty when there is none',
    `changed` Bool COMMENT 'Whether it had a rep at the start and has another one, or none, at the end',
    `moves` UInt64 COMMENT 'Changes from one rep to another inside the window',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (window_days, region_id, account_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: relations of accounts and reps at the two ends of each window'

CREATE MATERIALIZED VIEW relation_windows_refresh
REFRESH AFTER 1 MINUTE TO relation_windows
(
    `window_days` UInt16,
    `account_id` String,
    `region_id` LowCardinality(String),
    `potential_eur` Float64,
    `rep_then` String,
    `rep_now` String,
    `changed` UInt8,
    `moves` UInt64,
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes relation_windows anew'
AS SELECT
    *,
    (
        SELECT as_of
        FROM watermark
    ) AS as_of
FROM relation_windows_live

CREATE TABLE reps
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `rep_id` LowCardinality(String) COMMENT 'The rep',
    `name` String COMMENT 'Always empty here: names live in `names`',
    `home_lat` Nullable(Float64) COMMENT 'Latitude of the home of the rep, degrees',
    `home_lon` Nullable(Float64) COMMENT 'Longitude of the home of the rep, degrees',
    `weekly_hours` Float64 DEFAULT 35 COMMENT 'Capacity, hours a week',
    `seniority` Float64 DEFAULT 1 COMMENT 'Share of a full territory the rep is ready for',
    `region_id` LowCardinality(Nullable(String)) COMMENT 'The region; null is the base region',
    `manager_id` LowCardinality(String) COMMENT 'The manager of the rep',
    `active_from` Nullable(Date32) COMMENT 'First day of work',
    `active_to` Nullable(Date32) COMMENT 'Last day of work, included; null is open',
    `absent_from` Nullable(Date32) COMMENT 'First day of an absence in which colleagues stand in',
    `absent_to` Nullable(Date32) COMMENT 'Last day of that absence, included',
    `skills` Array(LowCardinality(String)) COMMENT 'Skills of the rep'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (rep_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Reps as of each event; the latest is the present one'

CREATE TABLE shown_scopes
(
    `grain` LowCardinality(String) COMMENT 'company, region or territory',
    `region_id` LowCardinality(String) COMMENT 'The region; empty for the company',
    `rep_id` LowCardinality(String) COMMENT 'The rep of the territory; empty for the company and a region',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (grain, region_id, rep_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: of whom figures of conduct are published'

CREATE MATERIALIZED VIEW shown_scopes_refresh
REFRESH AFTER 1 MINUTE TO shown_scopes
(
    `grain` String,
    `region_id` String,
    `rep_id` String,
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes shown_scopes anew'
AS SELECT
    *,
    (
        SELECT as_of
        FROM watermark
    ) AS as_of
FROM published_scopes

CREATE TABLE sink_batches
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker',
    `topic` LowCardinality(String) COMMENT 'Kafka topic the sink reads',
    `partition` UInt16 COMMENT 'Kafka partition the sink reads',
    `from_offset` UInt64 COMMENT 'First offset of the range',
    `to_offset` UInt64 COMMENT 'First offset after the range',
    `marks` Map(String, UInt64) COMMENT 'table/topic/partition of a source -> first source offset not yet written, after this range',
    `written_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the range was recorded (wall clock)',
    `epoch` UInt64 COMMENT 'Epoch of the sink that recorded the range; 0 before there were epochs',
    `marks_before` Map(String, UInt64) COMMENT 'As marks, before this range; empty in rows of epoch 0'
)
ENGINE = ReplacingMergeTree(written_at)
PRIMARY KEY (log_id, topic, partition, from_offset)
ORDER BY (log_id, topic, partition, from_offset, epoch)
TTL toDateTime(written_at) + toIntervalDay(100)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Ledger of the sink: offset ranges written, newest last'

CREATE TABLE sink_epochs
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker',
    `topic` LowCardinality(String) COMMENT 'Kafka topic the sink reads',
    `partition` UInt16 COMMENT 'Kafka partition the sink reads',
    `epoch` UInt64 COMMENT 'Rises with every sink that takes the partition; the lower 32 bits are random, so no two are equal',
    `began_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was taken (wall clock)'
)
ENGINE = ReplacingMergeTree(epoch)
ORDER BY (log_id, topic, partition)
SETTINGS index_granularity = 8192
COMMENT 'Which sink may write which partition: the one with the newest epoch'

CREATE TABLE suggestions
(
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)',
    `as_of` DateTime64(3, 'UTC') COMMENT 'The event time it speaks of (UTC)',
    `model_version` LowCardinality(String) COMMENT 'Version of the model that spoke',
    `config_version` LowCardinality(String) COMMENT 'Version of the settings it was computed with',
    `suggestion_id` String COMMENT 'The suggestion',
    `revision` UInt32 COMMENT 'Number of the change; the highest is the present state',
    `status` LowCardinality(String) COMMENT 'proposed, approved, rejected, modified, snoozed, expired or rolled_back',
    `cause` LowCardinality(String) COMMENT 'What made us look for a better plan',
    `alert_ids` Array(String) COMMENT 'Alerts that led to it',
    `reason` String COMMENT 'Why, in a sentence',
    `created_on` Date32 COMMENT 'Day on which it was made',
    `expires_on` Date32 COMMENT 'Day after which it is no longer open',
    `effective_from` Nullable(Date32) COMMENT 'First day on which the moves hold',
    `objective_before_eur` Float64 COMMENT 'Cost of the plan before, EUR a year',
    `objective_after_eur` Float64 COMMENT 'Cost of the plan after, EUR a year',
    `worth_eur` Float64 COMMENT 'What it earns after its own cost, EUR a year',
    `bound_eur` Float64 COMMENT 'No plan within the rules costs less, EUR a year',
    `gap_share` Float64 COMMENT '(objective - bound) / objective',
    `spread_before` Float64 COMMENT 'Spread of potential per capacity before, share of the mean',
    `spread_after` Float64 COMMENT 'Spread of potential per capacity after, share of the mean',
    `max_deviation_before` Float64 COMMENT 'Largest deviation from the fair share before',
    `max_deviation_after` Float64 COMMENT 'Largest deviation from the fair share after',
    `travel_km_before` Float64 COMMENT 'Travel before, km a year',
    `travel_km_after` Float64 COMMENT 'Travel after, km a year',
    `potential_moved_eur` Float64 COMMENT 'Potential that changes rep, EUR',
    `probability_positive` Float64 COMMENT 'Probability that it is worth more than nothing',
    `solver_status` LowCardinality(String) COMMENT 'What the solver says of its answer',
    `stopped_by` LowCardinality(String) COMMENT 'What ended the search',
    `random_state` UInt64 COMMENT 'Seed of the search',
    `decided_by` LowCardinality(String) COMMENT 'Who decided',
    `decision_id` String COMMENT 'The decision it belongs to, or empty',
    `decision_reason` String COMMENT 'Why it was decided so',
    `moves` Array(Tuple(
        account_id String,
        from_rep LowCardinality(String),
        to_rep LowCardinality(String),
        worth_eur Float64,
        travel_eur Float64,
        change_eur Float64,
        balance_eur Float64,
        overtime_eur Float64,
        travel_km Float64,
        hours Float64,
        potential_eur Float64,
        reason String,
        binding LowCardinality(String),
        alternative String,
        contiguity_eur Float64,
        overtime_hours Float64,
        deviation_points Float64,
        pieces Float64)) COMMENT 'Moves, one entry an account',
    `effects` Array(Tuple(
        rep_id LowCardinality(String),
        potential_before_eur Float64,
        potential_after_eur Float64,
        hours_before Float64,
        hours_after Float64,
        accounts_before UInt32,
        accounts_after UInt32,
        deviation_before Float64,
        deviation_after Float64)) COMMENT 'Territories before and after, one entry a rep',
    `frontier` Array(Tuple(
        move_limit UInt32,
        objective_eur Float64,
        bound_eur Float64,
        balance_eur Float64,
        max_deviation Float64)) COMMENT 'What 1, 2, 3, 5, ... moves would buy: objective and bound EUR a year, largest deviation as a share',
    `frontier_moves` Array(Tuple(
        move_limit UInt32,
        account_id String,
        to_rep String)) COMMENT 'The moves of each plan of the frontier, one entry a move',
    `scenarios` Array(Tuple(
        total_eur Float64,
        travel_eur Float64,
        change_eur Float64,
        balance_eur Float64,
        overtime_eur Float64,
        contiguity_eur Float64,
        travel_km Float64,
        travel_hours_per_client Float64,
        spread Float64,
        max_deviation Float64,
        overtime_hours Float64,
        move_count UInt32,
        potential_moved_eur Float64,
        scenario LowCardinality(String))) COMMENT 'Doing nothing, the suggestion, the greatest fairness and the shortest travel: costs EUR a year and figures in their own units',
    `approvals` Array(Tuple(
        decided_by String,
        decided_at DateTime64(3, 'UTC'),
        decision_id String)) COMMENT 'Who approved the moves, the first person first',
    `challenges` Array(Tuple(
        account_id String,
        reason String,
        challenged_by String,
        challenged_at DateTime64(3, 'UTC'),
        decision_id String)) COMMENT 'What reps have against single moves',
    `travel_checks` Array(Tuple(
        rep_id LowCardinality(String),
        method LowCardinality(String),
        clients_before UInt32,
        clients_after UInt32,
        tour_km_before Float64,
        tour_km_after Float64,
        year_km_before Float64,
        year_km_after Float64,
        hours_per_client_before Float64,
        hours_per_client_after Float64)) COMMENT 'Travel of the territories that change, with tours by routing, before and after',
    `turning_points` Array(Tuple(
        account_id String,
        pays_from_eur Nullable(Float64),
        pays_to_eur Nullable(Float64))) COMMENT 'Potentials of its account between which each move pays, EUR a year; null: however low or high',
    `blocked` Array(Tuple(
        account_id String,
        to_rep String,
        worth_eur Float64,
        why String)) COMMENT 'The most valuable changes that are not proposed, and the rule that keeps each away',
    `intervals` Array(Tuple(
        figure LowCardinality(String),
        rep_id LowCardinality(String),
        low Float64,
        high Float64)) COMMENT 'Between which values figures lie with a probability of 80 %, given how sure the potentials are, of the suggestion or of a rep',
    `verdicts` Array(Tuple(
        rule LowCardinality(String),
        why String,
        relaxation String)) COMMENT 'What limits every plan or had to give for this one: the rule, why, and the nearest relaxation, or from what to what it was relaxed'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (suggestion_id, revision)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Every change of every suggestion'

CREATE TABLE surveys
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When the answer was given, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `survey_id` String COMMENT 'The answer in the system of the company',
    `account_id` Nullable(String) COMMENT 'The customer who answered; null for the answer of a rep',
    `rep_id` LowCardinality(Nullable(String)) COMMENT 'The rep who answered; null for the answer of a customer',
    `score` UInt16 COMMENT '0 to 10 of a customer, 1 to 10 of a rep'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (survey_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Answers of customers and reps to surveys; the latest of a survey_id is the present one'

CREATE TABLE targets
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it was set, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `rep_id` LowCardinality(String) COMMENT 'The rep whose territory it is expected of',
    `month` Date32 COMMENT 'First day of the calendar month',
    `revenue` Nullable(Decimal(18, 2)) COMMENT 'Revenue expected in the currency of the company; null expects none in particular',
    `visits` Nullable(Float64) COMMENT 'Visits planned; null plans none in particular'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (rep_id, month, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'What is expected of territories by month, as of each event; the latest is the present one'

CREATE TABLE territory_state
(
    `region_id` LowCardinality(String) COMMENT 'The region',
    `rep_id` LowCardinality(String) COMMENT 'The rep, active',
    `capacity_hours` Nullable(Float64) COMMENT 'Field hours of a year: weekly hours times field weeks',
    `ready_hours` Nullable(Float64) COMMENT 'capacity_hours times seniority: what the fair share of potential follows',
    `accounts` UInt64 COMMENT 'Active accounts',
    `potential_eur` Float64 COMMENT 'Their potential, EUR',
    `per_hour` Nullable(Float64) COMMENT 'potential_eur / capacity_hours, EUR an hour',
    `as_of` DateTime64(3, 'UTC') COMMENT 'Watermark of the snapshot (UTC)'
)
ENGINE = MergeTree
ORDER BY (region_id, rep_id)
SETTINGS index_granularity = 8192
COMMENT 'Snapshot: one row per active rep, even without any account'

CREATE MATERIALIZED VIEW territory_state_refresh
REFRESH AFTER 1 MINUTE TO territory_state
(
    `region_id` LowCardinality(String),
    `rep_id` LowCardinality(String),
    `capacity_hours` Nullable(Float64),
    `ready_hours` Nullable(Float64),
    `accounts` UInt64,
    `potential_eur` Float64,
    `per_hour` Nullable(Float64),
    `as_of` Nullable(DateTime64(3, 'UTC'))
)
SQL SECURITY DEFINER
COMMENT 'Makes territory_state anew'
AS SELECT
    *,
    (
        SELECT max(as_of)
        FROM account_state
    ) AS as_of
FROM territories

CREATE TABLE visits
(
    `log_id` LowCardinality(String) COMMENT 'The life of the broker the source record belongs to',
    `topic` LowCardinality(String) COMMENT 'Kafka topic of the source record',
    `partition` UInt16 COMMENT 'Kafka partition of the source record',
    `offset` UInt64 COMMENT 'Kafka offset of the source record',
    `event_id` String COMMENT 'Identity of the event: a repetition has the same id',
    `occurred_at` DateTime64(3, 'UTC') COMMENT 'When it happened, by the sender (event time, UTC)',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Version of the event schema',
    `visit_id` String COMMENT 'The visit in the system of the company',
    `account_id` String COMMENT 'The account (customer or prospect)',
    `rep_id` LowCardinality(String) COMMENT 'The rep',
    `duration_minutes` Float64 COMMENT 'Time on site, minutes',
    `travel_minutes` Float64 COMMENT 'Travel to the visit, minutes',
    `travel_km` Float64 COMMENT 'Travel to the visit, km',
    `outcome` LowCardinality(String) DEFAULT 'none' COMMENT 'What the visit brought; none is a blank visit',
    `products_seen` Array(LowCardinality(String)) COMMENT 'Products on the shelf; none alone: the rep looked and saw none; empty: nobody looked',
    `channel` LowCardinality(String) DEFAULT 'visit' COMMENT 'visit, call or video; calls and video meetings are no visits',
    `nights` UInt16 COMMENT 'Nights spent away from home for it',
    `status` LowCardinality(String) DEFAULT 'done' COMMENT 'done, moved or cancelled; only what was done is a visit',
    `region_id` LowCardinality(String) COMMENT 'The region (planning unit of one manager)'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(occurred_at)
ORDER BY (account_id, occurred_at, event_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 8192
COMMENT 'Accepted visit reports, once each'


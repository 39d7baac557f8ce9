-- What leaves for people and the CRM, and who was erased.

CREATE TABLE IF NOT EXISTS notifications
(
    notification_id String COMMENT 'Follows from what the message says',
    recipient LowCardinality(String) COMMENT 'Name of the recipient in the settings',
    channel LowCardinality(String) COMMENT 'email or webhook',
    kind LowCardinality(String) COMMENT 'news, digest or escalation',
    items Array(String) COMMENT 'Alerts and suggestions it tells of: alert:ID, suggestion:ID',
    subject String COMMENT 'Subject of the message',
    body String COMMENT 'Text of the message',
    state LowCardinality(String) COMMENT 'sending (perhaps sent), sent or failed (tried again later)',
    attempts UInt16 COMMENT 'How often it was tried',
    detail String COMMENT 'Why it failed, for people',
    created_at DateTime64(3, 'UTC') COMMENT 'When it became due (wall clock)',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (notification_id)
TTL toDateTime(changed_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Messages about alerts and suggestions, and what became of each; forgotten after 400 days';

CREATE TABLE IF NOT EXISTS crm_deliveries
(
    change_id String COMMENT 'The change of one account',
    state LowCardinality(String) COMMENT 'sending (perhaps delivered), delivered, refused (the CRM will never take it) or failed (tried again)',
    attempts UInt16 COMMENT 'How often it was tried',
    detail String COMMENT 'What the CRM answered, for people',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was written (wall clock)'
)
ENGINE = ReplacingMergeTree(changed_at)
ORDER BY (change_id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Changes of reps on their way to the CRM';

CREATE TABLE IF NOT EXISTS erasures
(
    kind LowCardinality(String) COMMENT 'account or rep',
    id String COMMENT 'account_id or rep_id, as `kind` says',
    requested_at DateTime64(3, 'UTC') COMMENT 'When it was asked for (wall clock)',
    requested_by String COMMENT 'Who asked for it'
)
ENGINE = ReplacingMergeTree(requested_at)
ORDER BY (kind, id)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Accounts and reps that were erased: whatever comes back of them is erased again';

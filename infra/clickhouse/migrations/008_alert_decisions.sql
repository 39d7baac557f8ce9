-- What people do with alerts: decisions like those about suggestions, from the same topic.

ALTER TABLE decisions
    ADD COLUMN IF NOT EXISTS alert_id String COMMENT 'The alert it is about, or empty' AFTER suggestion_id,
    ADD COLUMN IF NOT EXISTS assignee LowCardinality(String) COMMENT 'Who shall look after the alert',
    ADD COLUMN IF NOT EXISTS verdict LowCardinality(String) COMMENT 'useful, false or expected, or empty',
    MODIFY COLUMN kind LowCardinality(String) COMMENT 'accept, modify, reject, snooze, undo, pin, unpin; of an alert acknowledge, assign, silence, mark',
    MODIFY COLUMN until Nullable(Date32) COMMENT 'Last day of a snooze, a pin or a silence';

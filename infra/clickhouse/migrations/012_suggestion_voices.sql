-- Who approved a suggestion (two persons above a configured size), and what reps have against its moves.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS approvals Array(Tuple(decided_by String, decided_at DateTime64(3, 'UTC'), decision_id String)) COMMENT 'Who approved the moves, the first person first',
    ADD COLUMN IF NOT EXISTS challenges Array(Tuple(account_id String, reason String, challenged_by String, challenged_at DateTime64(3, 'UTC'), decision_id String)) COMMENT 'What reps have against single moves';

ALTER TABLE decisions
    MODIFY COLUMN kind LowCardinality(String) COMMENT 'accept, modify, reject, snooze, undo, challenge, pin, unpin; of an alert acknowledge, assign, silence, mark';

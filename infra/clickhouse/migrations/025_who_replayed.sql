-- Who sent a dead letter again: attempts from before are nobody's.

ALTER TABLE dead_letter_replays
    ADD COLUMN IF NOT EXISTS replayed_by String COMMENT 'Who sent it again: a user of the console, or "terminal"; empty for attempts from before that was kept';

-- Whether changes of reps are pushed to the CRM by themselves: until now nobody who looked at the console could tell.

CREATE TABLE IF NOT EXISTS crm_pushers
(
    pusher LowCardinality(String) COMMENT 'Which pusher: stand-by',
    looked_at DateTime64(3, 'UTC') COMMENT 'Its last look that it told of (wall clock)',
    next_look_at DateTime64(3, 'UTC') COMMENT 'When it looks again; later while the CRM takes nothing (wall clock)',
    again_by DateTime64(3, 'UTC') COMMENT 'By when it tells of a look again: after that it does not run (wall clock)'
)
ENGINE = ReplacingMergeTree(looked_at)
ORDER BY (pusher)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Who pushes changes of reps to the CRM by itself, and whether it still does';

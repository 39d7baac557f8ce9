-- Which moves a plan of fewer moves consists of, so that a manager can accept just those.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS frontier_moves Array(Tuple(move_limit UInt32, account_id String, to_rep String)) COMMENT 'The moves of each plan of the frontier, one entry a move';

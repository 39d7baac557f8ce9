-- How sure the figures of a suggestion are.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS intervals Array(Tuple(figure LowCardinality(String), rep_id LowCardinality(String), low Float64, high Float64)) COMMENT 'Between which values figures lie with a probability of 80 %, given how sure the potentials are, of the suggestion or of a rep';

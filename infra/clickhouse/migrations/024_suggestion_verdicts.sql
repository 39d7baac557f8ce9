-- What limits every plan of a region, and which rule had to give for this one.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS verdicts Array(Tuple(rule LowCardinality(String), why String, relaxation String)) COMMENT 'What limits every plan or had to give for this one: the rule, why, and the nearest relaxation, or from what to what it was relaxed';

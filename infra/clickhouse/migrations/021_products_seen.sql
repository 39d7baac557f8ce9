-- What stands on the shelf of an account, as a visit saw it.

ALTER TABLE visits
    ADD COLUMN IF NOT EXISTS products_seen Array(LowCardinality(String)) COMMENT 'Products on the shelf; none alone: the rep looked and saw none; empty: nobody looked' AFTER outcome;

-- Settings of the business (terradrift.toml) as the worker last published them: unit costs, targets, corridor.

CREATE TABLE IF NOT EXISTS business_settings
(
    key LowCardinality(String) COMMENT 'Section and name, such as cost.per_km',
    value String COMMENT 'The value as text',
    config_version LowCardinality(String) COMMENT 'Version of the whole settings',
    published_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was published (wall clock)'
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY key
COMMENT 'Settings of the business in force';

-- What would change the advice: potentials between which each move pays, and what rules keep from being proposed.

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS turning_points Array(Tuple(account_id String, pays_from_eur Nullable(Float64), pays_to_eur Nullable(Float64))) COMMENT 'Potentials of its account between which each move pays, EUR a year; null: however low or high';

ALTER TABLE suggestions
    ADD COLUMN IF NOT EXISTS blocked Array(Tuple(account_id String, to_rep String, worth_eur Float64, why String)) COMMENT 'The most valuable changes that are not proposed, and the rule that keeps each away';

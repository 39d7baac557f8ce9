-- about: The moves of every suggestion as it is now, one row an account
-- column suggestion_id: The suggestion
-- column revision: The revision the moves belong to
-- column status: State of the suggestion
-- column from_rep: Rep before
-- column to_rep: Rep after
-- column worth_eur: What the plan loses without this move, EUR a year
-- column travel_eur: Part of it from travel, EUR a year
-- column change_eur: Part of it from the change itself, EUR a year
-- column balance_eur: Part of it from balance, EUR a year
-- column overtime_eur: Part of it from overtime, EUR a year
-- column contiguity_eur: Part of it from territories in pieces, where that has a price, EUR a year
-- column travel_km: Travel that the move saves, below 0: adds, km a year
-- column overtime_hours: Work beyond free hours that it saves, below 0: adds, hours a year
-- column deviation_points: How much nearer to their fair shares it brings its two territories, percentage points
-- column pieces: Pieces of territories that it saves, below 0: adds
-- column hours: Work that goes with the account, hours a year
-- column potential_eur: Potential of the account, EUR
-- column reason: Why, in a sentence
-- column binding: The rule that limits this move
-- column alternative: The next best
SELECT
    region_id, suggestion_id, revision, status, as_of,
    move.account_id AS account_id, move.from_rep AS from_rep, move.to_rep AS to_rep, move.worth_eur AS worth_eur,
    move.travel_eur AS travel_eur, move.change_eur AS change_eur, move.balance_eur AS balance_eur,
    move.overtime_eur AS overtime_eur, move.contiguity_eur AS contiguity_eur, move.travel_km AS travel_km,
    move.overtime_hours AS overtime_hours, move.deviation_points AS deviation_points, move.pieces AS pieces, move.hours AS hours,
    move.potential_eur AS potential_eur, move.reason AS reason, move.binding AS binding, move.alternative AS alternative
FROM suggestions_now
ARRAY JOIN moves AS move

-- about: Visits made against visits planned twice: by who owns the account now (as-is), and by who had it then (as-was)
-- column side: as_is: one row an account and window; as_was: one for each rep who had it; rows of both sides must not be added
-- column rep_id: Present owner, or owner then; empty when there is or was none
-- column potential_eur: Revenue expected in the next 52 weeks, EUR
-- column planned: Visits the window should have seen, or the share of them that fell to the days on which the rep had it
-- column made: Visits made in the window, or on these days
-- column contacts: Visits, calls and video meetings in the window, or on these days
SELECT 'as_is' AS side, window_days, account_id, toString(region_id) AS region_id, toString(rep_id) AS rep_id, potential_eur, planned, made, contacts FROM plan_windows
UNION ALL
SELECT 'as_was' AS side, window_days, account_id, region_id, rep_id, potential_eur, planned, made, contacts FROM held_windows

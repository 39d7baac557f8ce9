"""What is decided: the rebalancing problem, its objective, bound, search. No I/O, no clock but the budget's."""

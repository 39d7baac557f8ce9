"""What is decided: the rebalancing problem, its objective, bound, search and certificate. No I/O, no clock but the budget's."""

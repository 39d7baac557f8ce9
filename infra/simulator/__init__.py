"""A demo company: invented accounts around real French towns, with shocks whose place and time are known."""

"""How near the rebalancing comes to the best plan, and how soon."""

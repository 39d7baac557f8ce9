"""How fast the questions of dashboards are answered, on a large company generated inside ClickHouse."""

"""ClickHouse: the schema and its migrations, the writer of rows, the KPI views and the reads of the command line."""

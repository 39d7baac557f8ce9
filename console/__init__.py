"""What people see: the web console and the HTTP API. Reads ClickHouse, writes decisions to Kafka, and nothing else."""

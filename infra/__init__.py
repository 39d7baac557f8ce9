"""How it touches the world: Kafka, ClickHouse, the embedded runtime, metrics, importers and the simulator."""

"""The engines of a system on one machine: ClickHouse from a wheel, a broker from a wheel, or Apache Kafka on Java.

Nothing outside this package asks which of them it talks to: the application knows a Kafka address and a ClickHouse URL.
Each engine is a child process; it dies with its supervisor, even when that one is killed.
"""

"""How it touches the world: Kafka, ClickHouse, the embedded runtime, metrics, importers and the simulator."""

from importlib.metadata import version

VERSION = version("terradrift")

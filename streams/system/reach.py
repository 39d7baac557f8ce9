"""How a command for operators reaches Kafka and ClickHouse: by the directory of `terradrift up`, or by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.clickhouse.client import Access
from infra.kafka.topics import cluster_id
from infra.settings import Addresses
from schemas.errors import UnavailableError
from schemas.settings import Settings, load_settings
from streams.system.runtime import find


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses of a system, with the rights to write. `log_id` "" is asked of the broker when needed."""

    kafka: str
    access: Access
    settings: Settings
    log_id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    forgets: bool = False  # the embedded broker: it deletes no records, and holds none after its next start

    def life(self) -> str:
        """The life of the broker, as the stages name it in every row. Raises UnavailableError."""
        return self.log_id or cluster_id(self.kafka, dict(self.options))


def reach(directory: Path, environment: Mapping[str, str] = os.environ) -> Reach:
    """The system that runs in `directory`; without one, that of the TERRADRIFT_* variables, as a worker would reach it.

    Raises UnavailableError when there is neither, SettingsError naming a wrong variable.
    """
    try:
        runtime = find(directory)
    except UnavailableError as nothing:
        if not environment.get("TERRADRIFT_KAFKA"):
            raise UnavailableError(f"{nothing}; or set TERRADRIFT_KAFKA and TERRADRIFT_CLICKHOUSE_URL") from None
        addresses = Addresses.from_env(environment)
        password = addresses.clickhouse_password.get_secret_value()
        access = Access(addresses.clickhouse_url, addresses.clickhouse_user, password)
        settings = load_settings(addresses.config)
        return Reach(addresses.kafka, access, settings, addresses.log_id, addresses.kafka_security())
    settings = load_settings(Path(runtime.config) if runtime.config else None)
    return Reach(
        runtime.kafka,
        runtime.owner_access(),
        settings,
        runtime.log_id,
        runtime.kafka_options(),
        runtime.kafka_mode == "embedded",
    )

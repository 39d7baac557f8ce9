"""Where an engine is reached: what a start gives back, and what is written down for others to read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from infra.embedded.ports import LOOPBACK

DATABASE = "terradrift"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """`bootstrap` is host:port; `log_id` names this log: offsets stored under another id mean nothing here."""

    bootstrap: str
    log_id: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> BrokerAddress:
        return cls(bootstrap=str(content["bootstrap"]), log_id=str(content["log_id"]))


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the database. The password never appears in a representation."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClickHouseAddress:
    """A ClickHouse on loopback. `owner` may do all, `reader` read all, `bi` read the product's tables."""

    http_port: int
    native_port: int
    owner: Login
    reader: Login
    bi: Login
    host: str = LOOPBACK
    database: str = DATABASE

    @property
    def url(self) -> str:
        """The HTTP address, without user and password."""
        return f"http://{self.host}:{self.http_port}"

    def as_json(self) -> dict[str, Any]:
        """All of it, passwords too; for private files only."""
        return asdict(self) | {"url": self.url}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> ClickHouseAddress:
        return cls(
            http_port=int(content["http_port"]),
            native_port=int(content["native_port"]),
            owner=Login(**content["owner"]),
            reader=Login(**content["reader"]),
            bi=Login(**content["bi"]),
            host=str(content["host"]),
            database=str(content["database"]),
        )

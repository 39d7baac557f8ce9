"""Addresses and secrets: the environment variables of Terradrift, each declared once, as the alias of its field.

What the business decides is in `terradrift.toml` (schemas/settings.py); here is only where things are and how to get in.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from schemas.errors import SettingsError

Role = Literal["worker", "sink"]
METRICS_PORTS: Final[Mapping[Role, int]] = {"worker": 9108, "sink": 9109}
BROKER = re.compile(r"^[^\s:,/]+:\d{1,5}$|^\[[0-9a-fA-F:.]+\]:\d{1,5}$")


class Addresses(BaseModel):
    """Where Kafka and ClickHouse are, and how to enter. Secrets are never part of a text made of this object."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kafka: str = Field(alias="TERRADRIFT_KAFKA", description="Kafka brokers, host:port, separated by commas")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", alias="TERRADRIFT_KAFKA_SECURITY_PROTOCOL", description="how the brokers are spoken to"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", alias="TERRADRIFT_KAFKA_SASL_MECHANISM", description="used with a SASL protocol only"
    )
    kafka_user: str = Field("", alias="TERRADRIFT_KAFKA_USER", description="user of a SASL protocol")
    kafka_password: SecretStr = Field(
        SecretStr(""), alias="TERRADRIFT_KAFKA_PASSWORD", description="password of a SASL protocol"
    )
    kafka_ca_file: Path | None = Field(
        None, alias="TERRADRIFT_KAFKA_CA_FILE", description="PEM file of the authority that signed the brokers' certificates; without it the system's own"
    )  # fmt: skip
    log_id: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,64}$", alias="TERRADRIFT_LOG_ID", description="names this life of the broker, with every offset; without it the cluster's own id"
    )  # fmt: skip
    instance: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]{0,200}$", alias="TERRADRIFT_INSTANCE", description="names this process among those of its role, the same after a restart; `auto` takes the host's name. A process that was killed then gets its partitions back at once; without it they wait 10 seconds"
    )  # fmt: skip
    clickhouse_url: str = Field(
        alias="TERRADRIFT_CLICKHOUSE_URL", description="ClickHouse's HTTP interface, http://host:8123 or https://host:8443"
    )  # fmt: skip
    clickhouse_user: str = Field("default", alias="TERRADRIFT_CLICKHOUSE_USER", description="user of ClickHouse")
    clickhouse_password: SecretStr = Field(
        SecretStr(""), alias="TERRADRIFT_CLICKHOUSE_PASSWORD", description="password of that user"
    )
    config: Path | None = Field(
        None, alias="TERRADRIFT_CONFIG", description="path of terradrift.toml; without it every setting has its default"
    )
    store: Literal["memory", "rocksdb"] = Field(
        "memory", alias="TERRADRIFT_STORE", description="where a worker keeps the state of accounts: memory (half a KB for an account with one order, 2 KB with twelve) or, for more of them than memory holds, rocksdb"
    )  # fmt: skip
    store_folder: Path | None = Field(
        None, alias="TERRADRIFT_STORE_FOLDER", description="folder of the rocksdb store, one for each worker; it is emptied at the start; without it a temporary one"
    )  # fmt: skip
    metrics_host: str = Field(
        "127.0.0.1", alias="TERRADRIFT_METRICS_HOST", description="address the metrics are offered on; 0.0.0.0 in a container"
    )  # fmt: skip
    metrics_port: int | None = Field(
        None, ge=0, le=65535, alias="TERRADRIFT_METRICS_PORT",
        description="port the metrics are offered on; 0 takes a free one; without it the worker has 9108, the sink 9109",
    )  # fmt: skip

    console_url: str = Field(
        "", pattern=r"^(https?://[^\s/]+)?$", alias="TERRADRIFT_CONSOLE_URL", description="address under which people reach the console, https://host, where a proxy stands before it"
    )  # fmt: skip
    console_tiles: str = Field(
        "", pattern=r"^((https://[A-Za-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)/[^\s\"'<>]*\{z\}[^\s\"'<>]*(\{x\}[^\s\"'<>]*\{y\}|\{y\}[^\s\"'<>]*\{x\})[^\s\"'<>]*)?$", alias="TERRADRIFT_CONSOLE_TILES", description="tile server under the console's maps, https://host/{z}/{x}/{y}.png: browsers then ask it for the places of the regions shown; without it maps are drawn alone, and nothing is asked of anybody"
    )  # fmt: skip
    console_tiles_credit: str = Field(
        "", max_length=200, alias="TERRADRIFT_CONSOLE_TILES_CREDIT", description="what that server wants said beside its maps, such as © its contributors"
    )  # fmt: skip
    oidc_issuer: str = Field(
        "", pattern=r"^(https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?\S*)?$", alias="TERRADRIFT_OIDC_ISSUER", description="OpenID Connect provider by whom people may sign in to the console, https://host/path; without it by password only"
    )  # fmt: skip
    oidc_client_id: str = Field(
        "", alias="TERRADRIFT_OIDC_CLIENT_ID", description="this console's name at the provider"
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), alias="TERRADRIFT_OIDC_CLIENT_SECRET", description="and its password there"
    )
    oidc_user_claim: str = Field(
        "email", pattern=r"^\S{1,64}$", alias="TERRADRIFT_OIDC_USER_CLAIM", description="claim that is the user's name in users.toml; `email` counts only when the provider has verified it"
    )  # fmt: skip

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables from a mapping such as `os.environ`. An empty value counts as not set.

        Raises SettingsError naming every wrong variable and what it may be; a secret's value is never repeated.
        """
        given = {name: value for name in variables() if (value := environment.get(name, "").strip())}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError("; ".join(_sentence(fault) for fault in error.errors(include_url=False))) from None

    @field_validator("kafka")
    @classmethod
    def _names_brokers(cls, value: str) -> str:
        brokers = [broker.strip() for broker in value.split(",")]
        for broker in brokers:
            if not BROKER.match(broker):
                raise ValueError(f"{broker!r} is not host:port")
        return ",".join(brokers)

    @field_validator("clickhouse_url")
    @classmethod
    def _is_a_plain_url(cls, value: str) -> str:
        if "@" in value:  # the value is not repeated: it holds a password
            raise ValueError(
                "must hold no user or password; they have TERRADRIFT_CLICKHOUSE_USER and TERRADRIFT_CLICKHOUSE_PASSWORD"
            )
        if not re.match(r"^https?://[^\s/]+/?$", value):
            raise ValueError("is not http://host:port or https://host:port")
        return value.rstrip("/")

    @field_validator("kafka_ca_file", "config")
    @classmethod
    def _is_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value

    @model_validator(mode="after")
    def _sasl_has_its_user(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_user and self.kafka_password.get_secret_value()
        ):
            raise ValueError(
                f"TERRADRIFT_KAFKA_SECURITY_PROTOCOL {self.kafka_security_protocol} needs TERRADRIFT_KAFKA_USER and TERRADRIFT_KAFKA_PASSWORD"
            )
        return self

    @model_validator(mode="after")
    def _provider_knows_us(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("TERRADRIFT_OIDC_ISSUER needs TERRADRIFT_OIDC_CLIENT_ID and TERRADRIFT_OIDC_CLIENT_SECRET")
        return self

    def metrics_port_of(self, role: Role) -> int:
        """The port this process offers its metrics on."""
        return METRICS_PORTS[role] if self.metrics_port is None else self.metrics_port

    def instance_of(self, role: Role) -> str:
        """The name of this process as a member of its Kafka group; "" for a member that Kafka names."""
        return f"{role}-{socket.gethostname()}" if self.instance == "auto" else self.instance

    def kafka_security(self) -> dict[str, object]:
        """Keyword arguments for any client of kafka-python or aiokafka, which name them alike.

        Raises SettingsError when the authority's file holds no certificate.
        """
        options: dict[str, object] = {"security_protocol": self.kafka_security_protocol}
        if self.kafka_security_protocol.endswith("SSL"):
            options["ssl_context"] = self._tls()
        if self.kafka_security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_user,
                "sasl_plain_password": self.kafka_password.get_secret_value(),
            }
        return options

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.kafka_ca_file)
        except (ssl.SSLError, OSError) as error:
            reason = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
            raise SettingsError(f"TERRADRIFT_KAFKA_CA_FILE: {self.kafka_ca_file} {reason}") from None


def kafka_security_of(environment: Mapping[str, str]) -> dict[str, object]:
    """The TLS and SASL settings alone, for a broker whose address is known otherwise. Raises SettingsError."""
    return elsewhere(environment).kafka_security()


def elsewhere(environment: Mapping[str, str]) -> Addresses:
    """All variables but the addresses of Kafka and ClickHouse, which are known otherwise. Raises SettingsError."""
    placeholders = {"TERRADRIFT_KAFKA": "localhost:9092", "TERRADRIFT_CLICKHOUSE_URL": "http://localhost:8123"}
    return Addresses.from_env({**environment, **placeholders})


def variables() -> tuple[str, ...]:
    """The names of all environment variables, in order of declaration."""
    return tuple(str(declared.alias) for declared in Addresses.model_fields.values())


def _sentence(fault: Mapping[str, object]) -> str:
    """One fault of pydantic as a sentence that names the variable and, unless it is secret, its value."""
    place = fault["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else ""
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    if fault["type"] == "missing":
        meaning = next(str(f.description) for f in Addresses.model_fields.values() if f.alias == name)
        return f"{name} is not set: {meaning}"
    own_words = fault["type"] == "value_error" or "PASSWORD" in name or "SECRET" in name
    return f"{name}: {message}" if own_words else f"{name}: {message}, not {fault['input']!r}"

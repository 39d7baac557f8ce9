"""How our kafka-python clients reach Kafka, and what they say when they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.errors import KafkaError, MessageSizeTooLargeError

from schemas.errors import RefusedError, UnavailableError

# The protocol of Kafka 2.3, which every broker from 2.3 to 4.x speaks. Naming it also skips the client's question for
# the broker's versions, whose newest form the embedded broker answers in a way kafka-python 3.0.12 cannot decode.
PROTOCOL = (2, 3)
BOOTSTRAP_TIMEOUT_MS = 10_000


def client_options(bootstrap: str, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Options all clients share; `extra` carries TLS and SASL settings by their kafka-python names."""
    return {
        "bootstrap_servers": bootstrap.split(","),
        "api_version": PROTOCOL,
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        **(extra or {}),
    }


@contextmanager
def reaching(bootstrap: str) -> Iterator[None]:
    """Turn client errors into ours: a record too large is refused, anything else means Kafka is not there.

    Raises RefusedError or UnavailableError, the latter with the address.
    """
    try:
        yield
    except MessageSizeTooLargeError as error:
        raise RefusedError("too_large", f"larger than Kafka takes: {error}") from error
    except (KafkaError, OSError) as error:
        raise UnavailableError(f"Kafka at {bootstrap}: {type(error).__name__}: {error}") from error

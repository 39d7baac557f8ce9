"""Whether a real Kafka can be had here, and what becomes of its tests where it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.embedded.kafka_jars import MissingToolError, find_java, jars
from infra.embedded.kafka_local import LocalKafka


def a_local_kafka(folder: Path) -> LocalKafka:
    """One node in `folder`, not started. Without Java or Maven the test is skipped with the reason, and fails where CI=true."""
    try:
        find_java()
        jars()
    except MissingToolError as missing:
        message = f"NOT TESTED on a real Kafka: {missing}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return LocalKafka(folder)

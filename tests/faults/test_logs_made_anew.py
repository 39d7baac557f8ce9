"""A topic deleted and made anew under the feet of Terradrift: worker and sink say so and end, and touch nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import a_company
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from infra.feeds.connection import client_options
from infra.kafka.topics import partition_counts, provision
from schemas.topics import ACTIVITY_STATE, FACTS, ORDERS
from tests.support.engine import Engine, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.faults, pytest.mark.timeout(900)]
FEW_ORDERS = 2_000
END_SECONDS = 120.0


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A worker and a sink that have read all orders of a small company and were stopped."""
    with Engine(tmp_path_factory.mktemp("anew")) as engine:
        worker, sink = engine.process("worker"), engine.process("sink")
        engine.load(a_company(FEW_ORDERS).feed()).finish()
        engine.wait_until_done()
        worker.stop()
        sink.stop()
        yield engine


@pytest.mark.parametrize(
    ("topic", "role", "sentence"),
    [
        (FACTS.name, "sink", "of facts ends at offset 0, but it was read up to"),
        (ORDERS.name, "worker", "of orders ends at offset 0, but it was read up to"),
        (ACTIVITY_STATE.name, "worker", f"but its state in {ACTIVITY_STATE.name} knows it up to 0 only"),
    ],
)
def test_what_is_read_of_a_log_made_anew_does_not_pass_for_what_was_read_before(
    stopped: Engine, topic: str, role: str, sentence: str
) -> None:
    before = stored(stopped)
    made_anew(stopped.bootstrap, topic)
    process = stopped.process(role, f"{role}-{topic}")
    stopped.may_fall.add(process)
    wait_until(lambda: not process.alive(), END_SECONDS)
    assert process.exit_code == 1
    assert sentence in process.last_words()
    assert "begin anew" in process.last_words()
    assert stored(stopped) == before


def stored(engine: Engine) -> dict[str, int]:
    return {table: engine.client.query(f"SELECT count() FROM {table}").result_rows[0][0] for table in ("orders", "visits", "potentials", "alerts")}  # fmt: skip


def made_anew(bootstrap: str, topic: str) -> None:
    admin = KafkaAdminClient(**client_options(bootstrap))
    admin.delete_topics([topic])
    wait_until(lambda: topic not in partition_counts(admin), 60)
    admin.close()

    def provisioned() -> bool:
        try:
            return topic in provision(bootstrap)
        except KafkaError:
            return False

    wait_until(provisioned, 60)

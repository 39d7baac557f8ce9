"""The embedded broker: librdkafka's mock cluster, from the confluent-kafka wheel, in a child process.

`EmbeddedBroker(directory, topics).start() -> BrokerAddress`. In the foreground: `python -m infra.embedded.broker
--topics name:partitions,... --address-file FILE`. A broker by protocol, in memory, for trying out and developing.

What it does, read in its source (librdkafka's rdkafka_mock.c) and checked by tests/contract/test_broker_*.py:

* A partition keeps its newest 5 MB of record batches, at most 100,000 batches; older ones vanish without regard to
  consumers. There is no compaction and no retention by time. A consumer that falls further behind is sent to its reset
  policy, so producers of much data must watch the consumers' lag. More partitions keep more.
* It keeps nothing over a restart; each start is a new log with a new `log_id`. Committed offsets go with it.
* A fetch returns one record batch per partition and request: produce in batches, or reading is slow.
* Idempotent producers (sequence numbers checked, duplicates dropped), groups, commits and their offsets work with
  aiokafka, confluent-kafka and kafka-python. The last one (3.0) must be given `api_version=(2, 3)`: the broker answers
  its question for versions, and newer forms of Metadata, in a way it cannot decode. Apache Kafka 4 speaks 2.3 too.
* A group is complete once its leader has sent the assignment. A member whose SyncGroup comes later is refused with
  INVALID_REQUEST, fatal to aiokafka, and must join again. So run one process per group here: of two, one was refused in
  2 of 5 trials. When a member leaves, the others wait for the session timeout less a second before they share its
  partitions.
* ListOffsets knows the beginning and the end; by timestamp it always answers "none".
* Creating, altering and deleting topics is not in its protocol: topics are given at the start. But a client that asks
  for the metadata of an unknown topic may make it, with 4 partitions: a mistyped name is not refused.
* No authentication, no TLS; it listens on 127.0.0.1, on a new port at each start.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import secrets
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from infra.embedded.addresses import BrokerAddress
from infra.embedded.child import Child
from infra.embedded.directory import RunDirectory
from infra.embedded.files import read_json, write_private_json
from schemas.errors import TerradriftError

RD_KAFKA_PRODUCER = 0
ERROR_TEXT_BYTES = 512
REBALANCE_DELAY_MS = 300
START_SECONDS = 20.0
STOP_SECONDS = 5.0
TICK_SECONDS = 0.2


class EmbeddedBroker:
    """The broker in a child process. `topics` gives each topic's number of partitions."""

    def __init__(self, directory: Path, topics: Mapping[str, int]) -> None:
        """`directory` is the run directory of the system; only its `logs` folder is used."""
        self._directory = RunDirectory(directory)
        self._topics = dict(topics)
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> BrokerAddress:
        """Start an empty log and block until it can be reached. Raises StartError when it cannot."""
        with tempfile.TemporaryDirectory() as private:
            address_file = Path(private) / "address.json"
            topics = ",".join(f"{name}:{partitions}" for name, partitions in self._topics.items())
            self._child = Child(
                "broker",
                (sys.executable, "-m", __name__, "--topics", topics, "--address-file", str(address_file)),
                self._directory.logs / "broker.log",
            )
            self._child.spawn()
            self._child.wait_ready(address_file.exists, START_SECONDS)
            return BrokerAddress.from_json(read_json(address_file) or {})

    def alive(self) -> bool:
        return self._child is not None and self._child.alive()

    def stop(self) -> int | None:
        """End the broker and its log; returns the exit code."""
        return self._child.stop(STOP_SECONDS) if self._child else None


def find_library() -> Path:
    """librdkafka inside the confluent-kafka wheel: beside the package on Linux, inside it on macOS and Windows.

    Raises TerradriftError when the wheel is absent or laid out otherwise.
    """
    found = importlib.util.find_spec("confluent_kafka")
    if found is None or found.origin is None:
        raise TerradriftError("the embedded broker needs the confluent-kafka package")
    package = Path(found.origin).parent
    for folder, pattern in (
        (package.parent / "confluent_kafka.libs", "librdkafka-*.so*"),
        (package / ".dylibs", "librdkafka*.dylib"),
        (package.parent / "confluent_kafka.libs", "librdkafka*.dll"),
    ):
        for library in sorted(folder.glob(pattern)):
            return library
    raise TerradriftError(f"no librdkafka beside {package}; install confluent-kafka from its wheel, not from source")


class MockCluster:
    """One broker of librdkafka's mock cluster, inside this process; its threads are librdkafka's own."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(find_library()))
        _declare(self._library)
        error = ctypes.create_string_buffer(ERROR_TEXT_BYTES)
        client = self._library.rd_kafka_new(RD_KAFKA_PRODUCER, None, error, ERROR_TEXT_BYTES)
        if not client:
            raise TerradriftError(f"librdkafka did not start: {error.value.decode()}")
        self._cluster = self._library.rd_kafka_mock_cluster_new(client, 1)
        if not self._cluster:
            raise TerradriftError("librdkafka's mock cluster did not start")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, REBALANCE_DELAY_MS)

    @property
    def bootstrap(self) -> str:
        return str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def create_topic(self, name: str, partitions: int) -> None:
        """Raises TerradriftError when the broker refuses (it exists already, or has no partitions)."""
        code = self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1)
        if code != 0:
            raise TerradriftError(f"topic {name}: {self._library.rd_kafka_err2str(code).decode()}")


def _declare(library: ctypes.CDLL) -> None:
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    library.rd_kafka_new.argtypes, library.rd_kafka_new.restype = [number, pointer, text, ctypes.c_size_t], pointer
    library.rd_kafka_mock_cluster_new.argtypes = [pointer, number]
    library.rd_kafka_mock_cluster_new.restype = pointer
    library.rd_kafka_mock_cluster_bootstraps.argtypes = [pointer]
    library.rd_kafka_mock_cluster_bootstraps.restype = text
    library.rd_kafka_mock_topic_create.argtypes = [pointer, text, number, number]
    library.rd_kafka_mock_group_initial_rebalance_delay_ms.argtypes = [pointer, ctypes.c_int32]
    library.rd_kafka_mock_group_initial_rebalance_delay_ms.restype = None
    library.rd_kafka_err2str.argtypes, library.rd_kafka_err2str.restype = [number], text


def parse_topics(text: str) -> dict[str, int]:
    """`orders:8,reps:1` as a mapping. Raises ValueError on anything else."""
    topics: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, separator, partitions = part.rpartition(":")
        if not separator or not name or not partitions.isdecimal() or int(partitions) < 1:
            raise ValueError(f"{part!r} is not of the form name:partitions")
        topics[name] = int(partitions)
    return topics


def serve(topics: Mapping[str, int], address_file: Path | None) -> None:
    """Run a broker with these topics until SIGTERM or SIGINT; write its address to the file, or print it."""
    stop_asked = threading.Event()

    def ask_stop(_number: int, _frame: FrameType | None) -> None:
        stop_asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_stop)
    cluster = MockCluster()
    for name, partitions in topics.items():
        cluster.create_topic(name, partitions)
    address = BrokerAddress(bootstrap=cluster.bootstrap, log_id=secrets.token_hex(16))
    if address_file is None:
        sys.stdout.write(f"{address.bootstrap}\n")
        sys.stdout.flush()
    else:
        write_private_json(address_file, address.as_json())
    while not stop_asked.wait(TICK_SECONDS):
        pass


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the embedded broker in the foreground.")
    parser.add_argument("--topics", type=parse_topics, default={}, help="name:partitions,name:partitions,...")
    parser.add_argument("--address-file", type=Path, help="where to write the address as JSON")
    arguments = parser.parse_args()
    try:
        serve(arguments.topics, arguments.address_file)
    except TerradriftError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

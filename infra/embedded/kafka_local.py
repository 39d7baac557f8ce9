"""One node of Apache Kafka (KRaft, broker and controller in one) on this machine's Java: durable, real, without Docker.

`LocalKafka(directory).start() -> BrokerAddress`. The log lies in DIR/kafka and survives restarts and kill -9; its
`log_id` is the cluster's id. Topics are not made by themselves; an admin client creates them.
"""

from __future__ import annotations

import base64
import secrets
import socket
import subprocess
from pathlib import Path

from infra.embedded.addresses import BrokerAddress
from infra.embedded.child import Child
from infra.embedded.directory import RunDirectory
from infra.embedded.files import FileLock, read_json, write_private_json
from infra.embedded.kafka_jars import find_java, jars
from infra.embedded.ports import LOOPBACK, free_port
from schemas.errors import TerradriftError

START_SECONDS = 90.0
STOP_SECONDS = 40.0
FORMAT_SECONDS = 60.0
LOCK_PATIENCE_SECONDS = 30.0
OFFSETS_KEPT_MINUTES = 90 * 24 * 60
"""As long as the facts, and as in docker-compose: by itself Kafka forgets where a group stood a week after its last member."""
MAX_MESSAGE_BYTES = 2_097_152
JVM_OPTIONS = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",  # the smallest footprint; one busy broker does not need more
    "-XX:+ExitOnOutOfMemoryError",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)


class LocalKafka:
    """The node in a child process."""

    def __init__(self, directory: Path) -> None:
        """`directory` is the run directory of the system; the node uses its `kafka` and `logs` folders."""
        self._directory = RunDirectory(directory)
        self._folder = self._directory.kafka
        self._lock = FileLock(self._folder / "lock")
        self._child: Child | None = None
        self._port = 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def start(self) -> BrokerAddress:
        """Fetch Kafka if needed, format the storage once, start, and block until the node serves.

        Raises MissingToolError without Java or Maven, HeldError when another process has the log, StartError when the
        node does not come up.
        """
        java, class_path = find_java(), f"{jars()}/*"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire(LOCK_PATIENCE_SECONDS)
        try:
            properties = self._write_properties()
            cluster_id = self._format_once(java, class_path, properties)
            self._child = Child(
                "kafka",
                (java, *JVM_OPTIONS, "-cp", class_path, "kafka.Kafka", str(properties)),
                self._directory.logs / "kafka.log",
                keep_open=(self._lock.descriptor,),  # the log stays locked while the JVM lives, whatever becomes of us
            )
            self._child.spawn()
            self._child.wait_ready(self.answers, START_SECONDS)
        finally:
            self._lock.release()
        return BrokerAddress(f"{LOOPBACK}:{self._port}", cluster_id)

    def alive(self) -> bool:
        return self._child is not None and self._child.alive()

    def answers(self) -> bool:
        """Whether the node accepts connections; it opens its port once it can serve."""
        try:
            socket.create_connection((LOOPBACK, self._port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> int | None:
        """Controlled shutdown; returns the exit code (143, Java's word for SIGTERM, when clean)."""
        return self._child.stop(STOP_SECONDS) if self._child else None

    def _write_properties(self) -> Path:
        ports_file = self._folder / "ports.json"
        known = read_json(ports_file) or {}
        self._port, controller_port = free_port(known.get("broker")), free_port(known.get("controller"))
        write_private_json(ports_file, {"broker": self._port, "controller": controller_port})
        properties = self._folder / "server.properties"
        properties.write_text(node_properties(self._folder / "data", self._port, controller_port), encoding="utf-8")
        return properties

    def _format_once(self, java: str, class_path: str, properties: Path) -> str:
        """The cluster's id; the storage is formatted at the first start only."""
        meta = self._folder / "data" / "meta.properties"
        if not meta.exists():
            tool = (java, "-cp", class_path, "kafka.tools.StorageTool", "format", "--ignore-formatted")
            done = subprocess.run(
                (*tool, "-t", new_cluster_id(), "-c", str(properties)),
                capture_output=True,
                text=True,
                check=False,
                timeout=FORMAT_SECONDS,
            )
            if done.returncode != 0:
                raise TerradriftError(f"Kafka's storage could not be formatted:\n{(done.stdout + done.stderr)[-2000:]}")
        return cluster_id_in(meta.read_text(encoding="utf-8"))


def new_cluster_id() -> str:
    """A Kafka cluster id: 16 random bytes, base64url, unpadded, and no leading dash, which would read as an option."""
    while True:
        text = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def cluster_id_in(meta_properties: str) -> str:
    """The cluster id in the text of a meta.properties. Raises TerradriftError when there is none."""
    for line in meta_properties.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "cluster.id":
            return value.strip()
    raise TerradriftError("Kafka's meta.properties names no cluster.id")


def node_properties(data: Path, port: int, controller_port: int) -> str:
    """server.properties of the one node. Retention belongs to the topics; nothing here is replicated."""
    return f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{LOOPBACK}:{controller_port}
listeners=PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}
advertised.listeners=PLAINTEXT://{LOOPBACK}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={MAX_MESSAGE_BYTES}
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
offsets.retention.minutes={OFFSETS_KEPT_MINUTES}
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=300
"""

"""What is wrong around us is said in one sentence within seconds, with an exit status, and nothing is harmed by it."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from infra.clickhouse.client import Access, connect
from infra.clickhouse.knock import knock as knock_at_clickhouse
from infra.embedded.clickhouse import ClickHouseServer
from infra.feeds.connection import client_options
from infra.kafka import topics
from infra.kafka.knock import knock
from schemas.errors import SettingsError, UnavailableError
from tests.faults.outage_system import COMMAND, ROOT, Part, command, require_kafka
from tests.faults.secured_kafka import PASSWORD, USER, Authority, SecuredKafka
from tests.faults.small_disk import small_disk
from tests.support.spoken_secrets import said_aloud

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]
PATIENCE_SECONDS = 200.0
BOUND_SECONDS = 90
"""From start to exit, most of it imports on a busy machine."""
KNOCK_SECONDS = 9.0
COMPANY = ROOT / "examples" / "company"


@dataclass(frozen=True)
class Place:
    """A Kafka with four listeners, and a ClickHouse; both provisioned. `environment` speaks plain and is right."""

    kafka: SecuredKafka
    ours: Authority
    foreign: Authority
    owner: Access = field(repr=False)

    def environment(self, protocol: str = "PLAINTEXT", **changed: str) -> dict[str, str]:
        found = {
            "TERRADRIFT_KAFKA": self.kafka.address[protocol],
            "TERRADRIFT_KAFKA_SECURITY_PROTOCOL": protocol,
            "TERRADRIFT_CLICKHOUSE_URL": self.owner.url,
            "TERRADRIFT_CLICKHOUSE_USER": self.owner.user,
            "TERRADRIFT_CLICKHOUSE_PASSWORD": self.owner.password,
            "TERRADRIFT_METRICS_PORT": "0",
        }
        if protocol.startswith("SASL"):
            found |= {"TERRADRIFT_KAFKA_SASL_MECHANISM": "PLAIN", "TERRADRIFT_KAFKA_USER": USER,
                      "TERRADRIFT_KAFKA_PASSWORD": PASSWORD}  # fmt: skip
        if protocol.endswith("SSL"):
            found["TERRADRIFT_KAFKA_CA_FILE"] = str(self.ours.certificate)
        return found | changed

    def security(self, protocol: str, authority: Authority | None = None, **changed: str) -> dict[str, Any]:
        """As `Addresses.kafka_security` gives it."""
        found: dict[str, Any] = {"security_protocol": protocol}
        if protocol.startswith("SASL"):
            found |= {"sasl_mechanism": "PLAIN", "sasl_plain_username": USER, "sasl_plain_password": PASSWORD}
        if protocol.endswith("SSL"):
            found["ssl_context"] = ssl.create_default_context(cafile=(authority or self.ours).certificate)
        return found | changed


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    require_kafka()
    folder = tmp_path_factory.mktemp("surroundings")
    ours, foreign = Authority.found(folder / "ours"), Authority.found(folder / "foreign")
    kafka, clickhouse = SecuredKafka(folder, ours), ClickHouseServer(folder)
    try:
        kafka.start()
        address = clickhouse.start()
        found = Place(kafka, ours, foreign, Access(address.url, address.owner.user, address.owner.password))
        provisioned = command("provision", found.environment("SASL_SSL"), seconds=PATIENCE_SECONDS)
        assert provisioned.returncode == 0, provisioned.stderr
        yield found
    finally:
        kafka.stop()
        clickhouse.stop()


def test_every_right_way_in_is_open(place: Place) -> None:
    for protocol in ("PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"):
        topics.expect(place.kafka.address[protocol], place.security(protocol))


@pytest.mark.parametrize(
    ("listener", "speaking", "sentence"),
    [
        ("PLAINTEXT", "SSL", "does not speak TLS, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SSL"),
        ("PLAINTEXT", "SASL_PLAINTEXT", "does not want SASL, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT"),
        ("SSL", "PLAINTEXT", "speaks TLS, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is PLAINTEXT"),
        ("SSL", "SASL_PLAINTEXT", "speaks TLS, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT"),
        ("SSL", "SASL_SSL", "does not want SASL, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SASL_SSL"),
        ("SASL_PLAINTEXT", "PLAINTEXT", "wants SASL, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is PLAINTEXT"),
        ("SASL_PLAINTEXT", "SASL_SSL", "does not speak TLS, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SASL_SSL"),
        ("SASL_SSL", "SSL", "wants SASL, but TERRADRIFT_KAFKA_SECURITY_PROTOCOL is SSL"),
    ],
)
def test_each_way_of_speaking_past_each_other_is_named(
    place: Place, listener: str, speaking: str, sentence: str
) -> None:
    assert sentence in refusal(place.kafka.address[listener], place.security(speaking), SettingsError)


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_wrong_password_and_an_unknown_mechanism_are_named(place: Place, protocol: str) -> None:
    address = place.kafka.address[protocol]
    wrong = refusal(address, place.security(protocol, sasl_plain_password="wrong-secret"), SettingsError)
    assert f"refuses the user '{USER}': wrong user or password" in wrong
    assert "wrong-secret" not in wrong
    scram = refusal(address, place.security(protocol, sasl_mechanism="SCRAM-SHA-512"), SettingsError)
    assert "does not take the SASL mechanism SCRAM-SHA-512, only PLAIN" in scram


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_a_certificate_of_an_unknown_authority_is_named(place: Place, protocol: str) -> None:
    said = refusal(place.kafka.address[protocol], place.security(protocol, place.foreign), SettingsError)
    assert "certificate that is not trusted" in said
    assert "TERRADRIFT_KAFKA_CA_FILE" in said


def test_who_is_not_there_or_keeps_silent_is_named_in_seconds(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = f"127.0.0.1:{mute.getsockname()[1]}"
        assert "does not answer" in refusal(silent, {}, UnavailableError)
    assert "nobody listens there" in refusal(silent, {}, UnavailableError)
    assert "the name no-such-host.invalid is not known" in refusal("no-such-host.invalid:9092", {}, UnavailableError)
    knock(f"{silent},{place.kafka.address['PLAINTEXT']}")  # one of several brokers is enough


def test_worker_sink_and_provision_say_so_and_end(place: Place) -> None:
    right, nobody = place.environment(), "127.0.0.1:1"
    no_kafka = right | {"TERRADRIFT_KAFKA": nobody}
    wrong_kafka = place.environment("SASL_SSL", TERRADRIFT_KAFKA_PASSWORD="wrong-secret")
    wrong_clickhouse = right | {"TERRADRIFT_CLICKHOUSE_PASSWORD": "wrong-secret"}
    no_clickhouse = right | {"TERRADRIFT_CLICKHOUSE_URL": "http://127.0.0.1:2"}
    plain_asked_for_tls = right | {"TERRADRIFT_CLICKHOUSE_URL": place.owner.url.replace("http://", "https://")}
    tls = place.kafka.address["SSL"]  # any server that speaks TLS will do, with a certificate nobody here trusts
    untrusted, tls_asked_plainly = (
        {**right, "TERRADRIFT_CLICKHOUSE_URL": f"{scheme}://{tls}"} for scheme in ("https", "http")
    )
    cases = [
        ("worker", no_kafka, "nobody listens there"),
        ("sink", wrong_kafka, "wrong user or password (TERRADRIFT_KAFKA_USER"),
        ("worker", place.environment("SSL", TERRADRIFT_KAFKA_CA_FILE=str(place.foreign.certificate)), "not trusted"),
        ("provision", wrong_kafka, "wrong user or password (TERRADRIFT_KAFKA_USER"),
        ("sink", wrong_clickhouse, "wrong user or password (TERRADRIFT_CLICKHOUSE_USER"),
        ("sink", no_clickhouse, "ClickHouse at http://127.0.0.1:2 cannot be reached: nobody listens there"),
        ("sink", plain_asked_for_tls, "does not speak TLS there: http:// instead of https://"),
        ("sink", untrusted, "shows a certificate that is not trusted"),
        ("provision", tls_asked_plainly, "does not answer as ClickHouse's HTTP interface does"),
    ]
    with ThreadPoolExecutor(2) as pool:
        for (name, _, sentence), ended in zip(
            cases, pool.map(lambda case: command(case[0], case[1], seconds=BOUND_SECONDS), cases), strict=True
        ):
            assert_one_sentence(ended, sentence, name)


def test_up_on_a_kafka_that_is_not_there_ends_too(place: Place, tmp_path: Path) -> None:
    options = ("--dir", str(tmp_path / "run"), "--kafka", "127.0.0.1:1", "--clickhouse", place.owner.url)
    assert_one_sentence(command("up", place.environment(), *options, seconds=BOUND_SECONDS), "nobody listens there")
    wrong = place.environment(TERRADRIFT_CLICKHOUSE_PASSWORD="wrong-secret")
    assert_one_sentence(command("up", wrong, *options, seconds=BOUND_SECONDS), "wrong user or password")


def test_a_missing_topic_and_another_partition_count_stop_worker_and_sink(place: Place) -> None:
    bootstrap = place.kafka.address["PLAINTEXT"]
    admin = KafkaAdminClient(**client_options(bootstrap))
    try:
        admin.delete_topics(["facts"])
        eventually(lambda: "has no topic facts; `terradrift provision` creates" in expectation(bootstrap))
        ended = command("sink", place.environment(), seconds=BOUND_SECONDS)
        assert_one_sentence(ended, "has no topic facts; `terradrift provision` creates what is missing")
        admin.create_topics([NewTopic("facts", 3, 1)])
        eventually(lambda: "topic facts has 3 partitions, not 8" in expectation(bootstrap))
        ended = command("worker", place.environment(), seconds=BOUND_SECONDS)
        assert_one_sentence(ended, "topic facts has 3 partitions, not 8")
        with pytest.raises(SettingsError, match="topic facts has 3 partitions, not 8"):
            topics.provision(bootstrap)
        admin.delete_topics(["facts"])
        eventually(lambda: "has no topic facts" in expectation(bootstrap))
    finally:
        admin.close()
        topics.provision(bootstrap)
    topics.expect(bootstrap)


def test_a_database_that_was_never_provisioned_is_named(place: Place) -> None:
    nowhere = replace(place.owner, database="nowhere")
    with pytest.raises(SettingsError, match="has no database nowhere; `terradrift provision` creates it"):
        knock_at_clickhouse(nowhere)
    knock_at_clickhouse(nowhere, database=False)
    knock_at_clickhouse(place.owner)


def test_with_the_right_settings_the_whole_way_works_over_tls_and_sasl(place: Place, tmp_path: Path) -> None:
    protocol = "SASL_SSL"
    environment = place.environment(protocol)
    del environment["TERRADRIFT_METRICS_PORT"]
    up = Part("up", environment, tmp_path / "up.log", "--dir", str(tmp_path / "run"), "--kafka",
              place.kafka.address[protocol], "--clickhouse", place.owner.url)  # fmt: skip
    up.start()
    try:
        eventually(lambda: "Ready " in up.words(), PATIENCE_SECONDS)
        replayed = command(
            "replay", environment, str(COMPANY), "--wait", "--dir", str(tmp_path / "run"), seconds=PATIENCE_SECONDS
        )
        assert replayed.returncode == 0, replayed.stderr + up.words()
        refused = command("replay", place.environment(protocol, TERRADRIFT_KAFKA_PASSWORD="wrong-secret"),
                          str(COMPANY), "--dir", str(tmp_path / "run"), seconds=BOUND_SECONDS)  # fmt: skip
        assert refused.returncode == 1
        assert "wrong user or password" in refused.stderr.splitlines()[-1]  # below the bar of what was read
    finally:
        assert up.stop(PATIENCE_SECONDS) == 0, up.words()
    assert not said_aloud((PASSWORD, "wrong-secret", place.owner.password), tmp_path.parent)
    client = connect(place.owner)
    held = client.query("SELECT count() FROM orders").result_rows[0][0]
    client.close()
    assert held == len((COMPANY / "orders.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "readonly", "ro") as disk:
        ended = up_on(disk, "--dir", str(disk.path / "run"))
        assert_one_sentence(ended, f"{disk.path / 'run'} cannot be written: Read-only file system")
    with small_disk(tmp_path / "full", "size=1m") as disk:
        disk.fill()
        assert_one_sentence(up_on(disk, "--dir", str(disk.path / "run")), "cannot be written: No space left on device")


@pytest.mark.parametrize(("size", "free", "missing"), [("100m", "100 MiB", "220 MiB"), ("300m", "300 MiB", "20 MiB")])
def test_a_disk_with_less_room_than_clickhouse_keeps_free_is_named_with_what_it_needs(
    tmp_path: Path, size: str, free: str, missing: str
) -> None:
    with small_disk(tmp_path / "small", f"size={size}") as disk:
        ended = up_on(disk, "--dir", str(disk.path / "td"))
        assert list((disk.seen / "td" / "clickhouse").iterdir()) == [], "nothing was begun"
    said = f"the disk of {disk.path}/td has {free} free and needs 320 MiB: ClickHouse keeps 256 MiB free"
    assert_one_sentence(ended, said, f"free {missing} there, or name a folder on another disk with --dir")


def test_the_room_that_up_asks_for_is_enough_to_start(tmp_path: Path) -> None:
    """Or it would be refused by ClickHouse itself after all."""
    with small_disk(tmp_path / "enough", "size=322m") as disk:
        directory = str(disk.path / "td")
        process = disk.popen((*COMMAND, "up", "--dir", directory, "--no-console"), {"PYTHONPATH": str(ROOT)}, ROOT)
        try:
            assert process.stdout is not None
            said = iter(process.stdout.readline, "")
            assert any(line.startswith("Ready") for line in said), process.stderr and process.stderr.read()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_SECONDS)


def up_on(disk: Any, *options: str) -> subprocess.CompletedProcess[str]:
    process = disk.popen((*COMMAND, "up", *options), {"PYTHONPATH": str(ROOT)}, ROOT)
    try:
        out, err = process.communicate(timeout=BOUND_SECONDS)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def refusal(address: str, security: dict[str, Any], kind: type[Exception]) -> str:
    """What the knock says, within its time."""
    began = time.monotonic()
    with pytest.raises(kind) as refused:
        knock(address, security)
    assert time.monotonic() - began < KNOCK_SECONDS
    assert address in str(refused.value)
    return str(refused.value)


def expectation(bootstrap: str) -> str:
    try:
        topics.expect(bootstrap)
    except SettingsError as error:
        return str(error)
    return ""


def eventually(holds: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.2)


def assert_one_sentence(ended: subprocess.CompletedProcess[str], sentence: str, about: str = "") -> None:
    """Exit status 1, and one line on stderr that says what it is and repeats no secret."""
    said = ended.stderr.strip()
    assert ended.returncode == 1, (about, ended.returncode, said[-2000:])
    assert sentence in said, (about, said[-2000:])
    assert said.startswith("terradrift: "), (about, said[:2000])
    assert len(said.splitlines()) == 1, (about, said[:2000])
    assert "wrong-secret" not in said

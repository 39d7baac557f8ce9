"""Files, locks, ports and texts of the embedded runtime: no process, no socket to another machine."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from infra.embedded.addresses import BrokerAddress, ClickHouseAddress, Login
from infra.embedded.broker import parse_topics
from infra.embedded.clickhouse_config import claim_address, write_configuration
from infra.embedded.directory import RunDirectory
from infra.embedded.files import FileLock, HeldError, read_json, write_private_json
from infra.embedded.kafka_jars import java_major, kafka_version
from infra.embedded.kafka_local import cluster_id_in, new_cluster_id, node_properties
from schemas.topics import FACTS


def an_address() -> ClickHouseAddress:
    return ClickHouseAddress(20001, 20002, Login("terradrift", "one"), Login("reader", "two"), Login("bi", "three"))


def test_a_private_file_is_readable_by_its_owner_alone_and_leaves_no_partial_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_private_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_file_without_a_json_object_reads_as_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert read_json(path) is None


def test_a_second_supervisor_is_refused_and_told_who_holds_the_directory(tmp_path: Path) -> None:
    with RunDirectory(tmp_path) as first, pytest.raises(HeldError) as refusal:
        RunDirectory(tmp_path).hold()
    assert str(tmp_path) in str(refusal.value)
    assert refusal.value.holder is not None
    assert f"process {refusal.value.holder.pid} since 20" in str(refusal.value)
    assert first.holder() is None


def test_a_released_directory_can_be_held_again(tmp_path: Path) -> None:
    with RunDirectory(tmp_path):
        pass
    with RunDirectory(tmp_path) as again:
        assert again.holder() is not None


def test_what_a_former_supervisor_published_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text('{"pid": 1, "since": "2026-01-01T00:00:00+00:00"}')
    (tmp_path / "runtime.json").write_text('{"url": "http://127.0.0.1:1"}')
    directory = RunDirectory(tmp_path)
    assert directory.holder() is None
    assert directory.read_runtime() is None
    with directory:
        assert directory.read_runtime() is None
        directory.write_runtime({"url": "http://127.0.0.1:2"})
        assert directory.read_runtime() == {"url": "http://127.0.0.1:2"}
    assert not directory.runtime_file.exists()


def test_a_lock_is_refused_even_when_its_file_says_nothing(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock").acquire()
    (tmp_path / "lock").write_text("")
    with pytest.raises(HeldError, match="is held by another process"):
        FileLock(tmp_path / "lock").acquire()
    lock.release()


def test_addresses_survive_json_and_hide_their_passwords() -> None:
    broker = BrokerAddress("127.0.0.1:9092", "ab12")
    assert BrokerAddress.from_json(broker.as_json()) == broker
    assert ClickHouseAddress.from_json(an_address().as_json()) == an_address()
    assert an_address().url == "http://127.0.0.1:20001"
    assert not any(password in repr(an_address()) for password in ("one", "two", "three"))


@pytest.mark.io
def test_passwords_and_free_ports_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    first = claim_address(tmp_path)
    assert claim_address(tmp_path) == first
    assert len({first.owner.password, first.reader.password, first.bi.password}) == 3


@pytest.mark.io
def test_the_configuration_holds_no_password_in_clear(tmp_path: Path) -> None:
    address = claim_address(tmp_path)
    write_configuration(tmp_path, tmp_path, address)
    written = (tmp_path / "users.xml").read_text() + (tmp_path / "config.xml").read_text()
    assert not any(login.password in written for login in (address.owner, address.reader, address.bi))
    assert stat.S_IMODE((tmp_path / "users.xml").stat().st_mode) == 0o600


def test_topics_are_read_from_one_argument() -> None:
    assert parse_topics("orders:8,sales.reps.v1:1") == {"orders": 8, "sales.reps.v1": 1}
    assert parse_topics("") == {}


@pytest.mark.parametrize("text", ["orders", "orders:", ":3", "orders:0", "orders:many"])
def test_a_topic_without_a_number_of_partitions_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form name:partitions"):
        parse_topics(text)


@pytest.mark.parametrize(
    ("banner", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_392"', 8),
        ("command not found", None),
    ],
)
def test_the_version_of_java_is_read_from_its_banner(banner: str, major: int | None) -> None:
    assert java_major(banner) == major


def test_the_pom_names_a_kafka_of_the_fourth_generation() -> None:
    assert kafka_version().startswith("4.")


def test_a_cluster_id_is_22_characters_and_never_reads_as_an_option() -> None:
    ids = [new_cluster_id() for _ in range(500)]
    assert {len(text) for text in ids} == {22}
    assert not any(text.startswith("-") for text in ids)


def test_the_cluster_id_is_found_in_what_kafka_wrote() -> None:
    assert cluster_id_in("#\n#Sat Nov 21 2026\nnode.id=1\nversion=1\ncluster.id=ao9TT9XWTp-AWB5r3-8qkA\n") == (
        "ao9TT9XWTp-AWB5r3-8qkA"
    )


def test_the_node_makes_no_topic_by_itself() -> None:
    assert "auto.create.topics.enable=false\n" in node_properties(Path("/data"), 20001, 20002)


def test_a_group_that_rests_is_remembered_as_long_as_the_facts_it_has_not_read() -> None:
    kept = re.search(r"^offsets\.retention\.minutes=(\d+)$", node_properties(Path("/data"), 20001, 20002), re.MULTILINE)
    assert kept is not None
    assert int(kept[1]) * 60_000 >= FACTS.retention_ms

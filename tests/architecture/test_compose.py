"""docker-compose.yml, the Dockerfile, .env.example and the pages agree with each other and with infra/settings.py."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from infra.crm.standing_by import MOST_SECONDS
from infra.embedded.clickhouse_config import READER_GRANTS
from infra.embedded.kafka_local import OFFSETS_KEPT_MINUTES
from infra.outward import Outward
from infra.settings import METRICS_PORTS, Addresses, variables
from schemas.settings import Settings
from streams.cli.main import commands

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("provision", "worker", "sink", "console", "notifier", "crm")
MAIL = {str(field.alias) for field in Outward.model_fields.values() if "_SMTP_" in str(field.alias)}
CRM = {str(field.alias) for field in Outward.model_fields.values() if "_CRM_" in str(field.alias)}
DOCKERFILE = (ROOT / "infra" / "docker" / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")
)
# the keys of the compose specification that are used here; anything else is probably misspelt
SERVICE_KEYS = {
    "image", "build", "init", "read_only", "cap_drop", "security_opt", "logging", "tmpfs", "volumes", "command", "restart",
    "stop_grace_period", "environment", "depends_on", "healthcheck", "deploy", "ports", "ulimits", "env_file",
}  # fmt: skip
CONDITIONS = {"service_healthy", "service_completed_successfully"}

each_service = pytest.mark.parametrize("name", SERVICES)


def mounts() -> list[tuple[str, str]]:
    """(source, target) of every mount of every service."""
    found = [mount.split(":")[:2] for service in SERVICES.values() for mount in service.get("volumes", ())]
    return [(source, target) for source, target in found]


def test_every_key_is_one_of_the_compose_specification() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"name", "services", "volumes"}
    assert {key for service in SERVICES.values() for key in service} <= SERVICE_KEYS


@each_service
def test_an_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+(\.\d+)?", image), image


def test_base_images_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)


def test_our_image_has_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"terradrift:{version}"}


@each_service
def test_a_service_is_watched_or_runs_once(name: str) -> None:
    service = SERVICES[name]
    if service["restart"] == "no":
        assert service["healthcheck"] == {"disable": True}
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} <= set(service["healthcheck"])


@each_service
def test_a_service_waits_for_services_that_exist(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        runs_once = SERVICES[other]["restart"] == "no"
        assert (how["condition"] == "service_completed_successfully") == runs_once


@each_service
def test_a_service_has_limits(name: str) -> None:
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


@each_service
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_every_mounted_file_exists_and_every_volume_is_declared() -> None:
    for source, _ in mounts():
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], source
    assert set(COMPOSE["volumes"]) == {source for source, _ in mounts() if not source.startswith(".")}


def test_everything_copied_into_the_image_exists_and_passes_the_ignore_file() -> None:
    ignore = (ROOT / "infra" / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert f"!{source}" in ignore
            assert (ROOT / source).exists(), source


def test_every_package_enters_the_image() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {pattern.rstrip("*") for pattern in patterns}
    missing = {
        package
        for package in packages
        if (ROOT / package).is_dir() and f"\nCOPY {package} {package}\n" not in DOCKERFILE
    }
    assert missing == set()


def test_the_image_runs_as_a_user_without_rights() -> None:
    assert re.search(r"^USER terradrift$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    for name in OURS:
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", OURS)
def test_a_process_gets_exactly_the_variables_that_are_declared(name: str) -> None:
    silent = {"TERRADRIFT_METRICS_PORT"} if name in ("provision", "console", "notifier", "crm") else set()  # no metrics
    outward = {"notifier": MAIL, "crm": CRM}.get(name, set())  # the secrets of each are nobody else's
    assert set(SERVICES[name]["environment"]) | silent == set(variables()) | outward


@pytest.mark.parametrize(("name", "port"), METRICS_PORTS.items())
def test_a_role_offers_its_metrics_where_the_settings_say(name: str, port: int) -> None:
    assert SERVICES[name]["environment"]["TERRADRIFT_METRICS_PORT"] == str(port)
    assert str(port) in next(line for line in DOCKERFILE.splitlines() if line.startswith("EXPOSE"))
    assert SERVICES[name]["healthcheck"]["test"][-1] == name
    assert SERVICES[name]["command"] == ["terradrift", name]


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_a_command_that_exists(name: str) -> None:
    program, command, *_ = SERVICES[name]["command"]
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"] == {program: "streams.cli:main"}
    assert command in commands.commands


@pytest.mark.parametrize("name", OURS)
def test_the_values_of_the_compose_file_are_accepted(name: str, tmp_path: Path) -> None:
    settings = tmp_path / "terradrift.toml"
    settings.touch()
    given = {key: re.sub(r"^\$\{\w+:[-?](.*)\}$", r"\1", value) for key, value in SERVICES[name]["environment"].items()}
    addresses = Addresses.from_env(given | {"TERRADRIFT_CONFIG": str(settings)})
    assert addresses.kafka == "kafka:9092"
    assert addresses.metrics_host == "0.0.0.0"  # noqa: S104 (inside a container)


def test_the_console_is_asked_by_its_own_command_and_open_to_this_machine_only() -> None:
    program, group, *arguments = SERVICES["console"]["command"]
    console = commands.commands[group]
    assert program == "terradrift"
    assert isinstance(console, click.Group)
    serve = console.commands[arguments[0]]
    given = serve.make_context("serve", list(arguments[1:])).params
    assert SERVICES["console"]["ports"] == [f"127.0.0.1:{given['port']}:{given['port']}"]
    assert f":{given['port']}/api/v1/health" in SERVICES["console"]["healthcheck"]["test"][-1]
    assert str(given["port"]) in next(line for line in DOCKERFILE.splitlines() if line.startswith("EXPOSE"))


def test_the_notifier_waits_where_nobody_is_to_be_told_and_is_well_while_it_looks() -> None:
    _, command, *arguments = SERVICES["notifier"]["command"]
    given = commands.commands[command].make_context(command, list(arguments)).params
    assert given["stand_by"]
    assert str(given["heartbeat"]) in SERVICES["notifier"]["healthcheck"]["test"][-1]
    assert SERVICES["notifier"]["env_file"] == [{"path": ".env.webhooks", "required": False}]


def test_the_pusher_waits_where_no_crm_is_set_and_is_well_through_its_longest_pause() -> None:
    _, group, command, *arguments = SERVICES["crm"]["command"]
    crm = commands.commands[group]
    assert isinstance(crm, click.Group)
    given = crm.commands[command].make_context(command, list(arguments)).params
    assert given["stand_by"]
    check = SERVICES["crm"]["healthcheck"]["test"][-1]
    assert str(given["heartbeat"]) in check
    assert int(check.rpartition("> ")[2].rstrip(")")) > MOST_SECONDS


def test_what_the_console_keeps_outlives_its_container_and_belongs_to_its_user() -> None:
    directory = SERVICES["console"]["command"][-1]
    assert ("console-data", directory) in mounts()
    assert f"install --directory --owner=terradrift --mode=0700 {directory}" in DOCKERFILE


def test_addresses_name_services_that_exist() -> None:
    assert EXAMPLE["TERRADRIFT_KAFKA"].split(":")[0] in SERVICES
    assert EXAMPLE["TERRADRIFT_CLICKHOUSE_URL"].removeprefix("http://").split(":")[0] in SERVICES


def test_the_settings_file_is_mounted_where_the_variable_says() -> None:
    assert ("./examples/terradrift.toml", EXAMPLE["TERRADRIFT_CONFIG"]) in mounts()


def test_the_example_environment_has_every_variable_and_no_secret() -> None:
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    assert set(EXAMPLE) == asked
    assert set(EXAMPLE) >= MAIL | CRM
    assert set(variables()) - set(EXAMPLE) == {"TERRADRIFT_METRICS_PORT"}  # each service has its own
    assert {name: value for name, value in EXAMPLE.items() if re.search("PASSWORD|SECRET", name) and value} == {}
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    assert {name: EXAMPLE[name] for name in defaults} == defaults


def test_what_has_no_default_must_be_set() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert required == {"KAFKA_CLUSTER_ID", "TERRADRIFT_CLICKHOUSE_PASSWORD", "CLICKHOUSE_BI_PASSWORD", "CLICKHOUSE_CONSOLE_PASSWORD", "GRAFANA_ADMIN_PASSWORD"}  # fmt: skip


def test_the_console_reads_as_the_embedded_one_does_and_writes_only_that_a_letter_is_sent_again() -> None:
    file = (ROOT / "infra" / "docker" / "clickhouse" / "console.xml").read_text(encoding="utf-8")
    granted = re.findall(r"<query>(.+?)</query>", file)
    assert granted == [
        *re.findall(r"<query>(.+?)</query>", READER_GRANTS),
        "GRANT INSERT ON terradrift.dead_letter_replays",
    ]
    environment = SERVICES["console"]["environment"]
    assert environment["TERRADRIFT_CLICKHOUSE_USER"] == "${CLICKHOUSE_CONSOLE_USER:-console}"
    assert "CLICKHOUSE_CONSOLE_PASSWORD" in environment["TERRADRIFT_CLICKHOUSE_PASSWORD"]


def test_no_page_names_a_variable_that_does_not_exist() -> None:
    # the first two are for tests, the next for the command line and the embedded engine; none is an address
    others = {
        "TERRADRIFT_DATA",
        "TERRADRIFT_REQUIRE_DATA",
        "TERRADRIFT_DIR",
        "TERRADRIFT_BI_REGIONS",
        "TERRADRIFT_BI_QUERIES",
    }
    known = set(variables()) | {str(field.alias) for field in Outward.model_fields.values()} | others
    pages = [ROOT / ".env.example", ROOT / "docker-compose.yml", *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    for page in filter(Path.is_file, pages):
        assert set(re.findall(r"\bTERRADRIFT_[A-Z_]+\b", page.read_text(encoding="utf-8"))) <= known, page


def test_the_broker_takes_messages_larger_than_the_largest_accepted() -> None:
    limit = int(SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"])
    # a dead letter holds the message in base64, a third longer
    assert limit > Settings().feed.max_message_bytes * 4 / 3


def test_the_broker_remembers_a_group_as_long_as_the_one_without_docker_does() -> None:
    assert int(SERVICES["kafka"]["environment"]["KAFKA_OFFSETS_RETENTION_MINUTES"]) == OFFSETS_KEPT_MINUTES


def test_the_secrets_of_a_real_environment_are_never_committed() -> None:
    assert {".env", ".env.webhooks"} <= set((ROOT / ".gitignore").read_text().splitlines())

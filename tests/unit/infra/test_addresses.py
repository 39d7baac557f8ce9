"""Addresses come from the environment; every error names its variable, and no text holds a secret."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from infra.settings import METRICS_PORTS, Addresses, variables
from schemas.errors import SettingsError

PLAIN = {"TERRADRIFT_KAFKA": "kafka:9092", "TERRADRIFT_CLICKHOUSE_URL": "http://clickhouse:8123"}
SASL = {
    "TERRADRIFT_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "TERRADRIFT_KAFKA_USER": "terradrift",
    "TERRADRIFT_KAFKA_PASSWORD": "s3cret",
}


def test_two_addresses_are_enough() -> None:
    addresses = Addresses.from_env(PLAIN)
    assert addresses.kafka == "kafka:9092"
    assert addresses.kafka_security() == {"security_protocol": "PLAINTEXT"}
    assert addresses.config is None


@pytest.mark.parametrize("name", PLAIN)
def test_a_missing_address_is_named_with_what_it_should_be(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not set: .*host:"):
        Addresses.from_env(PLAIN | {name: ""})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TERRADRIFT_KAFKA", "kafka", "'kafka' is not host:port"),
        ("TERRADRIFT_KAFKA", "a:9092, b", "'b' is not host:port"),
        ("TERRADRIFT_CLICKHOUSE_URL", "clickhouse:8123", "is not http://host:port"),
        ("TERRADRIFT_METRICS_PORT", "99999", "less than or equal to 65535, not '99999'"),
        ("TERRADRIFT_METRICS_PORT", "http", "valid integer"),
        ("TERRADRIFT_KAFKA_SECURITY_PROTOCOL", "TLS", "'PLAINTEXT'"),
        ("TERRADRIFT_CONFIG", "/nowhere/terradrift.toml", "no such file: /nowhere/terradrift.toml"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Addresses.from_env(PLAIN | {name: value})
    assert str(caught.value).startswith(f"{name}: ")
    assert says in str(caught.value)


def test_several_faults_are_named_together() -> None:
    with pytest.raises(SettingsError, match=r"TERRADRIFT_KAFKA .*; TERRADRIFT_METRICS_PORT"):
        Addresses.from_env({"TERRADRIFT_CLICKHOUSE_URL": "http://x:1", "TERRADRIFT_METRICS_PORT": "-1"})


def test_sasl_needs_a_user_and_a_password() -> None:
    with pytest.raises(SettingsError, match="needs TERRADRIFT_KAFKA_USER and TERRADRIFT_KAFKA_PASSWORD"):
        Addresses.from_env(PLAIN | SASL | {"TERRADRIFT_KAFKA_PASSWORD": ""})


def test_sasl_over_tls_reaches_the_kafka_clients() -> None:
    options = Addresses.from_env(PLAIN | SASL).kafka_security()
    assert options["sasl_plain_username"] == "terradrift"
    assert options["sasl_plain_password"] == "s3cret"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert isinstance(options["ssl_context"], ssl.SSLContext)


def test_no_text_of_it_holds_a_secret() -> None:
    addresses = Addresses.from_env(PLAIN | SASL | {"TERRADRIFT_CLICKHOUSE_PASSWORD": "geheim"})
    for text in (repr(addresses), str(addresses), addresses.model_dump_json(), str(addresses.model_dump())):
        assert "s3cret" not in text
        assert "geheim" not in text


def test_a_password_inside_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="TERRADRIFT_CLICKHOUSE_PASSWORD") as caught:
        Addresses.from_env(PLAIN | {"TERRADRIFT_CLICKHOUSE_URL": "http://me:geheim@clickhouse:8123"})
    assert "geheim" not in str(caught.value)


def test_each_role_has_its_metrics_port_unless_one_is_given() -> None:
    assert Addresses.from_env(PLAIN).metrics_port_of("worker") == METRICS_PORTS["worker"] == 9108
    assert Addresses.from_env(PLAIN).metrics_port_of("sink") == METRICS_PORTS["sink"] == 9109
    assert Addresses.from_env(PLAIN | {"TERRADRIFT_METRICS_PORT": "0"}).metrics_port_of("sink") == 0


def test_foreign_variables_are_left_alone() -> None:
    assert Addresses.from_env(PLAIN | {"TERRADRIFT_KAFKA_SERVICE_HOST": "10.0.0.1"}) == Addresses.from_env(PLAIN)


def test_several_brokers_and_a_file_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "terradrift.toml"
    file.write_text("")
    addresses = Addresses.from_env(PLAIN | {"TERRADRIFT_KAFKA": "a:9092, [::1]:9093", "TERRADRIFT_CONFIG": str(file)})
    assert addresses.kafka == "a:9092,[::1]:9093"
    assert addresses.config == file


def test_every_variable_has_a_name_of_ours() -> None:
    assert all(name.startswith("TERRADRIFT_") for name in variables())
    assert len(set(variables())) == len(Addresses.model_fields)

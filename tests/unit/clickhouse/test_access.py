"""How the address of ClickHouse is read."""

from __future__ import annotations

import pytest

from infra.clickhouse.client import Access
from schemas.errors import SettingsError


def test_an_address_without_a_port_has_the_port_of_its_scheme() -> None:
    assert Access("http://ch").port == 8123
    assert (Access("https://ch").port, Access("https://ch").secure) == (8443, True)


@pytest.mark.parametrize("url", ["ch:8123", "tcp://ch:9000", "http://user:secret@ch:8123"])
def test_another_kind_of_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Access(url)
    assert "secret" not in str(refused.value)


def test_the_password_is_not_part_of_the_text_of_an_access() -> None:
    assert "secret" not in repr(Access("http://ch:8123", password="secret"))

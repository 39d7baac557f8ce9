"""One server for all tests here, a database of its own for each test module.

TERRADRIFT_TEST_CLICKHOUSE_URL names a server to test against (user default, no password); without it the embedded one runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client

from infra.clickhouse.client import Access, connect
from infra.clickhouse.migrate import migrate


@pytest.fixture(scope="session")
def logins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Access]]:
    """How the owner and the BI user get in (the BI user only where the embedded server makes one)."""
    if url := os.environ.get("TERRADRIFT_TEST_CLICKHOUSE_URL"):
        yield {"owner": Access(url)}
        return
    embedded = pytest.importorskip("infra.embedded.clickhouse", reason="no ClickHouse: infra.embedded is not there")
    running = embedded.ClickHouseServer(tmp_path_factory.mktemp("clickhouse"))
    address = running.start()
    try:
        yield {
            name: Access(address.url, login.user, login.password)
            for name, login in (("owner", address.owner), ("bi", address.bi))
        }
    finally:
        running.stop()


@pytest.fixture(scope="session")
def server(logins: dict[str, Access]) -> Access:
    return logins["owner"]


@pytest.fixture(scope="module")
def access(server: Access) -> Iterator[Access]:
    """A migrated database of the module's own."""
    mine = replace(server, database=f"test_{uuid4().hex[:12]}")
    migrate(mine)
    yield mine
    client = connect(mine)
    client.command(f"DROP DATABASE {mine.database} SYNC")
    client.close()


@pytest.fixture(scope="module")
def client(access: Access) -> Iterator[Client]:
    opened = connect(access)
    yield opened
    opened.close()

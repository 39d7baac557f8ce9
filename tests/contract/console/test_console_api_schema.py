"""The API does what its OpenAPI description says, whatever is sent: Schemathesis thinks of the calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Thread

import hypothesis
import pytest
import schemathesis
import uvicorn
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.access.entry import new_session
from console.access.seals import Seal
from infra.embedded.ports import free_port
from tests.support.console_visitors import KEY, NOW, PEOPLE, a_console

pytestmark = [pytest.mark.io, pytest.mark.timeout(300)]
PORT = free_port()
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WHO = {"adam": "everything", "rosa": "a rep", "eve": "another region"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A console over invented answers, behind a real server."""
    app, _, _ = a_console()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=PORT, log_level="error", access_log=False))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield f"http://127.0.0.1:{PORT}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def api(address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@hypothesis.settings(max_examples=15, suppress_health_check=list(hypothesis.HealthCheck), deadline=None)
def test_every_operation_answers_as_described(case: schemathesis.Case) -> None:
    for name in WHO:
        token = new_session(Seal(KEY), PEOPLE[name], NOW)
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(checks=CHECKS, headers=headers)



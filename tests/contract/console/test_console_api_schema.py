"""The API does what its OpenAPI description says, whatever is sent: Schemathesis thinks of the calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.access.entry import new_session
from console.access.seals import Seal
from tests.support.console_server import served
from tests.support.console_visitors import KEY, NOW, PEOPLE, a_console

pytestmark = [pytest.mark.io, pytest.mark.timeout(300)]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(a_console()[0].openapi()).get_all_operations()]
WHO = {"adam": "everything", "rosa": "a rep", "eve": "another region"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A console over invented answers, behind a real server."""
    with served(a_console()[0]) as url:
        yield url


@pytest.mark.parametrize("name", WHO, ids=WHO.get)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_operation_answers_as_described(operation: Any, name: str, address: str) -> None:
    headers = {"Authorization": f"Bearer {new_session(Seal(KEY), PEOPLE[name], NOW)}"}

    @hypothesis.settings(
        max_examples=12, suppress_health_check=list(hypothesis.HealthCheck), deadline=None, database=None
    )
    @hypothesis.given(case=operation.as_strategy())
    def thought_of(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=address, checks=CHECKS, headers=headers)

    thought_of()

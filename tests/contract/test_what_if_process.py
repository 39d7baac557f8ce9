"""The port of the console: questions solved in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from schemas.errors import UnavailableError
from schemas.what_if import AccountsMove, OtherLimit, RepLeaves, WhatIf, WhatIfRefusedError, WhatIfRequest
from solvers.budget import Budget
from solvers.what_if import what_if
from streams.system.asking import PooledWhatIf
from tests.unit.solvers.test_what_if import a_situation

pytestmark = pytest.mark.io
QUICK = Budget(evaluations=20_000)
LEAVES = WhatIfRequest(region_id="west", changes=(RepLeaves(rep_id="R1"),))


@pytest.fixture(scope="module")
def port() -> Iterator[PooledWhatIf]:
    opened = PooledWhatIf(lambda _: a_situation(), QUICK)
    yield opened
    opened.close()


def test_the_answer_is_that_of_the_pure_function(port: WhatIf) -> None:
    assert port.ask(LEAVES) == what_if(a_situation(), LEAVES.changes, QUICK)


def test_accounts_that_are_given_away_travel_to_the_solver_process(port: WhatIf) -> None:
    given = WhatIfRequest(region_id="west", changes=(AccountsMove(rep_id="R1", account_ids=("A3",)),))
    assert port.ask(given).nothing.move_count == 1


def test_a_senseless_question_is_refused_with_its_findings(port: WhatIf) -> None:
    with pytest.raises(WhatIfRefusedError) as caught:
        port.ask(WhatIfRequest(region_id="west", changes=(RepLeaves(rep_id="R9"),)))
    assert caught.value.findings == ("change 1 (rep_leaves): no rep 'R9' here; there are 2: R0, R1 ...",)


def test_a_killed_solver_fails_one_question_and_the_next_is_answered(port: PooledWhatIf) -> None:
    port.ask(WhatIfRequest(region_id="west", changes=(OtherLimit(max_moves=0),)))
    assert port._pool is not None
    for process_id in list(port._pool._processes):
        os.kill(process_id, signal.SIGKILL)
    with pytest.raises(UnavailableError, match="ended"):
        port.ask(LEAVES)
    assert port.ask(LEAVES).moves

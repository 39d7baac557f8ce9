"""What we change in Faust and aiokafka stands in one place, and is said with the versions it was seen on."""

from __future__ import annotations

import ast
import importlib
import re
from functools import reduce
from importlib.metadata import version
from pathlib import Path

import pytest

from streams.transport.upstream.faults import FAULTS, SEEN_ON, Fault

STREAMS = Path(__file__).parents[3] / "streams"
UPSTREAM = STREAMS / "transport" / "upstream"
EDGES = [
    path
    for path in [*(STREAMS / "transport").glob("*.py"), *STREAMS.glob("*.py"), *(STREAMS / "system").rglob("*.py")]
    if UPSTREAM not in path.parents
]


@pytest.mark.parametrize("library", SEEN_ON)
def test_a_library_that_was_raised_has_its_faults_looked_at_again(library: str) -> None:
    again = "\n".join(f"- {fault.does}: {fault.place}" for fault in FAULTS if fault.library == library)
    assert version(library) == SEEN_ON[library], f"see whether each still holds, then change SEEN_ON:\n{again}"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.place)
def test_what_is_done_instead_is_where_the_list_says(fault: Fault) -> None:
    module, name = fault.place.split(":")
    assert reduce(getattr, name.split("."), importlib.import_module(module)) is not None


def test_every_module_that_mends_something_is_on_the_list() -> None:
    listed = {fault.place.split(":")[0].rpartition(".")[2] for fault in FAULTS}
    assert {path.stem for path in UPSTREAM.glob("*.py")} - {"__init__", "faults"} <= listed


@pytest.mark.parametrize("path", EDGES, ids=lambda path: str(path.relative_to(STREAMS)))
def test_nothing_else_reaches_behind_a_public_interface(path: Path) -> None:
    """A private attribute of anything but `self` or `cls`, or a version in prose, belongs to the one place."""
    text = path.read_text()
    reached = [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "os"))
    ]
    assert not reached
    assert not re.search(r"(aiokafka|faust-streaming) \d", text)

"""docs/events.md: every topic with its contract, made of schemas.topics, the payload classes, the glossary and the examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from infra.reference.json_schema import type_in_words
from schemas.events import Event, Tick
from schemas.glossary import Term, term_of
from schemas.region_log import RegionMessage
from schemas.rows import Coordinates
from schemas.topics import DAY_MS, FACTS, REGION_EVENTS, TABLE_HEADER, TICK_KEY, TOPICS, Direction, Topic

CHAPTERS: tuple[tuple[Direction, str, str], ...] = (
    ("in", "What a company publishes", "Any program may write these topics. Values are JSON objects in UTF-8; the record key is the field named as key, as UTF-8 text."),
    ("out", "What anyone may read", "JSON objects. Each is also a table of ClickHouse. A crash may repeat a record; the identity of a row never changes."),
    ("internal", "Between the stages", "Ours alone: do not write them; read them at your own risk."),
    ("state", "State", "Ours alone, binary, compacted."),
)  # fmt: skip
HEAD = """# Event reference

Made by `python -m infra.reference` from `schemas/`; do not edit. The JSON schemas are in `tests/golden/schemas/`, the examples in `schemas/examples/`.

Every input event has an identity: the same `event_id` with the same content is a repetition and changes nothing, with other
content it is refused. A field that is not listed here is refused too. What is refused becomes a dead letter with its reason.
An incompatible change would be a new topic.
"""


def events_page(examples: Path) -> str:
    """The whole page. `examples` is the folder schemas/examples."""
    lines = [HEAD]
    for direction, title, note in CHAPTERS:
        lines += [f"## {title}", "", note, ""]
        for topic in TOPICS:
            if topic.direction == direction:
                lines += _topic(topic, examples)
    return "\n".join(lines).rstrip() + "\n"


def _topic(topic: Topic, examples: Path) -> Iterator[str]:
    yield f"### {topic.name}"
    yield ""
    yield topic.purpose[0].upper() + topic.purpose[1:] + "." + _first_words(topic.payload)
    yield ""
    yield f"- key: {topic.key} · partitions: {topic.partitions} · {_kept(topic)}" + (
        f" · table: `{topic.table}`" if topic.table else ""
    )
    if topic.carries_ticks:
        yield f"- ticks: records with the key `{TICK_KEY.decode()}`, one to every partition: {_first_words(Tick).strip()}"
    yield ""
    if topic.payload is not None:
        yield from _fields(topic.payload)
        if topic.direction == "in":
            yield from ("\\* must be given", "")
    if topic.name == FACTS.name:
        yield from _facts(topic)
    if topic.name == REGION_EVENTS.name:
        yield from _region_messages()
    texts = [file.read_text(encoding="utf-8").rstrip() for file in sorted((examples / topic.name).glob("*.json"))]
    if texts:
        yield from ("```json", max(texts, key=len), "```", "")


def _first_words(model: type[BaseModel] | None) -> str:
    """The docstring of a payload, as prose."""
    return "" if model is None or not model.__doc__ else " " + " ".join(model.__doc__.split())


def _kept(topic: Topic) -> str:
    return "kept: the newest record of each key" if topic.compacted else f"kept: {topic.retention_ms // DAY_MS} days"


def _fields(model: type[BaseModel]) -> Iterator[str]:
    """A table of the fields, followed by those of the objects inside."""
    schema = model.model_json_schema()
    yield "| field | type | unit | meaning |"
    yield "|---|---|---|---|"
    required = set(schema.get("required", ())) if issubclass(model, Event) else set()
    for field, shape in schema["properties"].items():
        term = term_of(model, field) or Term("")
        star = " \\*" if field in required else ""
        yield f"| {field}{star} | {type_in_words(shape)} | {term.unit} | {term.meaning} |"
    yield ""
    for inner in nested(model):
        yield f"`{inner.__name__}`: {_first_words(inner).strip()}".rstrip(": ")
        yield ""
        yield from _fields(inner)


def nested(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    """The classes of objects inside the payload's lists."""
    return tuple(
        inner
        for field in model.model_fields.values()
        for inner in get_args(field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel)
    )


def _facts(topic: Topic) -> Iterator[str]:
    yield f"The header `{TABLE_HEADER}` names the table; the value is the input event with these fields more:"
    yield ""
    yield "| table | fields beside those of the event |"
    yield "|---|---|"
    for table, row in topic.tables.items():
        event = next((parent for parent in row.__bases__ if issubclass(parent, Event)), None)
        known = set(event.model_fields if event else ()) | set(Coordinates.model_fields)
        own = [field for field in row.model_fields if field not in known]
        yield f"| {table} | {', '.join([*own, *Coordinates.model_fields])} |"
    yield ""


def _region_messages() -> Iterator[str]:
    yield "| message | meaning |"
    yield "|---|---|"
    for message in get_args(RegionMessage):
        yield f"| `{message.__struct_config__.tag}` | {_plain(message.__doc__ or message.__name__)} |"
    yield ""


def _plain(doc: str) -> str:
    """msgspec appends the signature where a class says nothing of itself: then its name is all there is."""
    return " ".join(doc.split()).replace("|", "\\|")

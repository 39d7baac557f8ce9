"""examples/terradrift.toml: every setting with its default, meaning, unit and bounds; it loads to exactly the defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.settings import Settings

HEAD = """# Terradrift: the settings of the business, each with its default. Made by `python -m infra.reference` from
# schemas/settings.py. A file of your own needs only the lines that differ; an unknown key is refused.
# Money is in the company's currency; EUR for short. Addresses and secrets are environment variables.
"""
SIGNS = {Ge: ("ge", ">="), Gt: ("gt", ">"), Le: ("le", "<="), Lt: ("lt", "<")}


def settings_file() -> str:
    """The whole file."""
    lines: list[str] = [HEAD]
    sections = [(key, field) for key, field in Settings.model_fields.items() if isinstance(field.default, BaseModel)]
    for key, field in Settings.model_fields.items():
        if not isinstance(field.default, BaseModel):
            lines += setting_lines(key, field)
    for key, field in sections:
        section = type(field.default)
        lines += ["", *(f"# {line}" for line in _own_doc(section)), f"[{key}]"]
        fields = section.model_fields.items()
        for name, inner in sorted(fields, key=lambda item: _table_of(item[1]) is not None):  # tables end a section
            lines += setting_lines(name, inner) if _table_of(inner) is None else table_lines(f"{key}.{name}", inner)
    return "\n".join(lines) + "\n"


def setting_lines(name: str, field: FieldInfo) -> Iterator[str]:
    """The comment and the assignment of one setting; one without a default value stays a comment."""
    bounds = ", ".join(_bounds(field))
    yield f"# {field.description or ''}" + (f" ({bounds})" if bounds else "")
    yield f"# {name} is not set" if field.default is None else f"{name} = {_toml(field.default)}"


def table_lines(name: str, field: FieldInfo) -> Iterator[str]:
    """A list of tables: nothing is set, and an example of one table stands as a comment, each key with its default."""
    table = _table_of(field)
    yield ""
    yield f"# {field.description or ''}; take the # of the lines you want away"
    yield f"# [[{name}]]"
    for key, inner in (table or BaseModel).model_fields.items():
        bounds = ", ".join(_bounds(inner))
        default = "" if inner.is_required() else inner.default
        yield f"# {key} = {_toml(default)}    # {inner.description or ''}" + (f" ({bounds})" if bounds else "")


def _table_of(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a setting that is a list of tables."""
    inner = next(iter(get_args(field.annotation)), None)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _bounds(field: FieldInfo) -> Iterator[str]:
    limits = [*field.metadata, *_inner_limits(field.annotation)]
    if any(isinstance(limit, MinLen) for limit in limits):
        yield "not empty"
    for kind, (attribute, sign) in SIGNS.items():
        values = {getattr(limit, attribute) for limit in limits if isinstance(limit, kind)}
        yield from (f"{sign} {value}" for value in sorted(values))
    words = [argument for argument in get_args(field.annotation) if isinstance(argument, str)]
    if words:
        yield " or ".join(json.dumps(word) for word in words)


def _inner_limits(annotation: object) -> Iterator[object]:
    """The limits inside `Share | None`, `tuple[Share, Share]` or `dict[str, Share]`: those of the values."""
    for argument in get_args(annotation):
        for extra in getattr(argument, "__metadata__", ()):
            yield from extra.metadata if isinstance(extra, FieldInfo) else (extra,)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value)


def _own_doc(section: type[BaseModel]) -> list[str]:
    return [section.__doc__.splitlines()[0]] if section.__doc__ else []

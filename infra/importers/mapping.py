"""The mapping file: how a company's files and columns are called. TOML, one table per target file."""

from __future__ import annotations

import codecs
import string
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.importers.targets import TARGETS, Target
from schemas.errors import SettingsError


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; names look like 'Europe/Paris'") from None
    return name


def _ascii_based(name: str) -> str:
    try:
        fits = ',"\n'.encode(codecs.lookup(name).name) == b',"\n'
    except LookupError:
        raise ValueError(f"unknown encoding {name!r}") from None
    if not fits:
        raise ValueError(f"{name!r} cannot be read line by line; save the file as UTF-8")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Skip(Section):
    """Lines whose `column` (of the source) holds one of `values` are left unread."""

    column: str
    values: tuple[str, ...]


class FileMapping(Section):
    """One file. Columns that already have a field's name need no entry."""

    file: str = Field("", description="file name within the folder; default: the target's own name")
    separator: str = Field(",", min_length=1, max_length=1)
    encoding: Annotated[str, AfterValidator(_ascii_based)] = "utf-8"
    decimal: Literal[".", ","] = "."
    date_format: str = Field("", description="strptime format of dates and times; default: ISO 8601")
    timezone: Zone | None = Field(None, description="zone of times that name none")
    columns: dict[str, str] = Field({}, description="source column -> field")
    templates: dict[str, str] = Field({}, description='field -> text such as "{store}-{date}" of source columns')
    constants: dict[str, str] = Field({}, description="field -> value for every line")
    values: dict[str, dict[str, str]] = Field({}, description="field -> (source word -> our word)")
    skip: tuple[Skip, ...] = ()

    def fields(self) -> set[str]:
        """Every field this mapping speaks of."""
        return {*self.columns.values(), *self.templates, *self.constants, *self.values}


class Mapping(Section):
    """All files; `timezone` is the default for each of them."""

    timezone: Zone | None = None
    accounts: FileMapping = FileMapping()
    reps: FileMapping = FileMapping()
    assignments: FileMapping = FileMapping()
    orders: FileMapping = FileMapping()
    visits: FileMapping = FileMapping()
    market_events: FileMapping = FileMapping()
    opportunities: FileMapping = FileMapping()
    targets: FileMapping = FileMapping()
    surveys: FileMapping = FileMapping()

    def of(self, target: Target) -> FileMapping:
        mapping: FileMapping = getattr(self, target.name)
        return mapping

    @model_validator(mode="after")
    def _names_known_fields(self) -> Self:
        for target in TARGETS:
            unknown = sorted(self.of(target).fields() - set(target.fields))
            if unknown:
                known = ", ".join(target.fields)
                raise ValueError(f"[{target.name}] has no field {', '.join(unknown)}; it has {known}")
            for field, template in self.of(target).templates.items():
                placeholders(template, f"[{target.name}] templates.{field}")
        return self


def placeholders(template: str, place: str = "template") -> tuple[str, ...]:
    """The source columns a template joins. Raises ValueError if it has none or is malformed."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"{place}: {template!r}: {error}") from None
    names = tuple(name for _, name, _, _ in parsed if name is not None)
    if not names or any(not name or spec or conversion for _, name, spec, conversion in parsed if name is not None):
        raise ValueError(
            f"{place}: {template!r} must name source columns in braces and nothing else, like '{{a}}-{{b}}'"
        )
    return names


def load_mapping(path: Path | None) -> Mapping:
    """Read a mapping file; None gives the default names. Raises SettingsError naming file, key and what is allowed."""
    if path is None:
        return Mapping()
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from None
    except ValidationError as error:
        places = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in error.errors())
        raise SettingsError(f"{path}: {places}") from None

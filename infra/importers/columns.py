"""A header and a mapping, compiled into a function from cells to the values of one event."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from infra.importers.mapping import FileMapping, placeholders
from infra.importers.targets import Target, Values
from infra.importers.values import Convert
from schemas.errors import RefusedError

Cells = Sequence[str]


class Columns:
    """How the cells of one file become values.

    `unknown` are columns nobody uses. Raises RefusedError when a column is missing, with what is there and what is needed.
    """

    def __init__(
        self, target: Target, mapping: FileMapping, header: Cells, convert: Callable[[str], Convert | None]
    ) -> None:
        names = [name.strip() for name in header]
        if double := sorted({name for name in names if name and names.count(name) > 1}):
            raise RefusedError("double_column", f"the header names {', '.join(double)} more than once")
        self._width = len(names)
        position = {name: index for index, name in enumerate(names)}
        sources = _sources(target, mapping, position)
        _complain_of_missing(target, mapping, names, sources)
        self._cells = [
            (field, position[column], mapping.values.get(field), convert(field)) for field, column in sources.items()
        ]
        self._templates = [
            (field, template, [(name, position[name]) for name in placeholders(template)], convert(field))
            for field, template in mapping.templates.items()
        ]
        self._constants = [(field, text, convert(field)) for field, text in mapping.constants.items()]
        self._skips = [(position[skip.column], frozenset(skip.values)) for skip in mapping.skip]
        self._mandatory = tuple(field for field in target.mandatory if field not in target.may_be_empty)
        self._may_be_empty = target.may_be_empty
        used = {*sources.values(), *(name for t in mapping.templates.values() for name in placeholders(t))}
        self.unknown = [name for name in names if name not in used | {skip.column for skip in mapping.skip}]

    def skips(self, cells: Cells) -> bool:
        """Whether a skip rule leaves this line unread."""
        return any(index < len(cells) and cells[index].strip() in words for index, words in self._skips)

    def values(self, cells: Cells) -> Values:
        """The values of a line; empty cells are left out. Raises RefusedError with the field."""
        if len(cells) != self._width:
            raise RefusedError("wrong_columns", f"{len(cells)} columns where the header has {self._width}")
        found: Values = {}
        for field, index, words, convert in self._cells:
            text = cells[index].strip()
            if words is not None:
                text = words.get(text, text)
            if text:
                found[field] = text if convert is None else _converted(field, text, convert)
        for field, template, parts, convert in self._templates:
            text = template.format_map({name: cells[index].strip() for name, index in parts})
            found[field] = text if convert is None else _converted(field, text, convert)
        for field, text, convert in self._constants:
            found[field] = text if convert is None else _converted(field, text, convert)
        for field in self._mandatory:
            if field not in found:
                raise RefusedError("missing", "is empty", field)
        for field in self._may_be_empty:
            found.setdefault(field, None)
        return found


def _converted(field: str, text: str, convert: Convert) -> object:
    try:
        return convert(text)
    except RefusedError as error:
        raise RefusedError(error.reason, error.detail, field) from None


def _sources(target: Target, mapping: FileMapping, position: dict[str, int]) -> dict[str, str]:
    """Field -> source column: what the mapping says, then columns that already have a field's name."""
    sources = {field: column for column, field in mapping.columns.items()}
    given = {*sources, *mapping.templates, *mapping.constants}
    taken = set(mapping.columns)
    sources.update({name: name for name in target.fields if name in position and name not in given | taken})
    return sources


def _complain_of_missing(target: Target, mapping: FileMapping, names: list[str], sources: dict[str, str]) -> None:
    wanted = {
        *sources.values(),
        *(skip.column for skip in mapping.skip),
        *(name for template in mapping.templates.values() for name in placeholders(template)),
    }
    absent = sorted(wanted - set(names))
    given = {*sources, *mapping.templates, *mapping.constants}
    absent += [field for field in target.mandatory if field not in given]
    if absent:
        hint = ""
        if len(names) == 1:
            other = next((each for each in ";\t|" if each in names[0]), "")
            hint = f'; set `separator = "{other}"` in the mapping file' if other else ""
        there = ", ".join(name[:40] for name in names[:40])
        raise RefusedError("missing_column", f"no column {', '.join(absent)}; there are: {there}{hint}", absent[0])

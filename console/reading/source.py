"""One way to the rows: a query of this package, bound values, and the sight of whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from console.access.rights import Sight
from infra.clickhouse.client import translated_errors

Row = TypeVar("Row", bound=BaseModel)
QUERIES: Final = {
    file.stem: file.read_text(encoding="utf-8") for file in sorted((Path(__file__).parent / "queries").glob("*.sql"))
}
_AS_JSON: Final = {"date_time_output_format": "iso", "output_format_json_quote_64bit_integers": 0}


class Source:
    """Asks the queries of this package. Raises UnavailableError while ClickHouse is not there."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def rows(self, model: type[Row], query: str, sight: Sight, **values: object) -> list[Row]:
        """The answer of the query of that name, a `model` a row."""
        with translated_errors(query):
            answer = self._client.raw_query(
                QUERIES[query], parameters={**sight.values(), **values}, fmt="JSONEachRow", settings=_AS_JSON
            )
        return [model.model_validate_json(line) for line in answer.splitlines()]

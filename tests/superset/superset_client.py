"""Superset's REST API as its pages call it: databases, datasets, charts and the SQL Lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import requests

SECONDS = 120
ROWS = 1000


class RefusedError(Exception):
    """Superset answered with an error; the text is what it said, the database's own words included."""


class Superset:
    """A session signed in by name and password."""

    def __init__(self, base: str, name: str, password: str) -> None:
        self._base = base
        self._session = requests.Session()
        person = {"username": name, "password": password, "provider": "db"}
        self._session.headers["Authorization"] = f"Bearer {self._post('security/login', person)['access_token']}"
        self._session.headers["X-CSRFToken"] = self._get("security/csrf_token/")["result"]

    def test_connection(self, uri: str) -> None:
        """The button of that name. Raises RefusedError."""
        self._post("database/test_connection/", {"database_name": "test", "sqlalchemy_uri": uri})

    def add_database(self, name: str, uri: str) -> int:
        """Its id. Superset is told to let everything pass, so that whatever is refused is refused by the database."""
        fields = {"database_name": name, "sqlalchemy_uri": uri, "expose_in_sqllab": True, "allow_dml": True}
        return int(self._post("database/", fields)["id"])

    def change_database(self, database: int, uri: str) -> None:
        """Let it connect by another URI; its datasets and charts stay."""
        self._answered(
            self._session.put(self._path(f"database/{database}"), json={"sqlalchemy_uri": uri}, timeout=SECONDS)
        )

    def tables(self, database: int, schema: str) -> set[str]:
        """Names of tables and views that may be made datasets."""
        return {
            table["value"] for table in self._get(f"database/{database}/tables/?q=(schema_name:{schema})")["result"]
        }

    def add_dataset(self, database: int, schema: str, table: str) -> int:
        """Its id."""
        return int(self._post("dataset/", {"database": database, "schema": schema, "table_name": table})["id"])

    def chart(
        self, dataset: int, by: Sequence[str], metrics: Mapping[str, str], where: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a chart: `metrics` are label -> SQL, `where` column -> the value it equals."""
        query = {
            "columns": list(by),
            "metrics": [
                {"expressionType": "SQL", "label": label, "sqlExpression": text} for label, text in metrics.items()
            ],
            "filters": [{"col": column, "op": "==", "val": value} for column, value in (where or {}).items()],
            "row_limit": ROWS,
        }
        source = {"id": dataset, "type": "table"}
        (result,) = self._post("chart/data", {"datasource": source, "queries": [query], "force": True})["result"]
        return list(result["data"])

    def sql_lab(self, database: int, schema: str, text: str) -> list[dict[str, Any]]:
        """Rows of a statement. Raises RefusedError."""
        fields = {"database_id": database, "schema": schema, "sql": text, "queryLimit": ROWS, "runAsync": False}
        return list(self._post("sqllab/execute/", fields)["data"])

    def _get(self, path: str) -> Any:
        return self._answered(self._session.get(self._path(path), timeout=SECONDS))

    def _post(self, path: str, fields: Mapping[str, Any]) -> Any:
        return self._answered(self._session.post(self._path(path), json=fields, timeout=SECONDS))

    def _path(self, path: str) -> str:
        return f"{self._base}/api/v1/{path}"

    @staticmethod
    def _answered(response: requests.Response) -> Any:
        if not response.ok:
            raise RefusedError(f"{response.request.path_url}: {response.status_code} {response.text[:2000]}")
        return response.json()

"""The JSON schema of each public payload and each row: the contract, as files whose every change is a decision."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from schemas.topics import TOPICS, Topic

Schema = dict[str, Any]  # a JSON document: its shape is the JSON-Schema standard's


def payloads_of(topic: Topic) -> dict[str, type[BaseModel]]:
    """File name (without ending) -> class, for everything a record of the topic may hold. Internal formats have none."""
    if topic.payload is not None:
        return {topic.name: topic.payload}
    return {f"{topic.name}.{table}": row for table, row in topic.tables.items()}


def schema_files() -> dict[str, str]:
    """File name -> content, for every payload."""
    return {
        f"{name}.json": json.dumps(model.model_json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        for topic in TOPICS
        for name, model in payloads_of(topic).items()
    }


def type_in_words(schema: Schema) -> str:
    """A JSON schema of one field as a short phrase: `number 0..1440`, `"won" or "lost"`, `list of strings`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        words = " \\| ".join(json.dumps(value) for value in schema["enum"])
        return f"{words}, default {json.dumps(schema['default'])}" if schema.get("default") else words
    if "anyOf" in schema:
        options = [type_in_words(option) for option in schema["anyOf"] if option.get("type") != "null"]
        nullable = any(option.get("type") == "null" for option in schema["anyOf"])
        number, *others = sorted(options)
        words = f"decimal {number} or string" if number.startswith("number") and len(others) == 1 else options[0]
        return words + (" or null" if nullable else "")
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"list of {type_in_words(schema['items'])}{most}"
    return _scalar(schema)


def _scalar(schema: Schema) -> str:
    words = str(schema.get("format", schema["type"])) + _bounds(schema)
    if "maxLength" in schema:
        least = schema.get("minLength")
        words += (
            f", {least}..{schema['maxLength']} characters" if least else f", up to {schema['maxLength']} characters"
        )
    default = schema.get("default")
    return words if default in (None, "") else f"{words}, default {json.dumps(default)}"


def _bounds(schema: Schema) -> str:
    low, high, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
    if above is not None:
        return f" above {above:g}" + ("" if high is None else f" up to {high:g}")
    if low is None and high is None:
        return ""
    return f" {'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"

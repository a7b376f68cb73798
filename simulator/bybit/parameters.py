"""Parameters of requests. What an endpoint does not know is passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from .errors import bad_parameter, illegal_category, unknown_symbol
from .topics import CATEGORIES, INTERVALS

Query = Mapping[str, str]


def parse_query(text: str) -> dict[str, str]:
    """Read a query string; an empty value counts as none."""
    return {name: value for name, value in parse_qsl(text) if value}


def parse_body(text: str) -> dict[str, str]:
    """Read the JSON object of a POST; 10001 for anything else.

    Every value is taken as a text; an empty one, and a `null`, counts as none.
    """
    try:
        fields: Any = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise bad_parameter("the body is no JSON object")
    return {
        name: _text(value)
        for name, value in cast(dict[str, Any], fields).items()
        if value not in (None, "")
    }


def order_id(sent: str) -> int:
    """The id of an order; -1, which none has, for what can be none."""
    return int(sent) if re.fullmatch(r"[0-9]{1,19}", sent) else -1


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        raise bad_parameter("a value of the body is no text")
    return value


def category(query: Query, default: str = "") -> str:
    """The `category`; 10001 for one that is not served."""
    value = query.get("category", default)
    if value not in CATEGORIES:
        raise illegal_category()
    return value


def symbol(query: Query, listed: Collection[str]) -> str:
    """The `symbol`, upper case only; 10001 if it is missing, or not listed."""
    value = query.get("symbol", "")
    if not value:
        raise bad_parameter("symbol is required")
    if value not in listed:
        raise unknown_symbol()
    return value


def interval(query: Query) -> str:
    """The `interval`; 10001 for one that is none."""
    value = query.get("interval", "")
    if value not in INTERVALS:
        raise bad_parameter("interval invalid")
    return value


def limit(query: Query, default: int, most: int) -> int:
    """The `limit`; 10001 unless it is from 1 to `most`."""
    value = number(query, "limit")
    if value is None:
        return default
    if not 1 <= value <= most:
        raise bad_parameter(f"limit must be from 1 to {most}")
    return value


def number(query: Query, name: str) -> int | None:
    """A whole number; 10001 for anything else."""
    value = query.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise bad_parameter(f"{name} invalid")
    return int(value)

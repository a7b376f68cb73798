"""Query parameters of REST requests and how they are refused.

Source: errors.md, "11xx - Request issues".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .errors import bad_request, illegal, missing

SYMBOL = r"^[\w\-._&&[^a-z]]{1,50}$"  # as the exchange prints it: any letter but lower case
NUMBER = r"^[0-9]{1,20}$"


@dataclass(frozen=True)
class Parameter:
    """A parameter of an endpoint; `legal` is the range that -1100 names, `""` for any."""

    name: str
    legal: str = ""
    required: bool = False

    def check(self, query: Mapping[str, str]) -> None:
        """Raise `ApiError` -1102, -1105 or -1100 if it is missing, empty or illegal."""
        if self.name not in query:
            if self.required:
                raise missing(self.name)
            return
        value = query[self.name]
        if not value:
            raise bad_request(-1105, f"Parameter '{self.name}' was empty.")
        if self.legal and not _matches(self.legal, value):
            raise illegal(self.name, self.legal)


def parse_query(text: str) -> dict[str, str]:
    """Read a query string; a parameter sent twice is refused (-1101)."""
    pairs = parse_qsl(text, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise bad_request(-1101, "Duplicate values for a parameter detected.")
    return query


def check(parameters: tuple[Parameter, ...], query: Mapping[str, str]) -> None:
    """Check every parameter, and that no other was sent (-1101, -1104)."""
    for parameter in parameters:
        parameter.check(query)
    read = sum(parameter.name in query for parameter in parameters)
    if not parameters and query:
        raise bad_request(-1101, f"Too many parameters; expected '0' and received '{len(query)}'.")
    if read < len(query):
        raise bad_request(
            -1104,
            f"Not all sent parameters were read; read '{read}' parameter(s) "
            f"but was sent '{len(query)}'.",
        )


def limit(query: Mapping[str, str], default: int, most: int) -> int:
    """The `limit` parameter; more than the most gives the most."""
    return min(int(query.get("limit", default)), most)


def _matches(legal: str, value: str) -> bool:
    if legal == SYMBOL:
        return re.fullmatch(r"[\w\-.]{1,50}", value) is not None and value == value.upper()
    return re.fullmatch(legal, value) is not None

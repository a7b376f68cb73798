"""Parameters of requests and how they are refused.

Source: errors.md, "11xx - Request issues".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import msgspec

from ..clock import TimeUnit
from ..market.candles import INTERVALS
from .errors import bad_request, illegal, invalid_data, invalid_time_unit, missing

Query = Mapping[str, str]
SYMBOL = r"^[\w\-._&&[^a-z]]{1,50}$"  # as the exchange prints it: any letter but lower case
SYMBOL_LIST = r'^\["[\w\-._&&[^a-z]]{1,50}"(,"[\w\-._&&[^a-z]]{1,50}"){0,}\]$'
NUMBER = r"^[0-9]{1,20}$"
MICROSECONDS_FROM = 10**14  # a time this large is in microseconds
MINUTE_MS = 60_000
ZONES = range(-12 * 60, 14 * 60 + 1)  # minutes
UNITS = {unit.name: unit for unit in TimeUnit} | {unit.name.lower(): unit for unit in TimeUnit}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an endpoint.

    `legal` is the range that -1100 names, `""` for any; `verify` raises `ApiError` for a value
    that has the right characters and no sense.
    """

    name: str
    legal: str = ""
    required: bool = False
    verify: Callable[[str], object] | None = None

    def check(self, query: Query) -> None:
        """Raise `ApiError` -1102, -1105, -1100 or what `verify` raises, if it is not right."""
        if self.name not in query:
            if self.required:
                raise missing(self.name)
            return
        value = query[self.name]
        if not value:
            raise bad_request(-1105, f"Parameter '{self.name}' was empty.")
        if self.legal and not _matches(self.legal, value):
            raise illegal(self.name, self.legal)
        if self.verify is not None:
            self.verify(value)


def parse_query(text: str) -> dict[str, str]:
    """Read a query string or a form; a parameter sent twice is refused (-1101)."""
    pairs = parse_qsl(text, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs):
        raise bad_request(-1101, "Duplicate values for a parameter detected.")
    return query


def sent_parameters(method: str, query_text: str, body: str) -> dict[str, str]:
    """The parameters of a REST request.

    A GET has them in its query string only; of the others the body may hold some, and where both
    hold one, that of the query string is used.
    """
    query = parse_query(query_text)
    return query if method == "GET" else parse_query(body) | query


def check(parameters: tuple[Parameter, ...], query: Query) -> None:
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


def one_of(values: tuple[str, ...], code: int, message: str) -> Callable[[str], object]:
    """A `verify` that accepts `values` only."""

    def verify(value: str) -> None:
        if value not in values:
            raise bad_request(code, message)

    return verify


def _limit(value: str) -> None:
    if int(value) < 1:
        raise invalid_data("limit")


def symbol_list(text: str) -> list[str]:
    """The names of a `symbols` parameter, which is a JSON array.

    Raises:
        ApiError: -1100 if it is none, -1151 if it names a symbol twice.
    """
    try:
        symbols = msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        symbols = []
    if not symbols or not all(_matches(SYMBOL, symbol) for symbol in symbols):
        raise illegal("symbols", SYMBOL_LIST)
    if len(set(symbols)) != len(symbols):
        raise bad_request(-1151, "Symbol is present multiple times in the list.")
    return symbols


def time_zone_ms(text: str) -> int:
    """Read a `timeZone`: hours (`8`, `-3`) or hours and minutes (`05:45`), as milliseconds.

    Raises:
        ApiError: -1130 beyond -12:00 and +14:00, or for another form.
    """
    match = re.fullmatch(r"([+-]?)(\d{1,2})(?::([0-5]\d))?", text)
    if match is None:
        raise invalid_data("timeZone")
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    minutes = -minutes if match[1] == "-" else minutes
    if minutes not in ZONES:
        raise invalid_data("timeZone")
    return minutes * MINUTE_MS


def time_unit(text: str | None) -> TimeUnit:
    """Read `X-MBX-TIME-UNIT` or `timeUnit`, in upper or lower case; -1194 for anything else."""
    unit = UNITS.get(text or TimeUnit.MILLISECOND.name)
    if unit is None:
        raise invalid_time_unit()
    return unit


def limit(query: Query, default: int, most: int) -> int:
    """The `limit` parameter; more than the most gives the most."""
    return min(int(query.get("limit", default)), most)


def instant_us(query: Query, name: str) -> int | None:
    """A time parameter in microseconds; it may be sent in milliseconds too."""
    if name not in query:
        return None
    value = int(query[name])
    return value if value >= MICROSECONDS_FROM else value * 1_000


def _matches(legal: str, value: str) -> bool:
    if legal == SYMBOL:
        return re.fullmatch(r"[\w\-.]{1,50}", value) is not None and value == value.upper()
    return re.fullmatch(legal, value) is not None


SYMBOL_REQUIRED = Parameter("symbol", SYMBOL, required=True)
SYMBOL_OPTIONAL = Parameter("symbol", SYMBOL)
SYMBOLS = Parameter("symbols", verify=symbol_list)
LIMIT = Parameter("limit", NUMBER, verify=_limit)
FROM_ID = Parameter("fromId", NUMBER)
START_TIME = Parameter("startTime", NUMBER)
END_TIME = Parameter("endTime", NUMBER)
TIME_ZONE = Parameter("timeZone", verify=time_zone_ms)
STATUS = Parameter(
    "symbolStatus", verify=one_of(("TRADING", "HALT", "BREAK"), -1122, "Invalid symbolStatus.")
)
TICKER_TYPE = Parameter("type", verify=one_of(("FULL", "MINI"), -1139, "Invalid ticker type."))
INTERVAL = Parameter(
    "interval", required=True, verify=one_of(tuple(INTERVALS), -1120, "Invalid interval.")
)

"""Which symbols a request is about: `symbol`, `symbols` or all, and `symbolStatus`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from .errors import bad_combination, invalid_symbol, missing_both, other_status
from .parameters import Query, symbol_list
from .source import Source


class Head(msgspec.Struct):
    """What of a symbol's entry in `exchangeInfo` decides whether it is chosen."""

    status: str = "TRADING"
    permissions: list[str] = []
    permission_sets: list[list[str]] = msgspec.field(
        name="permissionSets", default_factory=list[list[str]]
    )

    @property
    def all_permissions(self) -> set[str]:
        """Every permission that any of its sets names."""
        return {name for names in self.permission_sets for name in names} | set(self.permissions)


class Selection:
    """Chooses among the symbols of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def head(self, symbol: str) -> Head:
        """Status and permissions of a listed symbol."""
        entry: Any = self._source.symbol_info(symbol)
        if isinstance(entry, msgspec.Raw):
            return msgspec.json.decode(entry, type=Head)
        return msgspec.convert(entry, Head)

    def one(self, query: Query) -> str:
        """The symbol that `symbol` names.

        Raises:
            ApiError: -1121 if it is not listed, -1220 if it has another status than asked for.
        """
        symbol = self._listed(query["symbol"])
        if not self._has_status(symbol, query):
            raise other_status()
        return symbol

    def some(self, query: Query) -> list[str]:
        """The symbols that `symbol` or `symbols` names, or all, that have the status asked for.

        Raises:
            ApiError: -1128 for both, -1151 for one named twice, and as `one` does.
        """
        if "symbol" in query and "symbols" in query:
            raise bad_combination()
        if "symbol" in query:
            return [self.one(query)]
        names = list(self._source.symbols())
        if "symbols" in query:
            names = [self._listed(symbol) for symbol in symbol_list(query["symbols"])]
        return [symbol for symbol in names if self._has_status(symbol, query)]

    def named(self, query: Query) -> list[str]:
        """As `some`, where one of the two parameters has to be sent (-1102)."""
        if "symbol" not in query and "symbols" not in query:
            raise missing_both("symbol", "symbols")
        return self.some(query)

    def _listed(self, symbol: str) -> str:
        if symbol not in self._source.symbols():
            raise invalid_symbol()
        return symbol

    def _has_status(self, symbol: str, query: Query) -> bool:
        return "symbolStatus" not in query or self.head(symbol).status == query["symbolStatus"]


def one_or_many(query: Query, symbols: list[str], row: Callable[[str], dict[str, Any]]) -> Any:
    """One row where `symbol` was sent, a list of rows otherwise."""
    rows = [row(symbol) for symbol in symbols]
    return rows[0] if "symbol" in query else cast(Any, rows)

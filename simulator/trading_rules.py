"""What a test can change of the rules that orders have to keep."""

from __future__ import annotations

from decimal import Decimal

from .ledger import Ledger, units


class TradingRules(Ledger):
    """Each method may be called from any thread and has taken effect on return."""

    def set_filter(self, symbol: str, name: str, **fields: str | int | bool) -> None:
        """Change fields of a filter of a symbol, or let it have one; it is told and checked.

        `set_filter("BTCUSDT", "MAX_POSITION", maxPosition="2.5")`

        Args:
            fields: as the exchange writes them; those that are not named stay as they are.

        Raises:
            ValueError: if there is no such filter, or it would not have all its fields, or others.
            LookupError: if there is no such symbol, or the exchange has no accounts that trade.
        """
        self._server.call(lambda: self._desk.set_filter(symbol.upper(), name, dict(fields)))

    def set_reference_price(self, symbol: str, price: str | Decimal | None) -> None:
        """Set the reference price of a symbol by hand; `None` lets it have none.

        Then filters measure by the average price, which is that of the market.

        Raises:
            LookupError: as `set_filter`.
        """
        amount = None if price is None else units(price)
        self._server.call(lambda: self._desk.set_reference_price(symbol.upper(), amount))

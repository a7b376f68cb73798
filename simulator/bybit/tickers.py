"""What a ticker says, of spot and of a contract.

Source: websocket/public/ticker.mdx, market/tickers.mdx. The market knows neither an index nor
funding: the index is the average price of the last ten seconds, the mark price the same, and the
open interest follows the trades.
"""

from __future__ import annotations

from ..market.fixed import ONE, product
from ..market.statistics import Statistics, day, window
from .instruments import Instrument
from .numbers import fixed, share, stripped
from .trading import TradedSymbol

HOUR_US = 3_600_000_000
FUNDING_US = 8 * HOUR_US
INDEX_PART = 5_000  # the index is this part of the price away from the mark
OPEN_INTEREST = 50_000  # typical trades
TOGETHER = (("bid1Price", "bid1Size"), ("ask1Price", "ask1Size"), ("turnover24h", "volume24h"))
"""Fields of which a delta has both if one has changed, as recorded."""
LAST_IN_DELTAS = ("singleOpenInterest", "singleOpenInterestValue")
"""Fields that stand elsewhere in a delta than in a snapshot, as recorded."""


def spot_ticker(traded: TradedSymbol, now_us: int) -> dict[str, str]:
    """The fields of a spot ticker in the stream, which has neither bid nor ask."""
    figures = _day(traded, now_us)
    return {
        "symbol": figures.symbol,
        "lastPrice": stripped(figures.last.price),
        "highPrice24h": stripped(figures.sum.high),
        "lowPrice24h": stripped(figures.sum.low),
        "prevPrice24h": stripped(figures.sum.open),
        "volume24h": stripped(figures.sum.volume),
        "turnover24h": stripped(figures.sum.quote_volume),
        "price24hPcnt": share(figures.change, figures.sum.open, 4),
        "usdIndexPrice": fixed(_index(traded, now_us), 6),
    }


def spot_row(traded: TradedSymbol, now_us: int) -> dict[str, str]:
    """A row of `market/tickers`, which has both."""
    top = traded.market.top()
    best = {
        "bid1Price": stripped(top.bid_price),
        "bid1Size": stripped(top.bid_quantity),
        "ask1Price": stripped(top.ask_price),
        "ask1Size": stripped(top.ask_quantity),
    }
    return {"symbol": top.symbol, **best, **spot_ticker(traded, now_us)}


def linear_ticker(traded: TradedSymbol, now_us: int) -> dict[str, str]:
    """The fields of a contract's ticker, in the order of the stream's snapshot."""
    instrument, figures, top = traded.instrument, _day(traded, now_us), traded.market.top()
    price, size = instrument.price, instrument.size
    mark, interest = _mark(traded, now_us), _open_interest(traded)
    return {
        "symbol": figures.symbol,
        "tickDirection": traded.tick,
        "price24hPcnt": share(figures.change, figures.sum.open, 6),
        "lastPrice": price(figures.last.price),
        "prevPrice24h": price(figures.sum.open),
        "highPrice24h": price(figures.sum.high),
        "lowPrice24h": price(figures.sum.low),
        "prevPrice1h": price(window(traded.market, HOUR_US, now_us).sum.open),
        "markPrice": price(mark),
        "indexPrice": price(_index(traded, now_us)),
        "openInterest": size(interest),
        "openInterestValue": fixed(product(mark, interest), 2),
        "turnover24h": fixed(figures.sum.quote_volume, 4),
        "volume24h": fixed(figures.sum.volume, 4),
        "fundingIntervalHour": "8",
        "fundingCap": "0.005",
        "singleOpenInterest": size(interest // 2),
        "singleOpenInterestValue": fixed(product(mark, interest // 2), 2),
        "nextFundingTime": str((now_us // FUNDING_US + 1) * FUNDING_US // 1_000),
        "fundingRate": "0.0001",
        "bid1Price": price(top.bid_price),
        "bid1Size": size(top.bid_quantity),
        "ask1Price": price(top.ask_price),
        "ask1Size": size(top.ask_quantity),
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
    }


def linear_row(traded: TradedSymbol, now_us: int) -> dict[str, str]:
    """A row of `market/tickers`."""
    known = linear_ticker(traded, now_us)
    del known["tickDirection"]
    nothing = dict.fromkeys(
        ("predictedDeliveryPrice", "basisRate", "deliveryFeeRate", "basis", "basisRateYear"), ""
    )
    return {**known, **nothing, "deliveryTime": "0"}


def changed(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """What a delta tells of them: the symbol, and the fields that differ."""
    names = {name for name in now if before.get(name) != now[name]}
    for together in TOGETHER:
        if names & set(together):
            names.update(together)
    ordered = [name for name in now if name not in LAST_IN_DELTAS] + list(LAST_IN_DELTAS)
    return {name: now[name] for name in ordered if name == "symbol" or name in names}


def _day(traded: TradedSymbol, now_us: int) -> Statistics:
    traded.market.candles.reach(now_us)
    return day(traded.market, now_us)


def _mark(traded: TradedSymbol, now_us: int) -> int:
    average = traded.market.reference.at(now_us)
    return traded.market.trades[-1].price if average is None else average


def _index(traded: TradedSymbol, now_us: int) -> int:
    mark = _mark(traded, now_us)
    return mark + mark // INDEX_PART


def _open_interest(traded: TradedSymbol) -> int:
    one: Instrument = traded.instrument
    lots = one.listing.typical * ONE // one.listing.start_price * OPEN_INTEREST // one.listing.step
    return (lots + traded.market.trades[-1].trade_id % 97) * one.listing.step

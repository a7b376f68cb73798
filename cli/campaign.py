"""`exchange-connector campaign`."""

from __future__ import annotations

import json

import typer

from ..campaign.markets import MARKETS, Market, market_of
from ..campaign.orders.outcome import closing as closing_of_orders
from ..campaign.orders.run import campaign as campaign_of_orders
from ..campaign.orders.venue import VENUES
from ..campaign.outcome import Outcome
from ..campaign.report import as_json, head, line, listed, summary
from ..campaign.rows import rows
from ..campaign.run import run as outcomes_of
from ..campaign.soak.outcome import closing
from ..campaign.soak.run import new_seed, soak


def chosen(exchange: str, market: str) -> Market:
    """The market of that name.

    Raises:
        typer.BadParameter: If the campaign has none like it.
    """
    try:
        return market_of(exchange, market)
    except LookupError:
        known = ", ".join(f"{each.exchange} {each.name}" for each in MARKETS.values())
        raise typer.BadParameter(f"{exchange} {market} is none of {known}") from None


def run(market: Market, names: str, *, is_list: bool, is_json: bool, quick: bool, jobs: int) -> int:
    """Run the rows of these names, or all; the exit code is 1 if one has not been passed.

    Raises:
        typer.BadParameter: Naming what is no row.
    """
    wanted = tuple(name.strip() for name in names.split(",") if name.strip())
    try:
        wanted_rows = rows(wanted, quick=quick, market=market)
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from error
    if is_list:
        print(listed(wanted_rows))
        return 0
    if not is_json:
        print(head(), flush=True)
    outcomes: list[Outcome] = []
    for outcome in outcomes_of(wanted_rows, jobs=jobs, market=market):
        outcomes.append(outcome)
        print(json.dumps(as_json(outcome)) if is_json else line(outcome), flush=True)
    if not is_json:
        print(summary(outcomes))
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def run_orders(market: Market, orders: int, seed: int | None) -> int:
    """Place orders; the exit code is 1 if anything was wrong, with the reasons and the seed.

    Raises:
        typer.BadParameter: Of a market where that is not done.
    """
    if market.name != "spot":
        raise typer.BadParameter("orders are placed on spot markets only")
    drawn = new_seed() if seed is None else seed
    print(f"{orders:,} orders with the seed {drawn}", flush=True)
    venue = VENUES[market.exchange]
    outcome = campaign_of_orders(orders, drawn, lambda line: print(line, flush=True), venue=venue)
    print(*closing_of_orders(outcome), sep="\n")
    return 1 if outcome.failures else 0


def run_soak(market: Market, seconds: float, seed: int | None) -> int:
    """Soak; the exit code is 1 if anything was wrong, with the reasons and the seed."""
    drawn = new_seed() if seed is None else seed
    print(f"a soak of {seconds:g} s with the seed {drawn}", flush=True)
    outcome = soak(market, seconds, drawn, lambda line: print(line, flush=True))
    print(*closing(outcome), sep="\n")
    return 1 if outcome.failures else 0

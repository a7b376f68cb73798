"""The line at a price: who comes first, and from where the market's own orders leave."""

from __future__ import annotations

from exchange_connector.simulator.market.lines import Lines, Stand


def test_what_the_market_takes_away_leaves_from_behind() -> None:
    """So that an order keeps its place, and does not gain by every cancellation before it."""
    lines, mine = Lines(), Stand(5, "me")
    line = lines.join("bid", 100, mine, 10)
    line.offer(25)
    assert [(one.quantity, one.owner) for one in line.stands] == [(10, None), (5, "me"), (15, None)]
    line.offer(12)
    assert [one.quantity for one in line.stands] == [10, 5, 2]
    line.offer(4)
    assert [one.quantity for one in line.stands] == [4, 5]
    assert line.total == 9
    assert line.hit(6) == [(4, None), (2, "me")]
    assert lines.leave("bid", 100, mine).stands == []
    assert not lines


def test_the_next_part_of_an_iceberg_stands_behind() -> None:
    """Until nothing is hidden any more."""
    lines = Lines()
    line = lines.join("ask", 100, Stand(3, "me", hidden=4, slice=3), 2)
    assert line.hit(5) == [(2, None), (3, "me")]
    line.offer(1)
    assert [one.quantity for one in line.stands] == [3, 1]
    assert line.hit(5) == [(3, "me"), (1, None), (1, "me")]
    assert line.total == 0

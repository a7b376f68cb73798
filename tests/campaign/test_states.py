"""The account of a stream of states, which begins afresh with what is so at that time."""

from __future__ import annotations

from exchange_connector.campaign.accounting import Delivered, Item, Missed, Said, account


def got(*keys: int) -> list[Item]:
    """Live events with these keys."""
    return [Delivered(key) for key in keys]


def states(*asides: int) -> list[Said]:
    """States 1 to 9, of which some were told to one connection alone."""
    return [Said(key, is_state=True, is_aside=key in asides) for key in range(1, 10)]


def test_a_state_that_comes_again() -> None:
    """Behind a notice a stream begins with what is so then, which may be what came last."""
    again = account(states(), [*got(1, 2), Missed(), *got(2, *range(3, 10))], is_complete=True)
    assert again.is_true
    assert again.balances
    assert (again.said, again.delivered, again.told) == (9, 9, 0)
    without = account(states(), got(1, 2, *range(2, 10)), is_complete=True)
    assert without.doubled == [2]
    no_states = [Said(key) for key in range(1, 10)]
    items = [*got(1, 2), Missed(), *got(2, *range(3, 10))]
    assert account(no_states, items, is_complete=True).doubled == [2]
    older = account(states(), [*got(1, 2, 3), Missed(), *got(2, *range(4, 10))], is_complete=True)
    assert older.doubled == [2]


def test_a_notice_is_for_what_is_missing_before_the_state_that_comes_again() -> None:
    """Not for what is missing behind it."""
    found = account(states(), [*got(1, 2), Missed(), *got(2, 4, 5, 6, 7, 8, 9)], is_complete=True)
    assert found.lost == [3]


def test_what_one_connection_was_told() -> None:
    """It may come, and nobody misses it; but not twice, nor behind a later one."""
    for keys in (range(1, 10), (1, 2, 4, 5, 6, 7, 8, 9)):
        found = account(states(3), got(*keys), is_complete=True)
        assert found.is_true
        assert found.balances
        assert (found.said, found.delivered) == (8, 8)
    assert account(states(3), got(1, 2, 4, 3, 5, 6, 7, 8, 9), is_complete=True).disordered == [3]
    assert account(states(3), got(1, 2, 3, 3, *range(4, 10)), is_complete=True).doubled == [3]
    assert account(states(3), got(1, 2, 3, 5, 6, 7, 8, 9), is_complete=True).lost == [4]

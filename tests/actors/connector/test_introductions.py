"""What a room is told when it is there anew."""

from __future__ import annotations

from exchange_connector.actors.base.office import Notebook, Offices
from exchange_connector.actors.connector.introductions import introduce
from exchange_connector.messages.rooms import WeightLimitKnown


def test_nothing_that_nobody_has_said() -> None:
    """A limit that was only assumed would replace the one that REST has heard meanwhile."""
    offices, rest = Offices(), Notebook()
    offices.of("rest").move_in(rest)
    introduce("rest", offices, None, None)
    assert rest.messages == []


def test_the_limit_that_the_one_before_it_knew() -> None:
    """A restarted REST client does not begin with the assumption again."""
    offices, rest = Offices(), Notebook()
    offices.of("rest").move_in(rest)
    introduce("rest", offices, None, WeightLimitKnown(500))
    assert rest.messages == [WeightLimitKnown(500)]

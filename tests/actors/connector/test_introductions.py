"""What a room is told when it is there anew."""

from __future__ import annotations

from exchange_connector.actors.connector.introductions import first_words
from exchange_connector.messages.rooms import WeightLimitKnown


def test_nothing_that_nobody_has_said() -> None:
    """A limit that was only assumed would replace the one that REST has heard meanwhile."""
    assert first_words("rest", None, None) == []


def test_the_limit_that_the_one_before_it_knew() -> None:
    """A restarted REST client does not begin with the assumption again."""
    assert first_words("rest", None, WeightLimitKnown(500)) == [WeightLimitKnown(500)]
    assert first_words("books", None, WeightLimitKnown(500)) == []

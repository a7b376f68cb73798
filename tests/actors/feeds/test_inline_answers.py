"""An inline callable and answers of the connector: it must not wait for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.actors.base.reply import Answer, ReplyFuture
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.market import BaseEvent
from exchange_connector.messages.rooms import Trouble

Make = Callable[[int], BaseEvent]
LONG = 5.0


def test_it_must_not_wait_for_an_answer(delivery: Any, trade: Make) -> None:
    """Nobody might give it: an error says so at once, and events go on."""
    seen: list[Any] = []

    def callback(event: Any) -> None:
        seen.append(event)
        future = ReplyFuture()
        future.set(Answer[None]())
        future.get(timeout=LONG)

    feed = delivery.inline(callback)
    mailbox = delivery.mailbox(feed)
    feed.put([(mailbox, trade(1)), (mailbox, trade(2))])
    assert seen == [trade(1), trade(2)]
    reasons = [each.error.reason for each in delivery.root.of(Trouble)]
    assert len(reasons) == 2
    assert "must not wait" in reasons[0]


def test_an_answer_that_waits_by_itself_is_refused_by_name(delivery: Any, trade: Make) -> None:
    """What a callable gets is an error of ours; one derived from another is no way around."""
    caught: list[ValidationError] = []

    def callback(_: Any) -> None:
        future: Any = ReplyFuture()
        for each in (future, future.map(str)):
            with pytest.raises(ValidationError) as error:
                each.get(timeout=LONG)
            caught.append(error.value)

    feed = delivery.inline(callback)
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert [(error.field, error.value) for error in caught] == [("delivery", "inline")] * 2


def test_an_answer_that_is_there_may_be_taken(delivery: Any, trade: Make) -> None:
    """That is no waiting."""
    taken: list[Any] = []
    resolved: Any = ReplyFuture()
    resolved.set(7)
    feed = delivery.inline(lambda _: taken.append((resolved.get(), resolved.map(str).get())))
    feed.put([(delivery.mailbox(feed), trade(1))])
    assert taken == [(7, "7")]

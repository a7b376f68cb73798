"""What asks for the next page of an answer, and what becomes of the pages."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.actors.sending.pages import MOST_PAGES, Pages
from exchange_connector.messages.errors import ProtocolError
from exchange_connector.venues.driver import Page

FIRST = [("category", "linear"), ("cursor", "none"), ("limit", "1000")]


def page(reply: Any, *following: tuple[str, str]) -> Page:
    return Page(reply, following, list)


def test_the_first_is_asked_for_as_it_is() -> None:
    """And a reply that is all of it is given as it is."""
    pages = Pages()
    assert pages.parameters(FIRST) == FIRST
    assert pages.whole("all") == "all"


def test_what_the_next_one_says_besides() -> None:
    """Behind the others, and instead of what has the same name; what a page before said is over."""
    pages = Pages()
    pages.add(page("one", ("cursor", "first=a&b"), ("more", "yes")), b"")
    assert pages.parameters(FIRST) == [
        ("category", "linear"),
        ("limit", "1000"),
        ("cursor", "first=a&b"),
        ("more", "yes"),
    ]
    pages.add(page("two", ("cursor", "second")), b"")
    assert pages.parameters(FIRST) == [*FIRST[::2], ("cursor", "second")]
    assert pages.whole("three") == ["one", "two", "three"]


def test_no_answer_goes_on_for_ever() -> None:
    """Neither in a circle of one, nor in any other way."""
    pages = Pages()
    pages.add(page(0, ("cursor", "0")), b"")
    with pytest.raises(ProtocolError, match="leads to itself") as caught:
        pages.add(page(0, ("cursor", "0")), b"\xffbody")
    assert caught.value.excerpt == "\\xffbody"
    for number in range(1, MOST_PAGES - 1):
        pages.add(page(number, ("cursor", str(number))), b"")
    with pytest.raises(ProtocolError, match="more than 100 pages"):
        pages.add(page(0, ("cursor", "last")), b"")
    assert pages.whole("last") == [*range(MOST_PAGES - 1), "last"]

"""An answer that the exchange gives page by page: each is a request, and all of them one call."""

from __future__ import annotations

from typing import Any

from ...messages.errors import ProtocolError
from ...venues.driver import Endpoint, Page
from ..feeds.frame import excerpt

MOST_PAGES = 100
"""Of one answer. The longest is the list of what is traded: a few pages."""


class Pages:
    """The pages of one call that have come so far."""

    def __init__(self) -> None:
        self._pages: list[Page] = []

    def add(self, page: Page, body: bytes) -> None:
        """One more, and not the last.

        Raises:
            ProtocolError: It leads on and on.
        """
        if self._pages and page.following == self._pages[-1].following:
            raise ProtocolError("a page of an answer that leads to itself", excerpt(body))
        if len(self._pages) + 1 >= MOST_PAGES:
            reason = f"an answer of more than {MOST_PAGES} pages"
            raise ProtocolError(reason, excerpt(body))
        self._pages.append(page)

    def parameters(self, parameters: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """What asks for the next page, where this asks for the first."""
        if not self._pages:
            return parameters
        following = self._pages[-1].following
        replaced = {name for name, _ in following}
        return [each for each in parameters if each[0] not in replaced] + list(following)

    @property
    def endpoint(self) -> Endpoint | None:
        """The row that the next page is asked for by; None for that of the one before."""
        return self._pages[-1].endpoint if self._pages else None

    def whole(self, last: Any) -> Any:
        """The answer, with the reply that was the last of it."""
        if not self._pages:
            return last
        return self._pages[-1].join([*(page.reply for page in self._pages), last])

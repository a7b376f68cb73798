"""A terminal's screen, of which only what has changed is sent."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleDimensions
from rich.control import Control
from rich.segment import Segment, Segments

from .layout import Title, render
from .plain import PlainView
from .views import Moment, View

_REDRAWN_EVERY = 5.0
"""Seconds after which everything is sent anew, lest something else has written there."""


class ScreenView:
    """Draws on the terminal's alternate screen, and gives the terminal back as it was."""

    def __init__(self, console: Console, title: Title) -> None:
        self._console, self._title = console, title
        self._size = ConsoleDimensions(0, 0)
        self._lines: list[list[Segment]] = []
        self._redrawn = 0.0

    def __enter__(self) -> Self:
        self._console.set_alt_screen(True)
        self._console.show_cursor(False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._console.set_alt_screen(False)
        self._console.show_cursor(True)

    def show(self, moment: Moment) -> None:
        """Draw one moment."""
        size = self._console.size
        if size != self._size or moment.elapsed >= self._redrawn + _REDRAWN_EVERY:
            if size != self._size:
                self._console.control(Control.clear())
            self._size, self._lines, self._redrawn = size, [], moment.elapsed
        lines = drawn(self._console, moment, self._title, size)
        self._send(lines)
        self._lines = lines

    def _send(self, lines: list[list[Segment]]) -> None:
        segments: list[Segment] = []
        for row, line in enumerate(lines):
            if row >= len(self._lines) or self._lines[row] != line:
                segments += [Control.move_to(0, row).segment, *line]
        self._console.print(Segments(segments), end="", crop=False)


def drawn(
    console: Console, moment: Moment, title: Title, size: ConsoleDimensions
) -> list[list[Segment]]:
    """The screen's lines."""
    options = console.options.update(width=size.width, height=size.height)
    return console.render_lines(render(moment, title, *size), options)


def best_view(title: Title, *, plain: bool) -> AbstractContextManager[View]:
    """The screen, or lines where there is no terminal that can be drawn on."""
    console = Console()
    can_draw = console.is_terminal and not console.is_dumb_terminal
    if plain or not can_draw or not console.encoding.lower().startswith("utf"):
        return nullcontext(PlainView())
    return ScreenView(console, title)

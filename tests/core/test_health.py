"""The connector is as well as the worst of its parts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.health import HealthBoard
from exchange_connector.messages.enums import HealthState
from exchange_connector.messages.lifecycle import HealthChanged

ORDER = list(HealthState)
KINDS: list[Any] = ["component", "session", "stream"]
changes = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from("abc"),
        st.sampled_from([*ORDER, None]),
        st.sampled_from(["", "why"]),
    ),
    max_size=30,
)


@given(changes)
def test_its_state_is_that_of_the_worst_part(
    made: list[tuple[Any, str, HealthState | None, str]],
) -> None:
    """Told when it changes, with a part that is to blame."""
    board = HealthBoard("sim", 0)
    told = HealthState.DOWN  # it is starting
    for now, (kind, name, state, cause) in enumerate(made, 1):
        if state is None:
            events = board.forget(kind, name, now)
        else:
            events = board.set(kind, name, state, now, cause)
        parts = [
            (part.state, name, part.cause)
            for each in KINDS
            for name, part in board.parts(each).items()
        ]
        worst = max((state for state, _, _ in parts), key=ORDER.index, default=HealthState.LIVE)
        of_all = [event for event in events if event.subject == "connector"]
        # what tells nothing of itself, such as a part that is set to what it was, changes nothing
        if of_all:
            (event,) = of_all
            assert event.state == worst != told
            blamed = [
                f"{name}: {cause}" if cause else name
                for state, name, cause in parts
                if state is worst
            ]
            assert event.cause in blamed or (worst is HealthState.LIVE and not event.cause)
            told = worst
        assert board.state is told
        assert board.state is worst or not events


def test_ten_thousand_streams_are_no_matter() -> None:
    """Each change costs the same, however many parts there are."""
    board, told = HealthBoard("sim", 0), list[HealthChanged]()
    for number in range(30_000):
        told += board.set("stream", str(number), HealthState.RESYNCING, 1)
    for number in range(30_000):
        told += board.set("stream", str(number), HealthState.LIVE, 2)
    assert len(told) == 60_002
    assert board.state is HealthState.LIVE

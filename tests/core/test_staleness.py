"""Is a silent stream quiet, or broken?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.staleness import Silences, Step, Vigil
from exchange_connector.messages.enums import HealthState

LIMITS = Silences(15.0, 30.0)


def watched(rhythm: float = 1.0, *, ticks: bool = False, looks: int = 60) -> tuple[Vigil, float]:
    """A stream that has ticked for a while, and the time now."""
    vigil, now = Vigil(LIMITS, 0.0, ticks=ticks), 0.0
    for _ in range(looks):
        now += rhythm
        vigil.look(now, has_come=True)
    return vigil, now


def silent(vigil: Vigil, now: float, seconds: float) -> tuple[list[tuple[float, Step]], float]:
    """A look a second without data; what there was to do, and after how many seconds."""
    done: list[tuple[float, Step]] = []
    for second in range(1, int(seconds) + 1):
        step = vigil.look(now + second, has_come=False)
        if step is not Step.NONE:
            done.append((second, step))
    return done, now + seconds


def test_a_stream_that_has_data_is_live() -> None:
    """Nothing is asked, nothing told."""
    vigil, _ = watched()
    assert (vigil.state, vigil.cause) == (HealthState.LIVE, "")


def test_an_active_stream_that_falls_silent_is_suspected_and_asked_about() -> None:
    """After the limit; and again, while there is no answer."""
    vigil, now = watched()
    done, _ = silent(vigil, now, 27)
    assert done == [(16, Step.ASK), (27, Step.ASK)]
    assert (vigil.state, vigil.cause) == (HealthState.SUSPECT, "no data for 16 s")


def test_proof_that_data_is_missing_makes_it_stale_after_a_grace() -> None:
    """What REST has seen may be on its way for a moment."""
    vigil, now = watched()
    _, now = silent(vigil, now, 16)
    assert vigil.answered(now, is_behind=True) is Step.NONE
    done, now = silent(vigil, now, 5)
    assert done == [(5, Step.STALL)]
    assert vigil.state is HealthState.STALE
    assert vigil.cause == "no data for 21 s, though the exchange has some"


def test_what_was_on_its_way_makes_it_live() -> None:
    """The other way was only faster."""
    vigil, now = watched()
    _, now = silent(vigil, now, 16)
    vigil.answered(now, is_behind=True)
    assert vigil.look(now + 1, has_come=True) is Step.TELL
    assert vigil.state is HealthState.LIVE
    done, _ = silent(vigil, now + 1, 10)
    assert done == []


def test_proof_that_nothing_has_happened_makes_it_live_and_patience_longer() -> None:
    """A quiet market is no fault."""
    vigil, now = watched()
    _, now = silent(vigil, now, 16)
    assert vigil.answered(now, is_behind=False) is Step.TELL
    assert vigil.state is HealthState.LIVE
    done, now = silent(vigil, now, 31)
    assert done == [(31, Step.ASK)]
    vigil.answered(now, is_behind=False)
    done, _ = silent(vigil, now, 61)
    assert done == [(61, Step.ASK)]


def test_without_an_answer_a_stream_that_ticks_is_stale_in_the_end() -> None:
    """What cannot be asked cannot be trusted."""
    vigil, now = watched(ticks=True)
    done, _ = silent(vigil, now, 31)
    assert [step for _, step in done] == [Step.ASK, Step.ASK, Step.STALL]
    assert done[-1][0] == 31
    assert vigil.cause == "no data for 31 s, nor an answer to why"


def test_a_question_that_has_to_wait_for_its_turn_lacks_no_answer() -> None:
    """It is asked at the next look; and what was asked before is owed an answer still."""
    vigil, now = watched(ticks=True)
    for second in range(16, 60):
        assert vigil.look(now + second, has_come=False) is Step.ASK
        vigil.put_off()
    assert vigil.state is HealthState.SUSPECT
    assert vigil.look(now + 60, has_come=False) is Step.ASK
    assert vigil.look(now + 71, has_come=False) is Step.ASK
    vigil.put_off()
    assert vigil.look(now + 75, has_come=False) is Step.STALL


def test_an_answer_that_tells_nothing_yet_is_an_answer() -> None:
    """Nothing has come yet that it could be compared with: the next one will tell."""
    vigil, now = watched(ticks=True)
    _, now = silent(vigil, now, 16)
    assert vigil.answered(now, is_behind=None) is Step.NONE
    done, now = silent(vigil, now, 12)
    assert done == [(11, Step.ASK)]
    vigil.answered(now, is_behind=False)
    assert vigil.state is HealthState.LIVE


def test_silence_of_a_stream_that_is_often_silent_is_normal() -> None:
    """It is asked about after five times its usual silence, and nobody is told before there is proof."""
    vigil, now = watched(20.0)
    done, now = silent(vigil, now, 101)
    assert done == [(101, Step.ASK)]
    assert vigil.state is HealthState.LIVE
    vigil.answered(now, is_behind=True)
    done, _ = silent(vigil, now, 6)
    assert done[0] == (5, Step.STALL)


def test_a_stream_that_never_had_data_is_asked_about_later() -> None:
    """Nothing is known of its rhythm."""
    vigil = Vigil(LIMITS, 0.0, ticks=False)
    done, _ = silent(vigil, 0.0, 61)
    assert done == [(61, Step.ASK)]
    ticking = Vigil(LIMITS, 0.0, ticks=True)
    assert silent(ticking, 0.0, 16)[0] == [(16, Step.ASK)]


def test_another_stream_s_proof_counts_for_those_that_are_as_silent() -> None:
    """One session carried them both."""
    vigil, now = watched()
    last = now
    _, now = silent(vigil, now, 10)
    assert vigil.implicated(now, "as the other", last - 1.5) is Step.NONE
    assert vigil.implicated(now, "as the other", last - 0.5) is Step.STALL
    assert (vigil.state, vigil.cause) == (HealthState.STALE, "as the other")


def test_a_stale_stream_stays_so_on_another_connection_until_there_is_data() -> None:
    """A new session may be as silent as the old one; it is asked about again, and repaired again."""
    vigil, now = watched()
    _, now = silent(vigil, now, 16)
    vigil.answered(now, is_behind=True)
    _, now = silent(vigil, now, 5)
    vigil.started(now)
    assert vigil.state == "STALE"
    done, now = silent(vigil, now, 16)
    assert done == [(16, Step.ASK)]
    vigil.answered(now, is_behind=True)
    done, now = silent(vigil, now, 5)
    assert done == [(5, Step.STALL)]
    assert vigil.look(now + 1, has_come=True) is Step.TELL
    assert vigil.state == "LIVE"


def test_a_suspected_stream_begins_anew_on_another_connection() -> None:
    """Its silence there is another one."""
    vigil, now = watched()
    _, now = silent(vigil, now, 16)
    vigil.started(now)
    assert vigil.state is HealthState.LIVE
    assert silent(vigil, now, 15)[0] == []


@pytest.mark.parametrize("ticks", [True, False])
@given(
    steps=st.lists(
        st.tuples(st.floats(0.1, 5.0), st.sampled_from(["data", "none", "behind", "quiet", "new"])),
        max_size=200,
    )
)
def test_nothing_but_proof_or_silence_makes_a_stream_stale(
    ticks: bool, steps: list[tuple[float, str]]
) -> None:
    """Whatever happens: stale only after silence, live with each piece of data, a cause with doubt."""
    vigil, now, heard = Vigil(LIMITS, 0.0, ticks=ticks), 0.0, 0.0
    step = Step.NONE
    for wait, what in steps:
        now += wait
        before = vigil.state
        if what == "new":
            vigil.started(now)
            heard = now
        elif what in ("behind", "quiet"):
            step = vigil.answered(now, is_behind=what == "behind")
            assert step is not Step.STALL
        else:
            step = vigil.look(now, has_come=what == "data")
            if what == "data":
                heard = now
                assert vigil.state is HealthState.LIVE
            if step is Step.STALL:
                assert vigil.state is HealthState.STALE
                assert now - heard > LIMITS.suspect_after
        assert (vigil.cause == "") is (vigil.state is HealthState.LIVE)
        if vigil.state is HealthState.STALE and before is not HealthState.STALE:
            assert step is Step.STALL


def test_a_silence_that_nothing_has_interrupted_goes_on() -> None:
    """Who watches anew begins where the silence did, not now."""
    vigil = Vigil(LIMITS, 100.0, ticks=True)
    vigil.started(100.0, silence=14.0)
    done, _ = silent(vigil, 100.0, 3)
    assert done == [(2, Step.ASK)]
    assert vigil.cause == "no data for 16 s"

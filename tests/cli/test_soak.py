"""`campaign --soak`: its options, and what it answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exchange_connector.campaign.markets import BYBIT_LINEAR, Market
from exchange_connector.campaign.soak.outcome import SoakOutcome
from exchange_connector.cli import campaign
from exchange_connector.cli.app import invoke


@pytest.mark.parametrize("failures", [[], ["s00usdt@trade: 3 lost without notice"]])
def test_the_code_is_the_verdict(
    failures: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the reasons and the seed."""

    def soak(
        market: Market, seconds: float, seed: int, tell: Callable[[str], object]
    ) -> SoakOutcome:
        assert market is BYBIT_LINEAR
        tell("a line")
        return SoakOutcome(seed, seconds, failures)

    monkeypatch.setattr(campaign, "soak", soak)
    options = ["--exchange", "bybit", "--market", "linear", "--soak", "5", "--seed", "42"]
    assert invoke(["campaign", *options]) == bool(failures)
    first, second, *others = capsys.readouterr().out.splitlines()
    assert first == "a soak of 5 s with the seed 42"
    assert second == "a line"
    assert "with the seed 42" in others[-1]
    assert all(any(words in line for line in others) for words in failures)


def test_a_seed_is_drawn_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that it can be had again."""
    monkeypatch.setattr(
        campaign, "soak", lambda market, seconds, seed, tell: SoakOutcome(seed, seconds)
    )
    seeds = set[str]()
    for _ in range(3):
        assert invoke(["campaign", "--soak", "1"]) == 0
        seeds.add(capsys.readouterr().out.splitlines()[0])
    assert len(seeds) > 1


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_seconds_that_make_no_sense(seconds: str) -> None:
    """A wrong option, as of any command."""
    assert invoke(["campaign", "--soak", seconds]) == 2

"""Clients under faults: what is made of what they did, the page, the picture, and one real row."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.faults import command, page, run, table
from bench.faults.judge import Ran, judged
from bench.faults.programs import CLIENTS
from bench.picture import Field

SAID = [(number, float(number)) for number in range(1, 21)]
"""A trade a second."""


def ran(*handed: tuple[int, float], told: tuple[tuple[str, float], ...] = ()) -> Ran:
    """A run whose fault began after trade 5, and ended after trade 10."""
    return Ran(SAID, handed, told, began=5.4, applied=5.5, ended=10.5)


def prompt(*numbers: int) -> list[tuple[int, float]]:
    return [(number, number + 0.1) for number in numbers]


def test_a_fault_that_is_told_loses_nothing_in_silence() -> None:
    seen = judged(ran(*prompt(*range(3, 6), *range(12, 21)), told=(("closed", 5.7),)))
    assert (seen.lost, seen.told_missing, seen.told) == (0, 6, "closed")
    assert seen.told_after == pytest.approx(0.3)
    assert seen.back_after == pytest.approx(1.6)
    assert seen.silence == pytest.approx(6.7)


@pytest.mark.parametrize(
    ("at", "lost"),
    [
        (5.0, 6),  # before the fault
        (13.0, 0),  # a little behind live data
        (13.2, 6),  # too late
    ],
)
def test_a_notice_has_its_time(at: float, lost: int) -> None:
    seen = judged(ran(*prompt(*range(3, 6), *range(12, 21)), told=(("closed", at),)))
    assert (seen.lost, seen.told_missing) == (lost, 6 - lost)


def test_what_is_lost_later_needs_a_notice_of_its_own() -> None:
    handed = prompt(*range(3, 6), *range(12, 15), *range(17, 21))
    assert judged(ran(*handed, told=(("closed", 6.0),))).lost == 2


def test_data_may_be_back_before_the_fault_ends() -> None:
    early = judged(ran(*prompt(*range(3, 6), *range(9, 21))))
    assert early.back_early == pytest.approx(9.1 - 5.4)
    assert judged(ran(*prompt(*range(3, 6), *range(12, 21)))).back_early is None


def test_a_client_that_says_nothing_and_never_comes_back() -> None:
    seen = judged(ran(*prompt(3, 4, 5)))
    assert (seen.told_after, seen.back_after, seen.lost) == (None, None, 15)
    assert seen.silence == pytest.approx(20 - 5.4)


def test_trades_that_come_again_or_late() -> None:
    handed = prompt(3, 4, 5, 6, 6, 8, 7, 9, 10, 11, 11, 11, *range(12, 21))
    seen = judged(ran(*handed))
    assert (seen.doubled, seen.late, seen.lost) == (3, 1, 0)


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=40),
    st.lists(st.floats(0, 25), max_size=3),
)
def test_every_trade_is_somewhere(numbers: list[int], notices: list[float]) -> None:
    handed = [(number, float(at)) for at, number in enumerate(numbers)]
    seen = judged(ran(*handed, told=tuple(("x", at) for at in notices)))
    first = min(numbers)
    assert len(set(numbers)) + seen.lost + seen.told_missing == 21 - first
    assert seen.doubled == len(numbers) - len(set(numbers))
    if not notices:
        assert seen.told_missing == 0


def figures(**changed: Any) -> dict[str, Any]:
    return {
        "told_after": None,
        "told": "",
        "back_after": 0.11,
        "back_early": None,
        "silence": 0.2,
        "lost": 0,
        "told_missing": 0,
        "doubled": 0,
        "late": 0,
        "stops": True,
        "patience": 15.0,
        **changed,
    }


@pytest.mark.parametrize(
    ("told", "text", "field"),
    [
        (figures(told_after=0.002), "told 0.00 s; back 0.11 s", Field("back in 0.11 s", "well")),
        (figures(stops=False), "went on", Field("went on", "well")),
        (
            figures(stops=False, told_after=1.0, into_the_ban=14),
            "told 1.00 s; went on; 14 requests into the ban",
            Field("went on", "well"),
        ),
        (
            figures(stops=False, told_after=0.4, told_missing=7),
            "told 0.40 s; went on; 7 missed and told",
            Field("went on; 7 told", "well"),
        ),
        (
            figures(told_after=0.1, back_after=12.4, told_missing=1_200),
            "told 0.10 s; back 12 s; 1,200 missed and told",
            Field("back in 12 s", "well"),
        ),
        (
            figures(told_after=0.1, back_after=0.1, back_early=5.83),
            "told 0.10 s; back 5.83 s",
            Field("back in 5.83 s", "well"),
        ),
        (
            figures(lost=13, back_after=1.1),
            "not told; back 1.10 s; **13 lost**",
            Field("13 lost", "silent"),
        ),
        (
            figures(stops=False, doubled=40, late=2),
            "not told; went on; **40 twice**; **2 out of order**",
            Field("40 twice", "silent"),
        ),
        (
            figures(told_after=0.1, back_after=None, silence=15.0, told_missing=300),
            "told 0.10 s; **no data again** within 15 s",
            Field("told; no data again", "told"),
        ),
        (
            figures(back_after=None, silence=15.0, lost=300),
            "not told; **no data again** within 15 s; **300 lost**",
            Field("no data again", "silent"),
        ),
        ({"excuse": "no REST"}, "does not apply: no REST", Field("does not apply", "none")),
        ({"failure": "not up"}, "not measured: not up", Field("not measured", "none")),
    ],
)
def test_cells(told: dict[str, Any], text: str, field: Field) -> None:
    assert table.cell(told) == text
    assert table.field(told) == field


CONTENT: dict[str, Any] = {
    "rows": {
        "stalled": {"clients": {"ours": figures()}, "lasts": 90.0, "when": "2030-01-02"},
        "tcp-reset": {
            "clients": {"ours": figures(told_after=0.1), "ccxt": figures(lost=3)},
            "lasts": 0.0,
            "when": "2030-01-01",
        },
    },
    "versions": {"ours": "1.0", "ccxt": "4.5"},
    "machine": {"cores": 2, "processor": "x", "system": "Linux 6", "python": "CPython 3.12"},
}


def test_the_page_has_a_line_for_each_row_in_order() -> None:
    text = page.page(CONTENT)
    head, _, *lines = [line for line in text.splitlines() if line.startswith("|")]
    assert head == "|  | exchange-connector | ccxt |"
    assert lines[0] == (
        "| the TCP connection is reset | told 0.10 s; back 0.11 s | "
        "not told; back 0.11 s; **3 lost** |"
    )
    assert lines[1] == "| no data, though pings are answered, 90 s | not told; back 0.11 s |  |"
    assert "2 cores (x), Linux 6, CPython 3.12; 2030-01-01 to 2030-01-02." in text
    assert "| ccxt | 4.5 |" in text


def test_the_picture_has_a_field_for_each_client() -> None:
    drawing = ET.fromstring(page.drawn(CONTENT))
    space = "{http://www.w3.org/2000/svg}"
    kinds = [each.get("class") for each in drawing.iter(f"{space}rect")]
    assert kinds == ["ground", "well", "silent", "well", "none"]
    texts = [each.text for each in drawing.iter(f"{space}text")]
    assert {"back in 0.11 s", "3 lost"} <= set(texts)


def test_both_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.json"
    command.keep(CONTENT, file)
    monkeypatch.setattr(command, "RESULTS", file)
    monkeypatch.setattr(page, "PAGE", tmp_path / "faults.md")
    monkeypatch.setattr(page, "IMAGE", tmp_path / "faults.svg")
    assert command.main(["--rows", "none", "--write"]) == 0
    assert (tmp_path / "faults.md").read_text("utf-8") == page.page(CONTENT)
    assert (tmp_path / "faults.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize("wrong", ["--only=nobody", "--rows=nothing", "--only=ours --write"])
def test_a_wrong_command_line(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(wrong.split())
    assert ended.value.code == 2
    assert "usage: ./dev bench faults" in capsys.readouterr().err


def test_faults_of_trades_are_those_of_aggregate_trades_too() -> None:
    for name in ("frames-lost", "frames-doubled", "frames-reordered"):
        row = run.rows()[name]
        assert [getattr(each, "stream", "") for each in row.actions] == ["*@*rade"]
    assert run.rows(7.0)["stalled"].lasts == 7.0


def test_a_row_of_requests_does_not_apply_to_who_makes_none() -> None:
    assert run.measured(run.rows()["ban"], CLIENTS["cryptofeed"]) == {
        "excuse": "it asks for nothing by REST"
    }


def test_the_connector_under_a_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"AFTER_S": 0.5, "QUIET_S": 0.5}.items():
        monkeypatch.setattr(run, name, seconds)
    row = replace(run.rows()["tcp-reset"], warm_up=1.0)
    figures = run.measured(row, CLIENTS["ours"])
    assert (figures["lost"], figures["doubled"], figures["late"]) == (0, 0, 0)
    assert figures["told"].startswith(("StreamGap", "Disconnected", "HealthChanged"))
    assert figures["told_after"] < 5.0
    assert figures["back_after"] is not None

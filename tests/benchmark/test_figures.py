"""From what was measured to medians, verdicts, tables, the page and its pictures."""

from __future__ import annotations

import array
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench import frames, page, parts, picture, process, quick, rounds, tables
from bench.parts import Plan
from bench.results import Store, short
from bench.ways.table import MAIN, MIX, WAYS

ROOT = Path(__file__).resolve().parents[2]


def test_rounds_are_interleaved_and_medians_taken() -> None:
    asked: list[str] = []
    given = iter([1.0, 10.0, 5.0, 30.0, 2.0, 20.0])

    def measure(name: str) -> dict[str, Any]:
        asked.append(name)
        return {"cpu": next(given), "versions": {"x": "1"}}

    medians = rounds.interleaved(["a", "b"], 3, measure)
    assert asked == ["a", "b"] * 3
    assert medians["a"] == {"cpu": 2.0, "versions": {"x": "1"}}
    assert medians["b"]["cpu"] == 20.0


def test_the_least_may_be_taken_instead() -> None:
    given = iter([3.0, 1.0, 2.0])
    assert rounds.interleaved(["a"], 3, lambda _: {"cpu": next(given)}, min) == {"a": {"cpu": 1.0}}


def test_a_client_that_fails_does_not_stop_the_others() -> None:
    """It is told, and not tried again."""
    asked: list[str] = []

    def measure(name: str) -> dict[str, Any]:
        asked.append(name)
        if name == "a":
            raise process.Failed("its environment is not there")
        return {"cpu": 1.0}

    medians = rounds.interleaved(["a", "b"], 2, measure)
    assert asked == ["a", "b", "b"]
    assert medians == {"a": {"failure": "its environment is not there"}, "b": {"cpu": 1.0}}


def test_percentiles() -> None:
    """The first tenth is not counted."""
    sent = array.array("q", range(0, 1_000_000, 1_000))
    taken = array.array("q", sent)
    for number in range(1_000):
        taken[number] += 9_000_000 if number < 100 else 50_000 if number < 985 else 700_000
    assert parts.percentiles(sent, taken) == {"p50": 50.0, "p99": 700.0}


@pytest.mark.parametrize(
    ("callable_", "inline", "well"), [(3.0, 2.6, True), (3.02, 2.0, False), (3.0, 2.62, False)]
)
def test_the_quick_verdict(callable_: float, inline: float, well: bool) -> None:
    least = {"loop": {"cpu": 2.0}, "callable": {"cpu": callable_}, "inline": {"cpu": inline}}
    told, verdict = quick.judged(least)
    assert verdict is well
    assert f"x {callable_ / 2:.2f}, at most {quick.LIMITS['callable']:g}" in told[1]


def test_the_quick_verdict_on_a_failure() -> None:
    assert quick.judged({"loop": {"failure": "no"}, "callable": {"cpu": 1.0}}) == (["no"], False)


def test_results_outlive_the_run(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Store(file).keep("tls", Plan(10, 2), {"picows": {"cpu": 1.5}})
    Store(file).keep("mix", Plan(20, 1), {})
    content = Store(file).content
    assert content["tls"]["figures"] == {"picows": {"cpu": 1.5}}
    assert (content["tls"]["messages"], content["mix"]["rounds"]) == (10, 1)
    assert json.loads(file.read_text("utf-8")) == content


def test_figures_are_short() -> None:
    assert [short(each) for each in (12_345.6, 1.23456, 3, "x")] == ["12,346", "1.23", "3", "x"]


def figures(cpu: float, **more: float) -> dict[str, Any]:
    return {"cpu": cpu, "rate": 1e6 / cpu, "peak": 40.0, "grown": 3.0, **more}


CONTENT: dict[str, Any] = {
    "mix": {
        "picows": figures(6.0) | {"versions": {"picows": "2.3.1"}},
        "picows-agg": figures(4.0),
        "callable": figures(3.0) | {"versions": {"pykka": "4.5"}},
        "four": figures(8.0),
        "cryptofeed": figures(10.0),
        "ccxt": {"failure": "its environment is not there"},
    },
    "types": {"trade": {"picows": figures(1.0), "callable": figures(2.5)}},
    "tls": {"picows": figures(6.0), "picows+tls": figures(7.5)},
    "latency": {"5000": {"picows": figures(20, p50=30.4, p99=100.6)}},
    "scale": {
        "10": figures(4, streams=12, confirmed=1.1, subscribed=0.2),
        "1,000": figures(5, streams=1_002, confirmed=4.4, subscribed=8.5),
        "10,000": {"failure": "not ready"},
        "shared": figures(40, streams=1_002, confirmed=4.5, subscribed=20.0),
    },
    "slow": {"slow": figures(18.0)},
    "asking": {"connector": {"ask": 43.2, "proxy": 55, "pykka": 40, "start": 0.02, "import": 0.2}},
}


def kept(content: dict[str, Any]) -> dict[str, Any]:
    """As the file holds it."""
    machine = {"cores": 2, "processor": "P", "system": "Linux 6", "python": "CPython 3"}
    about = {"messages": 10, "rounds": 3, "machine": machine, "when": "2026-01-02"}
    return {part: {"figures": told, **about} for part, told in content.items()}


def rows(text: str, title: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"| {title}")]


def test_the_table_of_the_mix() -> None:
    """Each is compared with the reference that was sent the same."""
    text = tables.mix(CONTENT["mix"])
    assert rows(text, "the connector, a callable |")[0].endswith("| 333,333 | 3.00 | 0.50 | 40 |")
    assert "| 10.00 | 2.50 | 40 |" in rows(text, "cryptofeed")[0]
    assert "not measured: its environment is not there" in rows(text, "ccxt")[0]
    assert "2.00 µs a delivery" in text


def test_the_other_tables() -> None:
    assert rows(tables.types(CONTENT["types"]), "the connector")[0].endswith("| 2.50 (400,000) |")
    assert rows(tables.tls(CONTENT["tls"]), "picows")[0].endswith("| 6.00 | 7.50 | 1.25 | 0.80 |")
    assert rows(tables.latency(CONTENT["latency"]), "picows")[0].endswith("| 30 / 101 |")
    wide = tables.scale(CONTENT["scale"])
    assert rows(wide, "1,002 |")[0] == "| 1,002 | 5.00 | 200,000 | 4.4 | 8 | 40 |"
    assert "not measured: not ready" in rows(wide, "10,000")[0]
    assert rows(wide, "1,002, by 500 callables")
    assert "grew by 3 MB, to 40 MB" in tables.slow(CONTENT["slow"])
    assert "| `ask(ref, GetHealth())` | 43 µs |" in tables.asking(CONTENT["asking"])


def test_tables_are_tables() -> None:
    """Every row has as many cells as the head."""
    for block in page.page(kept(CONTENT)).split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_the_page_says_what_was_measured() -> None:
    text = page.page(kept(CONTENT))
    assert "on 2 cores (P), Linux 6, CPython 3; 10 messages a run and 3 rounds; 2026-01-02." in text
    assert rows(text, "picows | 2.3.1")
    assert rows(text, "pykka | 4.5")
    short_page = page.page(kept({"asking": CONTENT["asking"]}))
    assert "## Asking" in short_page
    assert "## By TLS" not in short_page


def test_the_pictures_are_of_the_figures() -> None:
    """They are well-formed, and end each bar with its figure."""
    drawn = page.pictures(kept(CONTENT))
    assert set(drawn) == {"performance", "scale"}
    texts = {name: [each.text for each in all_texts(svg)] for name, svg in drawn.items()}
    assert {"the connector, a callable", "0.5"} <= {*texts["performance"]}
    assert "cryptofeed" not in texts["performance"]  # it was sent something else
    assert {"12", "1,002", "4.4"} <= {*texts["scale"]}


def all_texts(svg: str) -> Iterator[ET.Element]:
    return ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")


def test_bars_are_as_long_as_their_logarithms() -> None:
    bars = [picture.Bar(str(value), value, "ours") for value in (0.1, 1.0, 10.0)]
    tree = ET.fromstring(picture.bars("T", "S", bars))
    found = [each for each in tree.iter("{http://www.w3.org/2000/svg}rect") if each.get("x")]
    widths = [float(each.get("width", "0")) for each in found]
    assert widths[2] - widths[1] == pytest.approx(widths[1] - widths[0], abs=0.2)
    assert widths[0] > 0


def test_nothing_measured_is_no_picture() -> None:
    assert page.pictures(kept({"asking": CONTENT["asking"]})) == {}


def test_every_way_is_there() -> None:
    for name, way in WAYS.items():
        module = import_module(f"bench.ways.{way.module}")
        assert callable(getattr(module, way.function)), name
        assert not way.feed or way.feed in frames.MIXES
        assert WAYS[way.anchor].feed == way.feed
    assert {WAYS[name].anchor for name in MIX} <= {*MIX}


def test_every_environment_is_made() -> None:
    """The script makes those that the table names."""
    script = (ROOT / "tests" / "clients" / "setup.sh").read_text("utf-8")
    for way in WAYS.values():
        assert way.environment == MAIN or f"{way.environment}" in script

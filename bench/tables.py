"""The sections of the page that hold figures, each made of one part's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import texts
from .parts import RATES, WIDE
from .rounds import Figures
from .ways.table import WAYS, Way


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first two words are figures."""
    lines = [head, ["---", *["---:" if _is_figure(each) else "---" for each in head[1:]]], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _is_figure(name: str) -> bool:
    return name not in ("the handler gets", "version", "round")


def well(figures: Figures) -> dict[str, Figures]:
    """Those that could be measured."""
    return {name: each for name, each in figures.items() if "failure" not in each}


def factor(figures: Figures, name: str) -> float | None:
    """CPU a message as a multiple of the reference's that was sent the same."""
    anchor = figures.get(WAYS[name].anchor, {}).get("cpu")
    return figures[name]["cpu"] / anchor if anchor else None


def _x(value: float | None) -> str:
    return f"{value:.2f}" if value is not None else ""


def mix(figures: Figures) -> str:
    """Every way on the mix."""
    head = ("", "the handler gets", "messages/s", "CPU µs/message", "CPU, picows = 1", "peak MB")
    rows: list[Sequence[str]] = []
    for name, way in measured(figures):
        told = figures[name]
        if "failure" in told:
            rows.append((way.title, way.delivers, "not measured: " + told["failure"], "", "", ""))
            continue
        rows.append(
            (
                way.title,
                way.delivers,
                f"{told['rate']:,.0f}",
                f"{told['cpu']:.2f}",
                _x(factor(figures, name)),
                f"{told['peak']:.0f}",
            )
        )
    notes = texts.MIX
    if "cpu" in figures.get("four", {}):
        notes += f"\nFor the four callables that is {figures['four']['cpu'] / 4:.2f} µs a delivery."
    shown = "![CPU a message beside picows](images/performance.svg)"
    return f"## A lifelike mix, as fast as it is taken\n\n{shown}\n\n{table(head, rows)}\n\n{notes}"


def measured(figures: Figures) -> list[tuple[str, Way]]:
    """The ways for which there are figures, in order."""
    return [(name, way) for name, way in WAYS.items() if name in figures]


def types(figures: Figures) -> str:
    """One kind of message alone."""
    kinds = list(figures)
    head = ("CPU µs/message (messages/s)", *kinds)
    names = [name for name in WAYS if any(name in well(figures[kind]) for kind in kinds)]
    rows = [
        (WAYS[name].title, *(_cell(well(figures[kind]).get(name)) for kind in kinds))
        for name in names
    ]
    return f"## One kind of message alone\n\n{table(head, rows)}"


def _cell(told: Figures | None) -> str:
    return f"{told['cpu']:.2f} ({told['rate']:,.0f})" if told else ""


def tls(figures: Figures) -> str:
    """Plain and by TLS."""
    found = well(figures)
    rows = [
        (
            WAYS[name].title,
            f"{found[name]['cpu']:.2f}",
            f"{found[f'{name}+tls']['cpu']:.2f}",
            _x(found[f"{name}+tls"]["cpu"] / found[name]["cpu"]),
            _x(found[f"{name}+tls"]["rate"] / found[name]["rate"]),
        )
        for name in WAYS
        if name in found and f"{name}+tls" in found
    ]
    head = ("", "plain, CPU µs/message", "by TLS", "CPU, TLS/plain", "messages/s, TLS/plain")
    return f"## By TLS\n\n{table(head, rows)}"


def latency(figures: Figures) -> str:
    """Delays at some rates."""
    rates = [str(rate) for rate in RATES if str(rate) in figures]
    head = ("µs, p50 / p99", *(f"{int(rate):,} messages/s" for rate in rates))
    names = [name for name in WAYS if any(name in well(figures[rate]) for rate in rates)]
    rows = [
        (WAYS[name].title, *(_delay(well(figures[rate]).get(name)) for rate in rates))
        for name in names
    ]
    return f"## From the server's send to the handler\n\n{table(head, rows)}\n\n{texts.LATENCY}"


def _delay(told: Figures | None) -> str:
    return f"{told['p50']:.0f} / {told['p99']:.0f}" if told else ""


def scale(figures: Figures) -> str:
    """Many subscriptions."""
    head = (
        "subscriptions",
        "CPU µs/message",
        "messages/s",
        "seconds until confirmed",
        "memory of the subscriptions, MB",
        "peak MB",
    )
    rows: list[Sequence[str]] = []
    for label in (*WIDE, "shared"):
        told = figures.get(label)
        if told is None:
            continue
        if "failure" in told:
            rows.append((label, f"not measured: {told['failure']}", "", "", "", ""))
            continue
        name = f"{told['streams']:,.0f}"
        rows.append(
            (
                f"{name}, by 500 callables" if label == "shared" else name,
                f"{told['cpu']:.2f}",
                f"{told['rate']:,.0f}",
                f"{told['confirmed']:.1f}",
                f"{told['subscribed']:.0f}",
                f"{told['peak']:.0f}",
            )
        )
    shown = "![CPU, start and memory over subscriptions](images/scale.svg)"
    return f"## Many subscriptions\n\n{shown}\n\n{table(head, rows)}\n\n{texts.SCALE}"


def slow(figures: Figures) -> str:
    """Memory under a subscriber that cannot keep up."""
    found = well(figures)
    if "slow" not in found:
        return ""
    told = found["slow"]
    return (
        f"## A subscriber that is too slow\n\n{texts.SLOW}\nThe memory of the process grew by "
        f"{told['grown']:.0f} MB, to {told['peak']:.0f} MB."
    )


def books(figures: Figures) -> str:
    """Order books that are kept: how fast, and what many of them take."""
    parts = [f"## Order books\n\n{_kept(figures['kept'])}\n\n{texts.BOOKS}"]
    if well(figures["memory"]):
        parts.append(f"{_many(well(figures['memory']))}\n\n{texts.MANY_BOOKS}")
    return "\n".join(parts)


def _kept(figures: Figures) -> str:
    head = (
        *("", "the handler gets", "updates/s", "CPU µs/update", "CPU, the connector = 1"),
        *("books delivered", "peak MB"),
    )
    rows: list[Sequence[str]] = []
    for name, way in measured(figures):
        told = figures[name]
        if "failure" in told:
            why = f"not measured: {told['failure']}"
            rows.append((way.title, way.delivers, why, "", "", "", ""))
            continue
        speed = f"{told['rate']:,.0f}", f"{told['cpu']:.1f}", _x(factor(figures, name))
        share = f"{told['delivered']:.1%}" if told["delivered"] < 1 else "all"
        rows.append((way.title, way.delivers, *speed, share, f"{told['peak']:.0f}"))
    return table(head, rows)


def _many(figures: Figures) -> str:
    rows = [
        (
            WAYS[label.partition(":")[0]].title,
            f"{told['books']:,.0f}",
            f"{told['grown']:.0f}",
            f"{told['each']:.0f}",
        )
        for label, told in figures.items()
    ]
    return table(("", "books", "memory of the books, MB", "KB/book"), rows)


def asking(figures: Figures) -> str:
    """Round trips and beginnings."""
    told = figures["connector"]
    rows = [
        ("`ask(ref, GetHealth())`", f"{told['ask']:.0f} µs"),
        ("`proxy.health().get()`", f"{told['proxy']:.0f} µs"),
        ("an ask of a Pykka actor that does nothing", f"{told['pykka']:.0f} µs"),
        ("from `ConnectorActor.start` to `Ready`", f"{told['start'] * 1e3:.0f} ms"),
        ("`import exchange_connector`, in a fresh process", f"{told['import'] * 1e3:.0f} ms"),
    ]
    return f"## Asking and starting\n\n{table(('', 'median'), rows)}"


def orders(figures: Figures) -> str:
    """From asking for an order to its answer, and what comes of a burst."""
    rows = [
        (name, f"{told['p50']:,.0f}", f"{told['p99']:,.0f}")
        for name, told in well(figures["latency"]).items()
    ]
    bursts = [
        f"{told['asked for']:,} orders at once ({name}): "
        + ", ".join(f"{count:,} {what}" for what, count in told.items() if what != "asked for")
        for name, told in figures["burst"].items()
    ]
    head = "from asking to the answer", "median, µs", "p99, µs"
    return f"## Orders\n\n{table(head, rows)}\n\n{texts.ORDERS}\n\n{'; '.join(bursts)}."


def stages(ways: Figures, steps: Figures) -> str:
    """Where the time goes: by the differences of ways, and step by step."""
    found = well(ways)
    if not {"wire", "loop", "inline", "callable"} <= found.keys():
        return ""
    cpu = {name: found[name]["cpu"] for name in found}
    rows = [
        ("receiving, and taking frames apart", cpu["wire"]),
        ("decoding", cpu["loop"] - cpu["wire"]),
        ("of it: is the shape known?", steps["mix"]["check"]),
        ("of it: msgspec, one pass", steps["mix"]["decode"]),
        ("of it: making the event", steps["mix"]["translate"]),
        ("routing, continuity, delivering", cpu["inline"] - cpu["loop"]),
        ("by way of another thread", cpu["callable"] - cpu["inline"]),
    ]
    head = ("step", "CPU µs/message", "of a callable's, %")
    lines = [(name, f"{took:.2f}", f"{took / cpu['callable']:.0%}") for name, took in rows]
    return f"## Where the time goes\n\n{table(head, lines)}\n\n{texts.STAGES}"

"""What is told of one client under one fault, in a cell of the table and a field of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..picture import Field

GOES_ON_S = 2.0
"""A stream that the fault does not stop has gone on if it is never silent for so long."""

Figures = Mapping[str, Any]


def kind(told: Figures) -> str:
    """How it did.

    Returns:
        `well`: data came again, and nothing was lost, doubled or handed over late without notice;
        `told`: data did not come again, and the user was told something; `silent`: anything else;
        `none`: there are no figures.
    """
    if "told_after" not in told:
        return "none"
    if told["lost"] or told["doubled"] or told["late"]:
        return "silent"
    if told["back_after"] is not None:
        return "well"
    return "silent" if told["told_after"] is None else "told"


def cell(told: Figures) -> str:
    """Everything about it, in Markdown."""
    if "told_after" not in told:
        return _absent(told)
    parts = [_when_told(told), _when_back(told)]
    parts += [f"**{text}**" for text in _faults(told)]
    if told["told_missing"] and told["back_after"] is not None:
        parts.append(f"{told['told_missing']:,} missed and told")
    if count := told.get("into_the_ban"):
        parts.append(f"{count} request{'s' if count > 1 else ''} into the ban")
    return "; ".join(part for part in parts if part)


def field(told: Figures) -> Field:
    """What counts most."""
    if "told_after" not in told:
        return Field("does not apply" if "excuse" in told else "not measured", "none")
    faults = _faults(told)
    if told["back_after"] is None:
        text = "no data again" if told["told_after"] is None else "told; no data again"
    elif faults:
        text = faults[0]
    elif _went_on(told):
        text = f"went on; {told['told_missing']:,} told" if told["told_missing"] else "went on"
    else:
        text = f"back in {seconds(_back(told))}"
    return Field(text, kind(told))


def _absent(told: Figures) -> str:
    if "excuse" in told:
        return f"does not apply: {told['excuse']}"
    return f"not measured: {told['failure']}"


def _went_on(told: Figures) -> bool:
    return not told["stops"] and bool(told["silence"] < GOES_ON_S)


def _when_told(told: Figures) -> str:
    if told["told_after"] is not None:
        return f"told {seconds(told['told_after'])}"
    has_to_tell = told["stops"] or _faults(told) or not _went_on(told)
    return "not told" if has_to_tell else ""


def _when_back(told: Figures) -> str:
    if told["back_after"] is None:
        return f"**no data again** within {told['patience']:.0f} s"
    return "went on" if _went_on(told) else f"back {seconds(_back(told))}"


def _back(told: Figures) -> float:
    """Seconds from the end of the fault, or from the fault, if data was back before that ended."""
    early = told["back_early"]
    return float(told["back_after"] if early is None else early)


def _faults(told: Figures) -> list[str]:
    """What went wrong and was not told, the worst first."""
    words = {"lost": "lost", "doubled": "twice", "late": "out of order"}
    return [f"{told[name]:,} {word}" for name, word in words.items() if told[name]]


def seconds(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"

"""The pictures of the pages."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("demo", "order&#160;book&#160;BTCUSDT"),
        ("watch", "order&#160;book&#160;BTCUSDT"),
        ("check", "stream&#160;events"),
    ],
)
def test_a_picture_asks_no_server(name: str, shown: str) -> None:
    """It is sound, small, shows the command's screen, and loads nothing from anywhere."""
    text = (IMAGES / f"{name}.svg").read_text("utf-8")
    ElementTree.fromstring(text)
    assert len(text) < 100_000
    assert shown in text
    assert "@font-face" not in text
    assert not re.search(r"(href|src)=|url\((?!#)", text)

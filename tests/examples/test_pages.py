"""README and docs: what is written there is so. The code blocks of a page are one program."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import pytest

import exchange_connector
from exchange_connector import Config, ConnectorError, Event, ExchangeConfig, Request, cli
from exchange_connector.actors.door import Door
from exchange_connector.messages import market, requests
from exchange_connector.messages.errors import ERRORS
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
ALL = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code, and the file that its first line names, if any."""

    language: str
    code: str

    @property
    def file(self) -> str:
        """`# name.py` on the first line makes it a file of its own."""
        named = re.match(r"# (\w+\.py)\n", self.code)
        return named[1] if named else ""


def name(page: Path) -> str:
    """A page's name in the report."""
    return page.name


def blocks(page: Path, language: str) -> list[Block]:
    """A page's blocks in a language."""
    found = [Block(*each) for each in FENCE.findall(page.read_text("utf-8"))]
    return [block for block in found if block.language == language]


def programs(page: Path) -> list[Block]:
    """A page's Python that is to be run."""
    return [block for block in blocks(page, "python") if not block.file]


def files(page: Path) -> list[Block]:
    """A page's Python that belongs into files of a test suite."""
    return [block for block in blocks(page, "python") if block.file]


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python there, with every warning an error, and no variable of ours set."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EXCHANGE_CONNECTOR")}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize("page", [page for page in PAGES if programs(page)], ids=name)
def test_program(page: Path, tmp_path: Path) -> None:
    """The page's blocks, one after the other, run to the end, and stderr stays empty."""
    for block in blocks(page, "toml"):
        (tmp_path / "connector.toml").write_text(block.code, "utf-8")
    program = "\n".join(block.code for block in programs(page))
    (tmp_path / "page.py").write_text(program, "utf-8")
    done = run(["page.py"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if files(page)], ids=name)
def test_files(page: Path, tmp_path: Path) -> None:
    """Blocks that are files of a test suite pass as one."""
    for block in files(page):
        (tmp_path / block.file).write_text(block.code, "utf-8")
    done = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "."], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", ALL, ids=name)
def test_links(page: Path) -> None:
    """A link to a file leads to one."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", ALL, ids=name)
def test_commands(page: Path) -> None:
    """`./dev` knows every job that is named."""
    jobs = re.findall(r"^\./dev (\w+)", page.read_text("utf-8"), re.MULTILINE)
    known = re.search(r"^([a-z |]+)\) venv", (ROOT / "dev").read_text("utf-8"), re.MULTILINE)
    assert known is not None
    assert set(jobs) <= set(known[1].replace(" ", "").split("|"))


def test_configuration_has_every_field() -> None:
    """The table in 5 names each field with its default, and no other."""
    text = (ROOT / "docs" / "5-configuration.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| `(\w+\.\w+)` \| (?:`(.*?)` )?\|", text, re.MULTILINE))
    config = Config(ExchangeConfig("binance"))
    fields: dict[str, str] = {}
    for table in msgspec.structs.fields(Config):
        values = getattr(config, table.name)
        for field in msgspec.structs.fields(table.type):
            value = repr(getattr(values, field.name)).replace("'", '"')
            fields[f"{table.name}.{field.name}"] = "" if field.required else value
    assert listed == fields


def test_requests_are_all_told_of() -> None:
    """Pages 2 and 3 name each message, and each method of the proxy."""
    text = "".join((ROOT / "docs" / page).read_text("utf-8") for page in (DOCS[1], DOCS[2]))
    kinds = {name for name, value in vars(requests).items() if is_request(value)}
    kinds = {kind for kind in kinds if not kind.startswith("Subscribe")} - {"Request"}
    methods = {name for name, _ in inspect.getmembers(Door, inspect.isfunction)}
    methods = {each for each in methods & Door.__dict__.keys() if not each.startswith("_")}
    missing = {each for each in methods if f"{each}(" not in text}
    missing |= {kind for kind in kinds - {"Unsubscribe", "SetHandlers"} if f"{kind}(" not in text}
    assert not missing


def is_request(value: Any) -> bool:
    """Whether this is a message that asks for something."""
    return isinstance(value, type) and issubclass(value, Request) and value is not Request


def test_errors_are_all_told_of() -> None:
    """The table in 3 names each of them, with its fields."""
    text = DOCS[2].read_text("utf-8")
    for kind in ERRORS.values():
        if kind is not ConnectorError:
            assert f"| `{kind.__name__}" in text


def test_events_are_all_told_of() -> None:
    """Page 4 has each event of the connector's life, page 2 those of the market."""
    market_page, life_page = DOCS[1].read_text("utf-8"), DOCS[3].read_text("utf-8")
    for kind in get_args(Event):
        if issubclass(kind, market.MarketEvent):
            assert f"`{kind.__name__}" in market_page, kind
        elif kind.__name__ not in {"Balance", "Order", "Fill"}:
            assert f"| `{kind.__name__}" in life_page, kind


def test_switches_are_all_told_of() -> None:
    """Page 6 names everything that a test can do to the exchange and look at."""
    text = DOCS[5].read_text("utf-8")
    names = {each for each in dir(SimulatedExchange) if not each.startswith("_")}
    told = set(re.findall(r"`\.?(\w+)[`(]", text)) | set(re.findall(r"exchange\.(\w+)", text))
    assert names - told - {"start", "stop", "port", "ws_api_url"} == set()


def test_not_yet_is_true() -> None:
    """What the README calls missing is missing; once it is there, the README must say so."""
    for missing in ("PlaceOrder", "SubscribeOrders"):
        assert not hasattr(exchange_connector, missing)
    assert "bybit" not in DRIVERS
    assert [cli.run([command]) for command in ("watch", "check")] == [2, 2]

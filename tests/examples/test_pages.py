"""README and docs: what is written there is so.

A page's Python is one program; a block whose first line names a file is a file of a test suite, or
a table that the programs read, and one `# with` another client runs where that is installed.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import pytest

from bench.process import ENVIRONMENTS
from exchange_connector import (
    Config,
    ConnectorError,
    Event,
    ExchangeConfig,
    PlaceOrder,
    Request,
    ValidationError,
)
from exchange_connector.actors.connector.door import Door
from exchange_connector.messages import market, requests
from exchange_connector.messages.errors import ERRORS
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Plan
from exchange_connector.simulator.faults.kinds import KINDS
from exchange_connector.venues import DRIVERS

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("[0-9]*.md"), key=lambda page: int(page.name.partition("-")[0]))
PAGES = [ROOT / "README.md", *DOCS]
BESIDE = sorted((ROOT / "docs").glob("[!0-9]*.md"))
ALL = [*PAGES, *BESIDE, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
URLS = ("rest_url", "stream_url", "ws_api_url", "api_key", "api_secret")
TLS_URLS = ("tls_rest_url", "tls_stream_url", "tls_ws_api_url", "ca_file")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code; its first line may say what it is."""

    language: str
    code: str

    @property
    def file(self) -> str:
        """`# name.py` on the first line makes it a file of its own."""
        named = re.match(r"# (\w+\.(?:py|toml))\n", self.code)
        return named[1] if named else ""

    @property
    def client(self) -> str:
        """`# with name` makes it a program for an environment that has this other client."""
        named = re.match(r"# with ([\w-]+)\n", self.code)
        return named[1] if named else ""


def name(part: Path | Block) -> str:
    """What a page, or a block for another client, is called in the report."""
    return part.name if isinstance(part, Path) else part.client


def doc(number: int) -> str:
    """The text of a page of the documentation."""
    return DOCS[number - 1].read_text("utf-8")


def blocks(page: Path, language: str) -> list[Block]:
    """A page's blocks in a language."""
    found = [Block(*each) for each in FENCE.findall(page.read_text("utf-8"))]
    return [block for block in found if block.language == language]


def programs(page: Path) -> list[Block]:
    """A page's Python that is to be run."""
    return [block for block in blocks(page, "python") if not block.file and not block.client]


def files(page: Path) -> list[Block]:
    """A page's Python that belongs into files of a test suite."""
    return [block for block in blocks(page, "python") if block.file]


def write_tables(page: Path, folder: Path) -> None:
    """A page's TOML, as the files that its programs read."""
    for block in blocks(page, "toml"):
        (folder / (block.file or "connector.toml")).write_text(block.code, "utf-8")


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
    write_tables(page, tmp_path)
    program = "\n".join(block.code for block in programs(page))
    (tmp_path / "page.py").write_text(program, "utf-8")
    done = run(["page.py"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if files(page)], ids=name)
def test_files(page: Path, tmp_path: Path) -> None:
    """Blocks that are files of a test suite pass as one."""
    write_tables(page, tmp_path)
    for block in files(page):
        (tmp_path / block.file).write_text(block.code, "utf-8")
    done = run(["-m", "pytest", "-q", "-p", "no:cacheprovider", "."], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page, "python") if block.client],
    ids=name,
)
def test_other_client(block: Block, tmp_path: Path) -> None:
    """A program for another client runs in an environment that has it."""
    python = ENVIRONMENTS / block.client / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {python}: make it with tests/clients/setup.sh")
    with SimulatedExchange(tls=True) as exchange:
        urls = {each: getattr(exchange, each) for each in (*URLS, *TLS_URLS)}
        program = f"urls = {urls!r}\n{block.code}"
        done = subprocess.run(
            [python, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "bash")], ids=name)
def test_commands_over_http(page: Path, tmp_path: Path) -> None:
    """The page's calls of curl are answered, all of them well."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n", "utf-8")
    script = "\n".join(block.code for block in blocks(page, "bash"))
    assert "localhost:9080" in script
    with SimulatedExchange() as exchange:
        done = subprocess.run(
            ["bash", "-eux", "-c", script.replace("localhost:9080", exchange.rest_url[7:])],
            cwd=tmp_path,
            env={**os.environ, "CURL_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_plans() -> None:
    """What the pages, and the examples, show as a plan is one."""
    tables = [block for page in PAGES for block in blocks(page, "toml")]
    plans = [block.code for block in tables if block.file == "plan.toml"]
    plans.append((ROOT / "examples" / "plan.toml").read_text("utf-8"))
    assert len(plans) == 3
    for plan in plans:
        assert Plan.parse(plan).faults


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
    *tables, journal = msgspec.structs.fields(Config)
    assert f"`{journal.name}`" in text
    for table in tables:
        values = getattr(config, table.name)
        for field in msgspec.structs.fields(table.type):
            value = repr(getattr(values, field.name)).replace("'", '"')
            fields[f"{table.name}.{field.name}"] = "" if field.required else value
    assert listed == fields


def test_requests_are_all_told_of() -> None:
    """Pages 2 and 3 name each message, and each method of the proxy."""
    text = doc(2) + doc(3) + doc(15)
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
    text = doc(3)
    for kind in ERRORS.values():
        if kind is not ConnectorError:
            assert f"| `{kind.__name__}" in text


def test_events_are_all_told_of() -> None:
    """Page 4 has each event of the connector's life, page 2 those of the market."""
    market_page, life_page = doc(2), doc(4)
    for kind in get_args(Event):
        if kind.__name__ in {"Balance", "Order", "Fill"}:
            continue
        if issubclass(kind, market.MarketEvent):
            assert f"`{kind.__name__}" in market_page, kind
        else:
            assert f"| `{kind.__name__}" in life_page, kind


def test_the_exchange_is_all_told_of() -> None:
    """Page 6 names every option, and with page 7 all that a test can do to it and look at."""
    options = re.findall(r"^\| `(\w+)=", doc(6), re.MULTILINE)
    assert options == list(inspect.signature(SimulatedExchange).parameters)
    text = doc(6) + doc(7)
    names = {each for each in dir(SimulatedExchange) if not each.startswith("_")}
    told = set(re.findall(r"`\.?(\w+)[`(]", text)) | set(re.findall(r"exchange\.(\w+)", text))
    assert names - told == set()


def test_faults_are_all_told_of() -> None:
    """Page 7 has a row for each kind, and names every field."""
    for fault, kind in KINDS.items():
        assert f"| `{fault}` |" in doc(7)
        for field in kind.__struct_fields__:
            assert f"`{field}`" in doc(7), f"{fault}.{field}"


def test_pages_lead_on() -> None:
    """Each page ends with a link to the next."""
    for page, following in pairwise(DOCS):
        last = page.read_text("utf-8").rstrip().rpartition("\n")[2]
        assert re.fullmatch(rf"Next: \[.+\]\({re.escape(following.name)}\)\.", last), page


def test_not_yet_is_true() -> None:
    """What the README calls missing is missing; once it is there, the README must say so."""
    assert DRIVERS["bybit", "linear"].account is None
    one = Decimal(1)
    stop = PlaceOrder("BTCUSDT", "BUY", "STOP_LOSS", one, stop_price=one, client_order_id="a")
    with pytest.raises(ValidationError):
        DRIVERS["bybit", "spot"].endpoints[PlaceOrder].parameters(stop)

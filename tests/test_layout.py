"""The repository root is the package; these keep the lists of its parts equal."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "exchange_connector"
EDITABLE = ROOT / ".editable"
LINKS = EDITABLE / PACKAGE

in_checkout = pytest.mark.skipif(not LINKS.is_dir(), reason="not a git checkout (sdist)")


def shipped() -> dict[str, str]:
    """Where each folder and file of the repository stands in the wheel."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = config["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["only-include"]) == sorted(wheel["sources"])
    return {**wheel["sources"], **wheel["hooks"]["custom"]["files"]}


def parts() -> set[str]:
    """The parts of the package."""
    return {part for part, target in shipped().items() if target == f"{PACKAGE}/{part}"}


def files(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def test_every_module_is_shipped() -> None:
    """What stands at the root as a module or a package is in the wheel, and nothing else."""
    modules = {path.name for path in ROOT.glob("*.py")}
    packages = {path.parent.name for path in ROOT.glob("[!.]*/__init__.py")}
    assert modules | packages | {"py.typed"} == parts()


@in_checkout
def test_every_part_is_linked() -> None:
    """An editable install sees every part, through a link."""
    assert {path.name for path in LINKS.iterdir() if path.name != "__pycache__"} == parts()
    for name in parts():
        link = LINKS / name
        assert link.is_symlink(), f"{link} is a copy: clone with symlinks (see README)"
        assert link.resolve() == ROOT / name


@in_checkout
def test_what_stands_beside_the_package_is_linked() -> None:
    """It is what pytest loads, and no more."""
    beside = {source: target for source, target in shipped().items() if source not in parts()}
    assert list(beside.values()) == ["_exchange_connector_pytest.py"]
    for source, target in beside.items():
        assert (EDITABLE / target).is_symlink()
        assert (EDITABLE / target).resolve() == ROOT / source


def test_package_imports_itself_relatively() -> None:
    """An absolute import would work too, but then `import actors` from the root loads a copy."""
    own = {PACKAGE} | {part.removesuffix(".py") for part in parts()}
    for part in parts():
        for file in files(part):
            for node in ast.walk(ast.parse(file.read_bytes())):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                assert not {name.partition(".")[0] for name in names} & own, file


def test_nothing_is_loaded_twice() -> None:
    """No file of the package is loaded under two names."""
    seen: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" or not file:
            continue
        path = Path(file).resolve()
        if ROOT not in path.parents or "site-packages" in path.parts:
            continue
        assert seen.setdefault(str(path), name) == name

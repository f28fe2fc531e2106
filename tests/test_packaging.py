"""What is shipped: exactly what is named, the same bytes each time, from pinned and hashed parts."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
INCLUDED: Final[list[str]] = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
EPOCH: Final = "1700000000"
EXTRAS: Final = {
    "pdf": "requirements-pdf.lock",
    "scan": "requirements-scan.lock",
    "relay-nats": "requirements-relay-nats.lock",
}
LOCKS: Final = ("requirements.lock", "requirements-dev.lock", *EXTRAS.values())


def copy_of_tree(folder: Path) -> Path:
    """What an sdist is made from, in a folder of its own, with something beside it that must stay out."""
    tree = folder / "tree"
    tree.mkdir()
    for name in INCLUDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, tree / name)
    (tree / "vault").mkdir()
    (tree / "vault" / "secret.txt").write_text("not to be shipped", encoding="utf-8")
    return tree


def build(tree: Path, out: Path) -> list[Path]:
    """Build sdist and wheel without a network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)],
        cwd=tree,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        check=True,
        capture_output=True,
    )
    return sorted(out.iterdir())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], list[Path]]:
    """The tree, and what two builds of it gave."""
    folder = tmp_path_factory.mktemp("packaging")
    tree = copy_of_tree(folder)
    first = build(tree, folder / "first")
    for path in sorted(tree.rglob("*")):
        os.utime(path, (1, 1))  # a clone made at another time
    return tree, first, build(tree, folder / "second")


def test_the_sdist_holds_what_is_named_and_nothing_else(built: tuple[Path, list[Path], list[Path]]) -> None:
    """Goal: nothing that lies about gets published. Method: compare names with the list in pyproject."""
    tree, first, _ = built
    archive = next(path for path in first if path.name.endswith(".tar.gz"))
    with tarfile.open(archive) as opened:
        packed = {name.split("/", 1)[1] for name in opened.getnames()}
    named = {
        path.relative_to(tree).as_posix()
        for path in tree.rglob("*")
        if path.is_file() and path.relative_to(tree).parts[0] in INCLUDED
    }
    assert packed == named | {"PKG-INFO"}
    assert len(named) > 100


def test_two_builds_are_the_same_bytes(built: tuple[Path, list[Path], list[Path]]) -> None:
    """Goal: anybody can check a release. Method: build twice, file times changed in between, and compare."""
    _, first, second = built
    assert [path.name for path in first] == [path.name for path in second]
    assert len(first) == 2
    for one, other in zip(first, second, strict=True):
        assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def test_the_wheel_holds_the_package_with_its_data(built: tuple[Path, list[Path], list[Path]]) -> None:
    """Goal: an installed meshcoal is complete. Method: look for code, schema, word lists and licences."""
    tree, first, _ = built
    with zipfile.ZipFile(next(path for path in first if path.suffix == ".whl")) as opened:
        packed = set(opened.namelist())
    source = {
        path.relative_to(tree / "src").as_posix() for path in (tree / "src").rglob("*") if path.is_file()
    }
    assert source <= packed
    for ending in (".py", "schema/0001_first.sql", "words/english.txt", "words/russian.txt"):
        assert any(name.endswith(ending) for name in source), ending
    others = {name for name in packed - source if ".dist-info/" not in name}
    assert others == set()
    for licence in ("LICENSE", "src/meshcoal/crypto/words/LICENSE.mnemonic"):
        assert any(name.endswith(f".dist-info/licenses/{licence}") for name in packed), licence
    assert any(name.endswith("entry_points.txt") for name in packed)


def test_the_licence_is_the_agpl() -> None:
    """Goal: the terms are those that we name. Method: compare with the hash of the published text."""
    published = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == published
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"


def pins(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Package -> (version, hashes) of a lock file."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8")):
        head = re.match(r"([a-z0-9._-]+)==(\S+)", entry)
        if head:
            hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
            found[head[1]] = (head[2], hashes)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_everything_and_names_no_host(lock: str) -> None:
    """Goal: everybody installs the same bytes from whatever index they use. Method: read the lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "@ " not in text
    assert "-e ." not in text
    locked = pins(lock)
    assert [name for name, (_, hashes) in locked.items() if not hashes] == []
    requirements = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(requirements) == len(locked)


def test_the_locks_agree() -> None:
    """Goal: testing installs nothing over what runs. Method: compare the pins that both have."""
    runtime, development = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: development.get(name) for name in runtime} == runtime


def test_what_is_asked_for_is_locked() -> None:
    """Goal: a dependency added to pyproject is not forgotten. Method: look each up."""
    names = [re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0] for one in PROJECT["project"]["dependencies"]]
    tools = [re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0] for one in PROJECT["dependency-groups"]["dev"]]
    assert [name for name in names if name not in pins(LOCKS[0])] == []
    assert [name for name in tools if name not in pins(LOCKS[1])] == []
    assert [name for name in tools if name in pins(LOCKS[0]) and name not in names] == []
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(extras) == set(EXTRAS)
    for extra, lock in EXTRAS.items():
        assert {re.split(r"[<>=]", one, maxsplit=1)[0] for one in extras[extra]} == set(pins(lock))
        assert {name: pins(LOCKS[1]).get(name) for name in pins(lock)} == pins(lock)


# At 3.11 to 3.14, manylinux for two processors, macOS for two, Windows: what a binary package publishes
# for us. Fewer hashes mean that the lock was made on one machine for that machine.
_BINARY: Final = {
    "aiohttp": 30, "cffi": 20, "cryptography": 10, "msgpack": 20, "pynacl": 8, "sqlcipher3": 15,
    "yarl": 30, "zeroconf": 20,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(_BINARY))
def test_binary_packages_are_locked_for_all_platforms(name: str) -> None:
    """Goal: a clone installs on Linux, macOS and Windows alike. Method: count the hashes of its wheels."""
    assert len(pins(LOCKS[0])[name][1]) >= _BINARY[name]


def test_platform_markers_are_kept() -> None:
    """Goal: one lock serves all platforms. Method: what only Windows needs is there, under its condition."""
    assert re.search(r"^colorama==\S+ ; sys_platform == 'win32'", read_dev(), re.MULTILINE)


def read_dev() -> str:
    return (ROOT / LOCKS[1]).read_text(encoding="utf-8")

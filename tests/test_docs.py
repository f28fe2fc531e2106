"""The pages lead where they say, say something, and leave nothing out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(DOCS.rglob("*.md"))
TOP: Final = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "newsfragments/README.md")]
NAMES: Final = [path.relative_to(ROOT).as_posix() for path in [*TOP, *PAGES]]
FRAGMENT_KINDS: Final = ("security", "feature", "change", "bugfix", "removal")

_LINK: Final = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_FENCE: Final = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^(#{1,6}) +(.+?)\s*#*$", re.MULTILINE)


def prose(path: Path) -> str:
    """A page without its code, in which brackets are not links and `#` is not a heading."""
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return _FENCE.sub("\n    code\n", text)


def links(path: Path) -> list[str]:
    """Targets of a page's links to other pages and places of this project."""
    text = re.sub(r"`[^`\n]+`", "code", prose(path))
    return [target for target in _LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """Names of a page's headings, as the usual viewers make them."""
    found: set[str] = set()
    for _, title in _HEADING.findall(prose(path)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").strip().lower()
        name = re.sub(r"\s", "-", re.sub(r"[^\w\- ]", "", plain))
        found.add(name if name not in found else f"{name}-1")
    return found


def target_of(page: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return ((page.parent / path).resolve() if path else page.resolve()), anchor


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """Goal: no dead link. Method: resolve each link to a file, and its anchor to a heading."""
    page = ROOT / name
    dead = []
    for link in links(page):
        target, anchor = target_of(page, link)
        exists = target.exists() and target.is_relative_to(ROOT)
        if not exists or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("name", NAMES)
def test_no_heading_stands_alone(name: str) -> None:
    """Goal: no page promises what it does not say. Method: each heading is followed by text or by a
    heading below it, and each page begins with its one title."""
    text = prose(ROOT / name)
    headings = list(_HEADING.finditer(text))
    assert headings, "a page has a title"
    assert [len(one[1]) for one in headings].count(1) == 1
    assert len(headings[0][1]) == 1
    empty = []
    for one, following in zip(headings, [*headings[1:], None], strict=True):
        between = text[one.end() : following.start() if following else len(text)].strip()
        if not between and (following is None or len(following[1]) <= len(one[1])):
            empty.append(one[2])
    assert empty == []


def test_every_page_can_be_found() -> None:
    """Goal: no page is lost. Method: follow links from docs/index.md."""
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        waiting += [path for path, _ in (target_of(page, link) for link in links(page)) if path in PAGES]
    assert [path.relative_to(DOCS).as_posix() for path in PAGES if path not in reached] == []


# Words that mean one thing in this project. "message" alone means chat text.
WORDS: Final = (
    "operation", "log", "backlink", "seq", "DAG", "parents", "heads", "frontier", "epoch", "lane", "commit",
    "welcome", "peer", "contact", "member", "persona", "hint", "link", "session", "transport", "frame",
    "envelope", "bundle", "topic", "campaign", "channel", "role", "seat", "organiser", "statement", "sign-on",
    "tally", "package", "effect", "command", "notice", "view", "reducer", "machine", "message", "invitation",
    "introduction", "vault", "slot", "run", "direct", "rehearsal",
)  # fmt: skip


def test_the_glossary_has_every_word() -> None:
    """Goal: one word, one meaning. Method: look each up among the words in bold."""
    explained = {
        word.strip()
        for group in re.findall(r"^\| \*\*(.+?)\*\* \|", prose(DOCS / "glossary.md"), re.MULTILINE)
        for word in group.split(",")
    }
    assert [word for word in WORDS if word not in explained] == []


def test_the_glossary_is_in_order() -> None:
    """Goal: a word is found at a glance. Method: compare the order of its rows with the alphabet."""
    found = re.findall(r"^\| \*\*(.+?)\*\* \|", prose(DOCS / "glossary.md"), re.MULTILINE)
    assert found == sorted(found, key=str.lower)


def test_each_dependency_has_its_reason() -> None:
    """Goal: nothing is installed without one. Method: compare pyproject with the list of reasons."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *(one for group in project["project"]["optional-dependencies"].values() for one in group),
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    names = {re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0] for one in wanted}
    text = (DOCS / "design" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \| \S", text, re.MULTILINE)) == names


def test_decisions_are_numbered() -> None:
    """Goal: a decision can be cited. Method: each number stands once, and the title repeats it."""
    pages = sorted((DOCS / "design").glob("[0-9]*.md"))
    assert len({page.name[:4] for page in pages}) == len(pages)
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. "), page.name


def test_the_floors_on_the_page_are_those_that_are_checked() -> None:
    """Goal: the architecture page is true. Method: compare its list of floors with the contract."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    wanted = [layer.replace("meshcoal.", "") for layer in floors["layers"]]
    text = (DOCS / "internals" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(r"## Floors.*?^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    assert block[1].split("\n")[:-1] == wanted


def test_files_named_on_the_architecture_page_exist() -> None:
    """Goal: the architecture page is true. Method: look for each `package/file.py` it names."""
    text = (DOCS / "internals" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.py)`", text))
    assert len(named) > 20
    roots = (ROOT / "src" / "meshcoal", ROOT)
    assert [name for name in sorted(named) if not any((root / name).is_file() for root in roots)] == []


def test_news_fragments_are_named_as_towncrier_wants() -> None:
    """Goal: no news is lost at a release. Method: read the names, and ask that each says something."""
    names = re.compile(r"(\d+|\+[a-z0-9-]+)\.(" + "|".join(FRAGMENT_KINDS) + r")(\.\d+)?\.md")
    fragments = [path for path in (ROOT / "newsfragments").iterdir() if path.name != "README.md"]
    assert [path.name for path in fragments if not names.fullmatch(path.name)] == []
    assert [path.name for path in fragments if len(path.read_text(encoding="utf-8").strip()) < 20] == []


def test_the_readme_says_first_what_a_reader_needs() -> None:
    """Goal: nobody relies on what is not there. Method: look for it on the first screen."""
    first = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:60])
    for wanted in ("make run", "make test", "protects", "does not", "unaudited"):
        assert wanted in first, wanted


def test_every_page_of_the_protocol_says_what_is_ours() -> None:
    """Goal: an auditor knows where to look. Method: ask each page for the words; lists are let off."""
    lists = {"README.md", "contexts.md", "primitives.md", "refusals.md"}
    silent = [
        page.name
        for page in (DOCS / "protocol").glob("*.md")
        if page.name not in lists
        and not re.search(r"ours,\s+unreviewed", page.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert silent == []


def test_unreviewed_constructions_are_marked() -> None:
    """Goal: an auditor finds what is ours. Method: each module that says so is on the list, and back."""
    source = ROOT / "src" / "meshcoal"
    says = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"ours,\s+unreviewed", path.read_text(encoding="utf-8"), re.IGNORECASE)
    }
    text = (DOCS / "known-weaknesses.md").read_text(encoding="utf-8")
    section = re.search(r"^## Ours, unreviewed$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert set(re.findall(r"`([a-z_/]+\.py)`", section[1])) == says

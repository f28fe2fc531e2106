"""The page and the command say the same of every package: the page's script runs in a real browser."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from meshcoal.export.letter import read_letter
from meshcoal.export.page import letter_page
from meshcoal.statement.verification import Report, verify
from meshcoal.wire.package import encode_package

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from browserwork import Tab, chromium
from counted_damage import counted_cases
from counted_damage import sound as counted_sound
from damage import cases, sound
from paperdamage import paper_cases

from tools import require_tool

CASES: Final = dict(
    [*cases(), *counted_cases(), *[(f"on paper: {name}", data) for name, data in paper_cases()]]
)
REFUSALS: Final = ("malformed-package", "over-limit", "text-form")
_SHOWN: Final = """JSON.stringify({
  verdict: document.getElementById("verdict").textContent,
  look: document.getElementById("verdict").className,
  texts: [...document.querySelectorAll("#texts section")].map((section) => ({
    language: section.lang, direction: getComputedStyle(section).direction,
    title: section.querySelector("h2").textContent,
    paragraphs: [...section.querySelectorAll("p")].map((paragraph) => paragraph.textContent),
  })),
  signatories: document.getElementById("signatories").textContent,
  facts: document.getElementById("facts").textContent,
  findings: [...document.querySelectorAll("#findings code")].map((code) => code.textContent),
  markup: document.querySelectorAll("main *, #signatories *, #facts *, #findings *").length,
  foreign: document.querySelectorAll("img, iframe, object, embed, link, form, svg, [onerror]").length,
})"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the browser said, of packages by name, and showed, of pages by name."""

    reports: dict[str, dict[str, Any]]
    without_browser_crypto: dict[str, dict[str, Any]]
    pages: dict[str, dict[str, Any]]
    requests: tuple[str, ...]


def page_around(package: bytes) -> bytes:
    """The page of a sound letter with another package put into it."""
    ours = letter_page(read_letter(encode_package(sound())))
    held = base64.b64encode(encode_package(sound())).decode()
    wrapped = "".join([held[at : at + 100] + "\n" for at in range(0, len(held), 100)]).encode()
    assert ours.count(wrapped) == 1
    return ours.replace(wrapped, base64.b64encode(package))


PAGES: Final = {
    "counted": letter_page(read_letter(encode_package(counted_sound()))),
    "sound": letter_page(read_letter(encode_package(sound()))),
    "hostile": page_around(CASES["doubled"]),
    "other text": page_around(CASES["another text"]),
    "small key": page_around(CASES["small key 0, R itself"]),
    "no package": page_around(b"{}"),
    "script changed": letter_page(read_letter(encode_package(sound()))).replace(
        b"Sound, says this page", b"Sound, truly"
    ),
}


async def _examined(tab: Tab, data: bytes) -> dict[str, Any]:
    spelled = base64.b64encode(data).decode()
    report: dict[str, Any] = json.loads(await tab.evaluate(f'globalThis.meshcoalExamine("{spelled}")'))
    return report


async def _see(program: str, folder: Path) -> Seen:
    async with chromium(program, folder / "profile") as browser:
        pages = {}
        requests: list[str] = []
        for number, (name, data) in enumerate(PAGES.items()):
            path = folder / f"page-{number}.html"
            path.write_bytes(data)
            tab = await browser.tab()
            if name == "script changed":
                await tab.call("Page.navigate", url=path.as_uri())
                await tab.evaluate(
                    "new Promise((done) => (document.readyState === 'complete' ? done(true)"
                    " : addEventListener('load', () => done(true))))"
                )
            else:
                await tab.open_checked(path)
            pages[name] = json.loads(await tab.evaluate(_SHOWN))
            requests += [url for url in tab.requests if url != path.as_uri()]
        tab = await browser.tab()
        await tab.open_checked(folder / "page-0.html")
        reports = {name: await _examined(tab, data) for name, data in CASES.items()}
        requests += [url for url in tab.requests if url != (folder / "page-0.html").as_uri()]
        # As in a browser that hands out no WebCrypto: noble's own `verify` becomes the second opinion.
        await tab.evaluate("Object.defineProperty(globalThis, 'crypto', { value: undefined }); true")
        fewer = [
            name for name in CASES if "R " in name or "key" in name or name in ("seven languages", "reversed")
        ]
        bare = {name: await _examined(tab, CASES[name]) for name in fewer}
        return Seen(reports=reports, without_browser_crypto=bare, pages=pages, requests=tuple(requests))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One start of the browser for all tests here."""
    return asyncio.run(_see(require_tool("chromium"), tmp_path_factory.mktemp("browser")))


def spelled(report: Report) -> dict[str, Any]:
    """The command's report as the page words it."""
    return {
        "findings": [(one.code, one.severity.value, one.sentence) for one in report.findings],
        "digest": report.digest.hex(),
        "counts": dataclasses.asdict(report.counts),
        "released": report.released_ms,
        "on_paper": [
            (
                one.name,
                one.title,
                one.affiliation,
                one.country,
                one.capacity.value,
                one.dated_ms,
                one.witness,
                one.key.hex(),
                one.sheet,
                one.line,
                one.scan.hex(),
                one.holds,
                one.withdrawn,
            )
            for one in report.on_paper
        ],
        "languages": list(report.languages),
        "addressees": list(report.addressees),
        "deadline": report.deadline_ms,
        "signatories": [
            (
                one.name,
                one.title,
                one.affiliation,
                one.country,
                one.capacity.value,
                one.signed_ms,
                one.holds,
                one.withdrawn,
                one.mode.value,
                one.members,
                [(name.language, name.name) for name in one.names],
                one.logo,
                one.addendum,
            )
            for one in report.signatories
        ],
    }


def told(report: dict[str, Any]) -> dict[str, Any]:
    """The page's report in the same form."""
    text = report["text"]
    return {
        "findings": [(one["code"], one["severity"], one["sentence"]) for one in report["findings"]],
        "digest": report["digest"],
        "counts": {name.replace("onP", "on_p"): count for name, count in report["counts"].items()},
        "released": report["releasedMs"],
        "on_paper": [
            (one["name"], one["title"], one["affiliation"], one["country"], one["capacity"], one["datedMs"],
             one["witness"], one["key"], one["sheet"], one["line"], one["scan"], one["holds"],
             one["withdrawn"])
            for one in report["onPaper"]
        ],
        "languages": [part["language"] for part in text["texts"]] if text else [],
        "addressees": text["addressees"] if text else [],
        "deadline": text["deadlineMs"] if text else -1,
        "signatories": [
            (one["name"], one["title"], one["affiliation"], one["country"], one["capacity"], one["signedMs"],
             one["holds"], one["withdrawn"], one["mode"], one["members"],
             [(name["language"], name["name"]) for name in one["names"]], one["png"] != "", one["addendum"])
            for one in report["signatories"]
        ],
    }  # fmt: skip


def same(page: dict[str, Any], command: dict[str, Any]) -> bool:
    """Equal, but for the inner sentence of a refusal: each reader names the first thing that it met."""

    def shortened(found: dict[str, Any]) -> dict[str, Any]:
        findings = [
            (
                code,
                severity,
                sentence.partition(":")[0]
                if code in ("malformed-package", "over-limit", "text-form")
                else sentence,
            )
            for code, severity, sentence in found["findings"]
        ]
        return found | {"findings": findings}

    return shortened(page) == shortened(command)


def test_there_are_enough_cases_of_each_kind() -> None:
    """Goal: agreement is tried where it matters. Method: count packages, and find each code among them."""
    reports = [verify(data) for data in CASES.values()]
    assert len(set(CASES.values())) >= 400
    assert sum(report.sound for report in reports) >= 15
    codes = {finding.code for report in reports for finding in report.findings}
    page = (Path(__file__).parents[2] / "docs" / "protocol" / "package.md").read_text(encoding="utf-8")
    table = page[page.index("## Checks") : page.index("## What no check")]
    documented = {
        word
        for line in table.splitlines()
        if line.startswith("| `")
        for word in line.split("|")[1].replace("`", "").replace(",", " ").split()
    }
    assert documented - {"page", "pdf"} == codes


def test_page_and_command_agree_on_every_package(seen: Seen) -> None:
    """Goal: one file, one verdict. Method: compare verdict, codes, words, counts, list of each case."""
    for name, data in CASES.items():
        command = verify(data)
        assert same(told(seen.reports[name]), spelled(command)), name
        assert seen.reports[name]["sound"] == command.sound, (name, seen.reports[name]["disagreements"])


def test_a_second_opinion_differs_only_where_the_verdict_is_bad_already(seen: Seen) -> None:
    """Goal: judges that disagree are shown, and never over something sound. Method: the keys and signatures
    on which libraries differ; at least one of them is taken by another judge."""
    browser = {name for name, report in seen.reports.items() if report["disagreements"]}
    noble = {name for name, report in seen.without_browser_crypto.items() if report["disagreements"]}
    # Chromium takes a key of order one, for any text; noble's strict `verify` an R with a small part.
    assert "small key 0, R itself" in browser
    assert "R with a part of order eight (0)" in noble
    assert "a key with a part of order eight" in browser & noble
    for name in browser | noble:
        assert not verify(CASES[name]).sound, name


def test_without_webcrypto_the_page_agrees_as_well(seen: Seen) -> None:
    """Goal: an old browser gives the same answer. Method: take `crypto` away and check again."""
    assert len(seen.without_browser_crypto) > 40
    for name, report in seen.without_browser_crypto.items():
        assert same(told(report), spelled(verify(CASES[name]))), name
        assert report["sound"] == verify(CASES[name]).sound, name


def test_the_page_shows_what_was_signed(seen: Seen) -> None:
    """Goal: text, direction, names and counts are right on the screen. Method: read them out of the page."""
    shown = seen.pages["sound"]
    assert shown["look"] == "sound"
    parsed = read_letter(encode_package(sound())).text
    assert [
        (one["language"], one["direction"], one["title"], one["paragraphs"]) for one in shown["texts"]
    ] == [(one.language, one.direction.value, one.title, list(one.paragraphs)) for one in parsed.texts]
    assert "1 organisation, 2 individuals" in shown["facts"]
    assert sound().digest.hex() in shown["facts"]
    for one in sound().sign_ons:
        assert one.fields.name in shown["signatories"]
    assert "problem" not in shown["findings"]


def test_a_damaged_page_says_so(seen: Seen) -> None:
    """Goal: nobody is misled by the static text. Method: other packages inside the page of a sound letter."""
    for name in ("hostile", "other text", "small key", "no package"):
        assert seen.pages[name]["look"] == "not-sound", name
        assert seen.pages[name]["verdict"].startswith("NOT SOUND"), name
    assert "Not." in str(seen.pages["other text"]["texts"])
    assert "other-text" in seen.pages["other text"]["findings"]
    assert seen.pages["no package"]["texts"] == []
    assert seen.pages["no package"]["signatories"] == ""


def test_a_changed_script_does_not_run(seen: Seen) -> None:
    """Goal: the policy names the script by hash. Method: change a word of it; the page stays unchecked."""
    assert seen.pages["script changed"]["verdict"].startswith("NOT CHECKED")


def test_nothing_is_fetched(seen: Seen) -> None:
    """Goal: whoever opens the page tells nobody. Method: every request that any tab made."""
    assert seen.requests == ()
    assert all(page["foreign"] == 0 for page in seen.pages.values())

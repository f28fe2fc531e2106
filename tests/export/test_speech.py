"""What pages say: whole in each language, with the right forms, and the same in a browser and here."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from meshcoal.errors import MalformedPackage, OverLimit
from meshcoal.export import call as call_module
from meshcoal.export import page as page_module
from meshcoal.export import speech
from meshcoal.export.call import call_page
from meshcoal.export.letter import read_letter
from meshcoal.export.page import letter_page
from meshcoal.export.reading import examine
from meshcoal.export.speech import Speech, plural_category, tables
from meshcoal.export.telling import told
from meshcoal.export.words import known_languages
from meshcoal.statement import sentences
from meshcoal.statement.sentences import FINDINGS, GAPS, english
from meshcoal.text.calendars import Calendar, in_calendar
from meshcoal.wire.call import call_text
from meshcoal.wire.package import encode_package

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import make_call
from browserwork import Tab, chromium
from counted_damage import counted_cases
from counted_damage import sound as counted_sound
from damage import cases, sound
from paperdamage import paper_cases, sound_paper
from test_page_agrees import page_around

from tools import require_tool

LANGUAGES: Final = sorted(known_languages())
KINDS: Final = ("page", "call", "sheet", "command")
CASES: Final = dict(cases())
NARROW_PIXELS: Final = 360
LONG: Final = ("ar", "my", "ru")  # whose words or letters take most room
FINDINGS_TABLE: Final = Path(sentences.__file__).read_text(encoding="utf-8")
CALL: Final = call_text(  # open when the test runs
    dataclasses.replace(
        make_call.call(),
        canonical_text=re.sub("deadline: .*", "deadline: 2099-01-01T00:00:00Z", make_call.letter().decode()),
    )
)
SHOWN: Final = {
    "sound": encode_package(sound()),
    "all ways of signing": CASES["all ways of signing"],
    "origin": CASES["who wrote, translated and compared"],
    "doubled": CASES["doubled"],
    "another text": CASES["another text"],
    "all withdrew": CASES["all withdrew"],
    "small key": CASES["small key 0, R itself"],
    "two addenda": CASES["two addenda"],
    "both addenda": CASES["an entry in both addenda"],
    "unnamed": encode_package(counted_sound()),
    "unnamed, two withdrew": dict(counted_cases())["counted: two withdrew"],
    "unnamed, everybody": dict(counted_cases())["counted: everybody"],
    "on paper": encode_package(sound_paper()),
    "on paper, a sheet twice": dict(paper_cases())["a sheet twice"],
    "on paper, withdrawn twice": dict(paper_cases())["lines withdrawn twice"],
    "no package": b"{}",
}
_LETTERS: Final = re.compile(r"{([a-z]+)}")
# All text that a reader sees or hears, but for what was typed by others, names of languages, and code.
_SAID: Final = """(() => {
  const skipped = "script, style, bdi, code, option, time, #texts section > :is(h2, p:not(.origin))";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(skipped)) found.push(walker.currentNode.data);
  }
  const labels = [...document.querySelectorAll("[aria-label]")].map((one) => one.getAttribute("aria-label"));
  return JSON.stringify([...found, ...labels]);
})()"""
_LOOK: Final = """JSON.stringify({
  language: document.documentElement.lang,
  direction: getComputedStyle(document.body).direction,
  verdict: document.getElementById("verdict").textContent,
  role: document.getElementById("verdict").getAttribute("role"),
  facts: document.getElementById("facts").textContent,
  chosen: document.getElementById("language").value,
  offered: [...document.querySelectorAll("#language option")].map(
    (one) => [one.value, one.textContent, one.lang]),
  english: document.querySelectorAll(".english").length,
  unsaid: [...document.querySelectorAll("[data-word]")].filter((one) => one.textContent === "").length,
  room: document.documentElement.scrollWidth,
})"""


def forms(template: Any) -> list[str]:
    return [template] if isinstance(template, str) else list(template.values())


def gaps(template: Any) -> set[str]:
    return {gap for form in forms(template) for gap in _LETTERS.findall(form)}


# --- The tables


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_everything(kind: str, language: str) -> None:
    """Goal: no key lacks a language. Method: keys and gaps of each table beside the English ones."""
    english_words, words = tables(kind)["en"]["words"], tables(kind)[language]["words"]
    assert words.keys() == english_words.keys()
    for key, template in words.items():
        assert gaps(template) | {"count"} == gaps(english_words[key]) | {"count"}, key
        assert all(forms(template)) or key == "letter.unreviewed", key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_counts_has_a_form_for_each_number(language: str) -> None:
    """Goal: no number is said wrongly.
    Method: the categories of 0 to 200 among the forms of each sentence."""
    needed = {plural_category(language, count) for count in range(201)} | {"other"}
    for kind in KINDS:
        for key, template in tables(kind)[language]["words"].items():
            assert isinstance(template, str) or set(template) == needed, key


def source(*names: str) -> str:
    """Files of the package, by a pattern, as one text."""
    whole = Path(speech.__file__).parents[1]
    return "".join([path.read_text(encoding="utf-8") for name in names for path in sorted(whole.glob(name))])


def test_every_gap_has_a_kind_and_every_finding_a_check() -> None:
    """Goal: no sentence that nobody says. Method: gaps against their kinds; keys in both checkers' source."""
    command, page = (
        source("statement/*.py", "errors/*.py", "export/reading.py"),
        source("export/page/*.js"),
    )
    for key, template in FINDINGS.items():
        assert gaps(template) <= set(GAPS), key
        assert english(key, dict.fromkeys({*gaps(template), "count"}, 1))
        assert f'"{key}"' in command.replace(FINDINGS_TABLE, ""), key
        assert f'"{key}"' in page or key.startswith(("page.", "pdf.")), key


def test_every_word_has_a_place() -> None:
    """Goal: nothing to translate that nobody reads.
    Method: keys in templates, scripts and what fills them."""
    places = source("export/*.py", "export/page/*.js", "export/page/*.html")
    together = ("page.judges.", "page.ok", "page.notice", "page.problem")  # put together in show.js
    for kind in KINDS:
        for key in tables(kind)["en"]["words"]:
            if key.startswith(("page.", f"{kind}.")) and not key.startswith(together):
                assert f'"{key}"' in places, key


def test_a_page_of_another_language_has_the_english_beside_it() -> None:
    """Goal: readable without scripts, by its writers and by others.
    Method: a letter in Amharic and Russian."""
    whole = read_letter(encode_package(sound()))
    turned = dataclasses.replace(whole, text=dataclasses.replace(whole.text, texts=whole.text.texts[::-1]))
    page = letter_page(turned).decode()
    static = page[: page.index('<script type="text/plain"')]
    first = Speech("ru")
    assert static.startswith('<!DOCTYPE html>\n<html lang="ru" dir="ltr">')
    for key in ("page.unchecked", "page.can_lie", "letter.signatories", "page.listed"):
        assert first.text(key) in static
        assert Speech("en").text(key) in static
    assert first.spell_moment(whole.text.deadline_ms) in static


def test_numbers_and_times_are_spelled_in_the_readers_digits() -> None:
    """Goal: a date that is read aloud rightly. Method: one moment and one number in several languages."""
    at_ms = 1_794_999_600_123
    assert Speech("en").spell_moment(at_ms) == "18 November 2026, 11:00:00 UTC"
    assert Speech("fa").spell_moment(at_ms) == (
        "۲۷ آبان ۱۴۰۵ خورشیدی، برابر با ۱۸ نوامبر ۲۰۲۶ میلادی، ساعت ۱۱:۰۰:۰۰ به وقت جهانی"
    )
    assert Speech("zh").spell_moment(at_ms) == "2026年11月18日 11:00:00（协调世界时）"
    assert Speech("my").spell_number(1_024) == "၁၀၂၄"
    assert Speech("ar").text("page.organisations", count=2) == "منظمتان"
    assert Speech("ru").text("page.organisations", count=21) == "21 организация"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_the_command_tells_every_kind_of_letter(name: str, language: str) -> None:
    """Goal: `verify --language` has words for all that it finds. Method: each kind, good and bad."""
    report, speech = examine(SHOWN[name]), Speech(language, "command")
    lines = list(told(report, language))
    verdict = "command.sound" if report.sound else "command.not_sound"
    assert lines[-1] == (0, speech.text(verdict, count=len(report.problems)))
    said = "\n".join([line for _, line in lines])
    assert [one.code for one in report.findings if f"({one.code})" not in said] == []
    if report.on_paper:
        assert (1, speech.text("letter.cannot_know_of_paper")) in lines
    if report.counts.unnamed:
        assert speech.text("page.unnamed", count=report.counts.unnamed) in said


# --- In a browser


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the browser showed: by language, and of pages in a language that is none."""

    looks: dict[str, dict[str, Any]]
    rooms: dict[tuple[str, str], int]
    pseudo: dict[str, list[str]]
    plurals: dict[str, list[str]]
    calls: dict[str, dict[str, Any]]
    unnamed: dict[str, list[str]]
    days: list[list[int]]
    requests: tuple[str, ...]


def page_of(name: str) -> bytes:
    """The page that is made of a package, or where none is made of it, a page around it."""
    try:
        return letter_page(read_letter(SHOWN[name]))
    except (MalformedPackage, OverLimit):
        return page_around(SHOWN[name])


def pseudo_words() -> dict[str, Any]:
    """As `tables`, but Russian says nothing: every word is a mark, and only the gaps are kept."""
    found = {kind: dict(tables(kind)) for kind in KINDS}
    for kind in KINDS:
        marked = {
            key: "".join(["※", *[f"{{{gap}}}※" for gap in sorted(gaps(template))]])
            for key, template in found[kind]["ru"]["words"].items()
        }
        found[kind]["ru"] = {**found[kind]["ru"], "words": marked}
    return found


@pytest.fixture(scope="module")
def pseudo_pages() -> dict[str, bytes]:
    """The pages of a version whose Russian is marks."""
    marked = pseudo_words()
    caches: tuple[Any, ...] = (speech.words_script, page_module.script, call_module.script)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech, "tables", marked.__getitem__)
        for cache in caches:
            cache.cache_clear()
        made = {name: page_of(name) for name in SHOWN} | {"call": call_page(CALL)}
    for cache in caches:
        cache.cache_clear()
    return made


_DAYS: Final = """JSON.stringify(Array.from({ length: 3000 }, (_, day) => {
  const format = new Intl.DateTimeFormat("en-u-ca-persian",
    { timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric" });
  const parts = Object.fromEntries(format.formatToParts(new Date(day * 7 * 86400000)).map(
    ({ type, value }) => [type, Number(value)]));
  return [parts.year, parts.month, parts.day];
}))"""
_READY: Final = """new Promise((done) => {
  const look = () => (document.documentElement?.dataset.ready ? done(true) : setTimeout(look, 10));
  look();
})"""
# Presses the button without anything filled in, without a name, with a wrong number, and then signs.
_SIGN: Final = """((word) => {
  const at = (id) => document.getElementById(id);
  const seen = [];
  const press = () => { at("sign").click(); seen.push(at("trouble").textContent); };
  press();
  at("consent").checked = true;
  press();
  at("word").value = word;
  press();
  at("capacity").value = "network";
  at("capacity").dispatchEvent(new Event("change"));
  at("name").value = "مركز";
  press();
  at("name-en").value = "kept";
  at("members").value = "۱۲";
  at("withdraw").click();
  return JSON.stringify(seen);
})"""
_CHOOSE: Final = """((language) => {
  const choice = document.getElementById("language");
  choice.value = language;
  choice.dispatchEvent(new Event("change"));
})"""
_FIELDS: Final = """JSON.stringify({
  kept: document.getElementById("name-en").value,
  signed: !document.getElementById("done").hidden,
  trouble: document.getElementById("trouble").textContent,
  reply: document.getElementById("reply").value,
  save: document.getElementById("reply-file").textContent,
})"""


NAMED_ROLES: Final = ("textbox", "combobox", "button", "checkbox", "link", "status", "image", "group")


async def unnamed(tab: Tab) -> list[str]:
    """What a screen reader would meet and could not say what it is for."""
    tree = await tab.call("Accessibility.getFullAXTree")
    found = []
    for node in tree["nodes"]:
        role = node.get("role", {}).get("value", "")
        focusable = any(one["name"] == "focusable" for one in node.get("properties", ()))
        if role in NAMED_ROLES and focusable and not node.get("name", {}).get("value", "").strip():
            found.append(role)
    return found


async def signed(tab: Tab, path: Path, language: str) -> dict[str, Any]:
    """Sign in a language, and choose another before and behind it."""
    await tab.call("Emulation.setUserAgentOverride", userAgent="a browser", acceptLanguage=language)
    await tab.call("Page.navigate", url=path.as_uri())
    await tab.evaluate(_READY)
    word = Speech(language, "call").text("call.word")
    found = {"troubles": json.loads(await tab.evaluate(f"{_SIGN}({json.dumps(word)})"))}
    await tab.evaluate(f'{_CHOOSE}("zh")')
    found["between"] = json.loads(await tab.evaluate(_FIELDS))
    await tab.evaluate(f'{_CHOOSE}("{language}")')
    await tab.evaluate('document.getElementById("sign").click()')
    found["after"] = json.loads(await tab.evaluate(_FIELDS))
    found["room"] = await tab.evaluate("document.documentElement.scrollWidth")
    return found


async def opened(tab: Tab, path: Path, language: str) -> None:
    await tab.call("Emulation.setUserAgentOverride", userAgent="a browser", acceptLanguage=language)
    await tab.open_checked(path)


async def look(program: str, folder: Path, pseudo: dict[str, bytes]) -> Seen:
    for name in SHOWN:
        (folder / f"{name}.html").write_bytes(page_of(name))
        (folder / f"pseudo {name}.html").write_bytes(pseudo[name])
    (folder / "call.html").write_bytes(call_page(CALL))
    (folder / "pseudo call.html").write_bytes(pseudo["call"])
    looks, rooms, marked = {}, {}, {}
    async with chromium(program, folder / "profile") as browser:
        tab = await browser.tab()
        for language in [*LANGUAGES, "am", "fa-AF,en", "zh-Hant-TW"]:
            await opened(tab, folder / "sound.html", language)
            looks[language] = json.loads(await tab.evaluate(_LOOK))
        await tab.evaluate(
            """(() => { const choice = document.getElementById("language"); choice.value = "ar";
            choice.dispatchEvent(new Event("change")); })()"""
        )
        looks["chosen"] = json.loads(await tab.evaluate(_LOOK))
        await tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=NARROW_PIXELS, height=800, deviceScaleFactor=1, mobile=True,
        )  # fmt: skip
        wide = [(name, language) for name in ("all ways of signing", "doubled") for language in LANGUAGES]
        wide += [(name, language) for name in ("on paper", "unnamed", "two addenda") for language in LONG]
        for name, language in wide:
            await opened(tab, folder / f"{name}.html", language)
            rooms[name, language] = json.loads(await tab.evaluate(_LOOK))["room"]
        for name in SHOWN:
            await opened(tab, folder / f"pseudo {name}.html", "ru")
            marked[name] = json.loads(await tab.evaluate(_SAID))
        calls = {language: await signed(tab, folder / "call.html", language) for language in LANGUAGES}
        nameless = {"call": await unnamed(tab)}
        await opened(tab, folder / "all ways of signing.html", "ar")
        nameless["page"] = await unnamed(tab)
        await tab.call("Emulation.setUserAgentOverride", userAgent="a browser", acceptLanguage="ru")
        await tab.call("Page.navigate", url=(folder / "pseudo call.html").as_uri())
        await tab.evaluate(_READY)
        await tab.evaluate(f'{_SIGN}("※")')
        marked["call"] = json.loads(await tab.evaluate(_SAID))
        await tab.evaluate('document.getElementById("sign").click()')
        marked["call, signed"] = json.loads(await tab.evaluate(_SAID))
        plurals = {
            language: json.loads(
                await tab.evaluate(
                    f"JSON.stringify(Array.from({{ length: 201 }}, (_, count) =>"
                    f" new Intl.PluralRules('{language}').select(count)))"
                )
            )
            for language in LANGUAGES
        }
        return Seen(
            looks=looks,
            rooms=rooms,
            pseudo=marked,
            plurals=plurals,
            calls=calls,
            unnamed=nameless,
            days=json.loads(await tab.evaluate(_DAYS)),
            requests=tuple(
                [url for url in tab.requests if url.split(":")[0] not in ("file", "data", "blob")]
            ),
        )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, pseudo_pages: dict[str, bytes]) -> Seen:
    """One start of the browser for all tests here."""
    return asyncio.run(look(require_tool("chromium"), tmp_path_factory.mktemp("speech"), pseudo_pages))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_readers_language(seen: Seen, language: str) -> None:
    """Goal: whoever opens it understands the verdict.
    Method: the page as browsers of each language show it."""
    shown, own = seen.looks[language], Speech(language)
    assert (shown["language"], shown["direction"]) == (language, own.direction)
    assert shown["verdict"] == own.text("page.sound")
    assert shown["role"] == "status"
    assert own.spell_moment(read_letter(encode_package(sound())).text.deadline_ms) in shown["facts"]
    assert own.text("page.individuals", count=2) in shown["facts"]
    assert shown["english"] == 0
    assert shown["unsaid"] == (1 if language == "en" else 0)  # English has nothing to say of translations


def test_the_language_is_the_browsers_then_the_letters_then_the_readers_choice(seen: Seen) -> None:
    """Goal: the right one first, any by choice. Method: tags with regions, one without words, a choice."""
    assert seen.looks["fa-AF,en"]["language"] == "fa"
    assert seen.looks["zh-Hant-TW"]["language"] == "zh"
    assert seen.looks["am"]["language"] == "en"  # the letter's first
    chosen = seen.looks["chosen"]
    assert (chosen["language"], chosen["direction"]) == ("ar", "rtl")
    assert chosen["verdict"] == Speech("ar").text("page.sound")
    assert [tag for tag, _, _ in chosen["offered"]] == LANGUAGES
    assert ["fa", "فارسی", "fa"] in chosen["offered"]


@pytest.mark.parametrize("name", [*SHOWN, "call", "call, signed"])
def test_no_english_is_left_in_another_language(seen: Seen, name: str) -> None:
    """Goal: every word comes from the table. Method: a language of marks alone; what else the page says."""
    said = "".join(seen.pseudo[name])
    assert said.count("※") > 20
    assert re.findall(r"[^\W\d_]{2,}", said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_is_answered_in_the_readers_language(seen: Seen, language: str) -> None:
    """Goal: who signs understands what is missing. Method: forget everything once; choose another language
    between, which keeps what was entered."""
    found, own, chinese = seen.calls[language], Speech(language, "call"), Speech("zh", "call")
    keys = ("call.tick", "call.type_word", "call.name_missing", "call.members_wrong")
    assert found["troubles"] == [own.text(key) for key in keys]
    assert found["between"]["trouble"] == chinese.text("call.members_wrong")
    assert (found["between"]["kept"], found["between"]["signed"]) == ("kept", False)
    assert found["after"]["signed"]
    assert found["after"]["trouble"] == ""
    assert found["after"]["reply"].startswith("meshcoal-reply-1:")
    assert own.text("call.save", file="").strip() in found["after"]["save"]
    assert found["room"] <= NARROW_PIXELS


def test_narrow_screens_hold_the_page(seen: Seen) -> None:
    """Goal: no sideways scrolling on a telephone. Method: width at 360 pixels, each language."""
    assert {place: room for place, room in seen.rooms.items() if room > NARROW_PIXELS} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_rules_are_those_of_the_browser(seen: Seen, language: str) -> None:
    """Goal: one form before and after the check. Method: 0 to 200 by either rule."""
    assert [plural_category(language, count) for count in range(201)] == seen.plurals[language]


def test_persian_days_are_those_of_the_browser(seen: Seen) -> None:
    """Goal: one date before and after the check. Method: every seventh day for 57 years by either rule."""
    days = [date(1970, 1, 1) + timedelta(days=7 * number) for number in range(len(seen.days))]
    assert [list(in_calendar(day, Calendar.PERSIAN)) for day in days] == seen.days


def test_a_screen_reader_can_name_everything(seen: Seen) -> None:
    """Goal: what can be reached can be said. Method: the accessibility tree of both pages, signed."""
    assert seen.unnamed == {"call": [], "page": []}


def test_other_languages_are_in_the_page_already(seen: Seen) -> None:
    """Goal: a choice of language tells nobody. Method: addresses asked for."""
    assert seen.requests == ()

"""The page of a call, in a real browser without a network: what is filled in there opens in meshcoal."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.errors import MalformedCall
from meshcoal.export.call import call_files, call_in, call_page, script
from meshcoal.export.libraries import LICENCES, MODULES, bundle, module_file
from meshcoal.export.markup import data_file
from meshcoal.statement.replies import Opener
from meshcoal.wire.call import call_code, call_text
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal, said_digest
from meshcoal.wire.plain import normalise_line
from meshcoal.wire.reply import Pile
from meshcoal.wire.signatory_key import parse_key_file
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import make_call
from browserwork import Tab, chromium

from tools import require_tool

# The letter must still be open where the test runs.
LETTER: Final = re.sub(r"deadline: .*", "deadline: 2099-01-01T00:00:00Z", make_call.letter().decode())
CALL: Final = dataclasses.replace(make_call.call(), canonical_text=LETTER)
TEXT: Final = call_text(CALL)
LINES: Final = (
    "plain", "  two   blanks ", "tab\there", "a\u00a0b\u3000c", "\u202eturned", "e\u0301", "\ufeffmark",
    "\u200b", "x\u2028y", "مركز\u200cالخليج", "\u1680ogham", "new\nline", "\x85next", "",
)  # fmt: skip

_READY: Final = """new Promise((done) => {
  const look = () => (document.documentElement?.dataset.ready
    || document.getElementById("verdict")?.className ? done(true) : setTimeout(look, 10));
  look();
})"""
_FILL: Final = """((values) => {
  for (const [id, value] of Object.entries(values)) {
    const field = document.getElementById(id);
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("change"));
  }
})"""
_TOLD: Final = """JSON.stringify({
  trouble: document.getElementById("trouble").textContent,
  done: !document.getElementById("done").hidden,
  reply: document.getElementById("reply").value,
  qr: document.querySelectorAll("#qr svg path").length,
  file: document.getElementById("reply-file").download ?? "",
  texts: [...document.querySelectorAll("#texts section")].map((section) => [
    section.lang, getComputedStyle(section).direction, section.querySelector("h2").textContent]),
  code: document.getElementById("code").textContent,
  facts: document.getElementById("facts").textContent,
  kept: [localStorage.length, sessionStorage.length, document.cookie],
})"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the browser showed and gave back."""

    told: dict[str, dict[str, Any]]
    key_file: str
    withdrawal: str
    lines: list[str]
    foreign: dict[str, Any]
    requests: tuple[str, ...]


async def told(tab: Tab) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await tab.evaluate(_TOLD))
    return answer


async def filled(tab: Tab, **values: Any) -> dict[str, Any]:
    """Fill these fields in, press the button, and say what the page shows then."""
    await tab.evaluate(f"{_FILL}({json.dumps(values)})")
    await tab.evaluate('document.getElementById("sign").click()')
    return await told(tab)


async def look(folder: Path, program: str) -> Seen:
    page, other = folder / "call.html", folder / "other.html"
    page.write_bytes(call_page(TEXT))
    changed = call_page(TEXT)
    held = b"".join(changed.split(b'id="call">')[1].split(b"</script>")[0].split())
    letter = base64.b64decode(held).replace(b"She is ill.", b"She is well")
    other.write_bytes(
        call_page(TEXT).replace(
            changed.split(b'id="call">')[1].split(b"</script>")[0], base64.b64encode(letter)
        )
    )
    found: dict[str, dict[str, Any]] = {}
    async with chromium(program, folder / "profile") as browser:
        tab = await browser.tab()
        await tab.call("Page.navigate", url=page.as_uri())
        await tab.evaluate(_READY)
        found["opened"] = await told(tab)
        found["empty"] = await filled(tab)
        found["no consent"] = await filled(tab, name="Forum", word="sign")
        found["no word"] = await filled(tab, consent=True, word="yes")
        found["no affiliation"] = await filled(
            tab, capacity="individual-affiliation-not-endorsing", word="sign"
        )
        found["long"] = await filled(tab, capacity="organisation", name="x" * 81)
        await tab.evaluate('document.querySelector("input[value=ar]").checked = true')
        found["signed"] = await filled(
            tab,
            name="  مركز   الخليج \u202e",
            title="Dr.",
            country="Bahrain <b>",
            word=" Sign ",
            **{"name-en": "Gulf Centre"},
        )
        key_file = await tab.evaluate('fetch === undefined || document.getElementById("key-file").href')
        text = await tab.evaluate(
            "new Promise((done) => { const asked = new XMLHttpRequest(); asked.onload = () => "
            "done(asked.responseText); asked.onerror = () => done(''); try { asked.open('GET', "
            "document.getElementById('key-file').href); asked.send(); } catch { done(''); } })"
        )
        assert text == "", "the policy lets the page read nothing, not even its own files"
        assert str(key_file).startswith("blob:")
        lines = await tab.evaluate(
            f"JSON.stringify({json.dumps(LINES)}.map((line) => meshcoalAnswer.normaliseLine(line)))"
        )
        made = await tab.evaluate(
            """(() => {
              const { parseCall, fromBase64, keyFile } = meshcoalAnswer;
              const call = parseCall(fromBase64(document.getElementById("call").textContent));
              const chance = (count) => crypto.getRandomValues(new Uint8Array(count));
              const seed = new Uint8Array(32).fill(7);
              const entry = { capacity: "individual", name: "Ann", title: "", affiliation: "", country: "",
                languagesRead: [], names: [], members: 0, mode: "named", logo: "", annex: "", condition: "",
                signedMs: 1795000000000 };
              const signed = meshcoalAnswer.signed(call, seed, entry, chance);
              return JSON.stringify({ ...signed, file: keyFile(call.digest, signed.signOn, seed) });
            })()"""
        )
        signed = json.loads(made)
        kept = folder / "kept.txt"
        kept.write_text(signed["file"], encoding="utf-8")
        document = await tab.call("DOM.getDocument")
        node = await tab.call("DOM.querySelector", nodeId=document["root"]["nodeId"], selector="#key")
        await tab.call("DOM.setFileInputFiles", nodeId=node["nodeId"], files=[str(kept)])
        withdrawal = await tab.evaluate(
            """new Promise((done) => {
              document.getElementById("withdraw").click();
              const look = () => (document.getElementById("withdrawal").value
                || document.getElementById("withdraw-trouble").textContent
                ? done(document.getElementById("withdrawal").value) : setTimeout(look, 10));
              look();
            })"""
        )
        found["by hand"] = {"reply": signed["reply"]}
        await tab.call("Page.navigate", url=page.as_uri())
        await tab.evaluate(_READY)
        await tab.evaluate("Date.now = () => Date.UTC(2099, 1, 2); true")
        found["behind the deadline"] = await filled(tab, name="Forum", word="sign", consent=True)
        found["late"] = await filled(tab, late=True)
        await tab.call("Page.navigate", url=other.as_uri())
        await tab.evaluate(_READY)
        foreign = {
            "verdict": await tab.evaluate('document.getElementById("verdict").textContent'),
            "signing": await tab.evaluate('document.getElementById("signing").hidden'),
        }
        return Seen(
            told=found,
            key_file=signed["file"],
            withdrawal=str(withdrawal),
            lines=json.loads(lines),
            foreign=foreign,
            requests=tuple(tab.requests),
        )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    program = require_tool("chromium")
    return asyncio.run(look(tmp_path_factory.mktemp("call"), program))


def opened(text: str) -> Outsider | OutsiderWithdrawal:
    pile = Pile()
    (found,) = [*pile.feed(text), *pile.finish()]
    return Opener(CALL, make_call.SEED, XWingSealer()).open(found.sealed)


def test_what_is_signed_in_the_page_opens_in_meshcoal(seen: Seen) -> None:
    """Goal: one seal and one text on both sides. Method: fill the page in; open its reply."""
    told = seen.told["signed"]
    assert told["done"], told
    assert told["qr"] == 1
    said = opened(told["reply"])
    assert isinstance(said, Outsider)
    fields = said.fields
    assert (fields.name, fields.title, fields.country) == ("مركز الخليج", "Dr.", "Bahrain <b>")
    assert [(one.language, one.name) for one in fields.names] == [("en", "Gulf Centre")]
    assert (fields.capacity, fields.languages_read) == (Capacity.ORGANISATION, ("ar",))
    assert fields.signed_ms % 1000 == 0


def test_the_key_file_takes_the_signature_back(seen: Seen) -> None:
    """Goal: who signed in a page can withdraw there. Method: the file into the page; open what comes out."""
    said = opened(seen.told["by hand"]["reply"])
    kept = parse_key_file(seen.key_file.encode())
    assert isinstance(said, Outsider)
    assert kept.sign_on == said_digest(CALL.digest, said)
    assert kept.statement == CALL.digest
    back = opened(seen.withdrawal)
    assert isinstance(back, OutsiderWithdrawal)
    assert (back.act_key, back.sign_on) == (said.act_key, kept.sign_on)


def test_who_ticks_that_they_are_late_signs_behind_the_deadline(seen: Seen) -> None:
    """Goal: nobody takes an addendum for the list. Method: a clock behind the deadline; open the reply."""
    assert seen.told["late"]["done"]
    assert seen.told["late"]["reply"] != ""


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("empty", "Tick"),
        ("no consent", "Tick"),
        ("no word", "type the word"),
        ("no affiliation", "affiliation"),
        ("long", "name"),
        ("behind the deadline", "tick above that you sign late"),
    ],
)
def test_nobody_signs_by_accident(seen: Seen, step: str, says: str) -> None:
    """Goal: an explicit tick, the word, and fields that fit. Method: leave each out once."""
    assert says.lower() in seen.told[step]["trouble"].lower()
    assert not seen.told[step]["done"]
    assert seen.told[step]["reply"] == ""


def test_the_page_shows_the_letter_and_the_code(seen: Seen) -> None:
    """Goal: people see what they sign. Method: each language with its direction; code, who asks."""
    told = seen.told["opened"]
    assert told["texts"] == [
        ["en", "ltr", "Free Dr. Haddad"],
        ["ar", "rtl", "الحرية للدكتورة حداد"],
    ]
    assert told["code"] == call_code(CALL)
    assert CALL.asks in told["facts"]
    assert CALL.digest.hex() in told["facts"]


def test_the_page_keeps_and_fetches_nothing(seen: Seen) -> None:
    """Goal: what the page says of itself. Method: storage after signing; each address it asked for."""
    assert seen.told["signed"]["kept"] == [0, 0, ""]
    assert {address.split(":")[0] for address in seen.requests} <= {"file", "blob"}
    assert len([address for address in seen.requests if address.startswith("file:")]) == 3  # opened thrice


def test_a_page_with_another_letter_does_not_let_sign(seen: Seen) -> None:
    """Goal: damage is seen. Method: a word of the letter changed inside the page."""
    assert seen.foreign["signing"] is True
    assert "Do not sign here" in seen.foreign["verdict"]


def test_lines_are_cleaned_as_in_meshcoal(seen: Seen) -> None:
    """Goal: a name is the same by either way. Method: characters at the edge through both cleaners."""
    assert seen.lines == [normalise_line(line) for line in LINES]


# --- Without a browser


def test_the_page_holds_the_call_and_is_the_same_each_time() -> None:
    """Goal: a page can be compared. Method: make it twice; take the call out of it again."""
    assert call_page(TEXT) == call_page(TEXT)
    assert call_in(call_page(TEXT)) == TEXT
    assert call_in(TEXT) == TEXT
    names = [name for name, _ in call_files(TEXT)]
    stem = f"call-{hashlib.sha256(TEXT).hexdigest()[:8]}"
    assert names == [f"{stem}.meshcoal-call.txt", f"{stem}.html"]
    doubled = call_page(TEXT).replace(b"</body>", b'<script type="text/plain" id="call"></script></body>')
    with pytest.raises(MalformedCall):
        call_in(doubled)


def test_nothing_in_a_call_becomes_markup() -> None:
    """Goal: whoever asks cannot put scripts into pages. Method: markup in each line."""
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    page = call_page(call_text(dataclasses.replace(CALL, asks=nasty, data=(nasty,), reply_to=(nasty,))))
    assert b"<img" not in page
    assert page.count(b"<script") == 2 + script().count("<script")


def test_the_policy_names_the_hashes_of_script_and_style() -> None:
    """Goal: nothing else runs. Method: hash what is in the page."""
    page = call_page(TEXT).decode()
    policy = re.search(r'content="(default-src[^"]*)"', page)
    assert policy is not None
    for kind, text in (
        ("script-src", script()),
        ("style-src", data_file("style.css") + data_file("call.css")),
    ):
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{hashed}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")


def test_the_libraries_are_as_published() -> None:
    """Goal: an auditor can compare. Method: hashes of each file and licence, noted when they were taken."""
    hashes = {
        module: hashlib.sha256(data_file(module_file(module)).encode()).hexdigest() for module in MODULES
    }
    assert hashes == LIBRARY_HASHES
    for licence in LICENCES:
        assert "MIT" in data_file(f"libraries/LICENSE.{licence}")
    assert "import " not in "".join(line for line in bundle().split("\n") if line.startswith("import"))


LIBRARY_HASHES: Final = {
    "curves/abstract/oprf": "2ca36b3e4930092db1f91559410e86975816c036e248067bc65a8055aa1c504c",
    "curves/abstract/frost": "9a95f1fdf7e17b9d93a16049db675ee2967ed2a04cf59b1bd981d4662acbedf5",
    "curves/abstract/hash-to-curve": "e3c97e7d0827b728b14e3311ed11d8e386d8a70d8fc77e0b9fd2a3090f19d955",
    "curves/abstract/edwards": "f24a9c221a549a8fff259eb8f245ab0dc17679b13c532c3970d91acc4df9fffd",
    "curves/ed25519": "e13f6c50c36feb0d18bf7986d5f881bcefb5f1f5b16de3cc5ee7693254c7a0b5",
    "hashes/_md": "60cf3010fda89e3e4d3f0e7ff1ce249e9c467f34b4fd41b6fd6101d9f69be763",
    "hashes/sha2": "471746bba6ec4c6238ca41358d1d3b40b6ff31cf3363f0b4d550c649c1a8e83b",
    "hashes/_u64": "b09da8c07fe8187c07649494cdb7cd0bcf13df90b506a9473d19e4d5f8c2e102",
    "hashes/utils": "037ad49adb78168b6b699598fd33f85f7877456b1d28b4d032e2a1a16807947c",
    "hashes/sha3": "9a81e1edb24eae27b335533220167609cfb58008c5690e140ce478acdc669f32",
    "curves/utils": "be9ff86aef76419376e4d66cf01a134f3117f1f8dd62d81f1b79100145503367",
    "curves/abstract/modular": "9ced3aa10598277a735e54f7b61d88e929d565da884ba5385f9006ebb3b6aab2",
    "curves/abstract/curve": "dbaeee3b41ff47efb76b78e14170fe4dda7c7ecdc387c402f16c5118e0bac356",
    "curves/abstract/montgomery": "cdafa8816dad5a24475ec51952c5f71fdd5d1b46880ab982694c4f8ff605fc46",
    "curves/abstract/fft": "a4b2ff7ca33f4acc85d61f0e83ec3303c3f6b38ecc19b20d0f6462d820e518cf",
    "post-quantum/utils": "01e9046ea3e45fe7569d3ae2881515d0a9446882d602255ab7627915aa0fd2af",
    "post-quantum/_crystals": "f8a50221e4d2e7e849e8e4f7443ecff2f722581aef592c907ed57a5480c72885",
    "post-quantum/ml-kem": "e5f1a3fa994f663c48f64b0583cf29ddbb2cfb7f3dd63fe18a7beb7aa9c12541",
    "ciphers/utils": "a443ec1f60d1aaa25d1b7d8c102d33c0e8e6d683ada1ad17be9c32e69170ff95",
    "ciphers/_arx": "ead142ba410404c0698bb80e0d6f77780799bb77a9e3b098cf0f9fca1c486e37",
    "ciphers/_poly1305": "5d2afd73b40dbafb7b6740c6e6388e7123c79a4e57306861b28c5734925fa84d",
    "ciphers/chacha": "5f1c00575e227b75163f4bac50b79442dec50ee3047c46c18887808ba8af0a69",
    "qr/index": "a0de370051f94bd74f218f74401fdf197585e3f9ef0143164f87ea941a3fdd6f",
}

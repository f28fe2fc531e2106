"""Packages, sound and damaged, of which page and command must say the same.

Each case is a name and the bytes of a file. What is made here is made from fixed seeds: equal each time.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import nacl.bindings

from meshcoal.crypto.signing import SigningKey
from meshcoal.statement.publication import build
from meshcoal.wire.logo import logo_digest
from meshcoal.wire.naming import NameIn
from meshcoal.wire.package import Counts, Package, Release, SignOn, Withdrawal, decode_package, encode_package
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import (
    RULES,
    LanguageText,
    SignOnFields,
    StatementText,
    TallyLine,
    canonical_text,
    digest_of,
    release_text,
    rules_of,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import ORGANISATIONS, Capacity, NameMode

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from addenda_damage import addenda_cases
from lettering import DEADLINE_MS, START_MS, Desk, released_desk

Case = tuple[str, bytes]

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
PRIME: Final = 2**255 - 19
# The eight points of small order, and spellings of them that are not canonical (y >= p, or a sign on zero).
EIGHTH: Final = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
SMALL: Final = (
    bytes([1, *[0] * 31]),
    bytes([0xEC, *[0xFF] * 30, 0x7F]),
    bytes(32),
    bytes([*[0] * 31, 0x80]),
    EIGHTH,
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    bytes([1, *[0] * 30, 0x80]),
    bytes([0xEE, *[0xFF] * 30, 0x7F]),
    bytes([0xED, *[0xFF] * 30, 0x7F]),
    bytes([0xED, *[0xFF] * 30, 0xFF]),
    bytes([0xFF] * 32),
    bytes([2, *[0] * 31]),
)
TEXTS: Final = (
    ("en", Direction.LEFT_TO_RIGHT, "Free Dr. Haddad", ("Dear Minister,", "Set her free.\nNow.")),
    ("fa", Direction.RIGHT_TO_LEFT, "دکتر حداد را آزاد کنید", ("جناب وزیر،", "می‌خواهیم پاسخ دهید (Haddad).")),
    ("ar", Direction.RIGHT_TO_LEFT, "أطلقوا سراح د. حداد", ("معالي الوزير،", "نطالب بالإفراج عنها فورًا.")),
    ("my", Direction.LEFT_TO_RIGHT, "ဒေါက်တာ ဟက်ဒတ်ကို လွှတ်ပေးပါ", ("ဝန်ကြီးခင်ဗျား၊", "သူမကို ချက်ချင်း လွှတ်ပေးပါ။")),
    ("zh-hans", Direction.LEFT_TO_RIGHT, "释放哈达德医生", ("部长先生：", "请立即释放她。𠀀")),
    ("ru", Direction.LEFT_TO_RIGHT, "Освободите доктора Хаддад", ("Господин министр,", "Освободите её.")),
    ("am", Direction.LEFT_TO_RIGHT, "ዶ/ር ሐዳድን ፍቱ", ("ክቡር ሚኒስትር፣", "አሁኑኑ ይፍቷት።")),
)


def key(name: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(b"export " + name.encode()).digest())


def statement(**changes: Any) -> StatementText:
    values: dict[str, Any] = {
        "campaign": hashlib.sha256(b"campaign").digest(),
        "statement": hashlib.sha256(b"statement").digest(),
        "deadline_ms": DEADLINE_MS,
        "texts": tuple(
            [
                LanguageText(language=language, direction=direction, title=title, paragraphs=paragraphs)
                for language, direction, title, paragraphs in TEXTS
            ]
        ),
        "addressees": ("The Minister of Justice", "وزیر دادگستری"),
        "rules": RULES,
    }
    return StatementText(**(values | changes))


def fields(name: str, **changes: Any) -> SignOnFields:
    values: dict[str, Any] = {
        "capacity": Capacity.ORGANISATION,
        "name": name,
        "title": "",
        "affiliation": "",
        "country": "Bahrain",
        "languages_read": ("ar", "en"),
        "signed_ms": START_MS,
    }
    return SignOnFields(**(values | changes))


def entry(who: str, digest: bytes, of: SignOnFields) -> SignOn:
    signer = key(who)
    return SignOn(
        act_key=signer.public, fields=of, signature=signer.sign(sign_on_text(digest, signer.public, of))
    )


def listed(package: Package, sign_ons: tuple[SignOn, ...], *, ordered: bool = True) -> Package:
    """The package with another list, counted and released anew by an organiser who lies."""
    if ordered:
        sign_ons = tuple(sorted(sign_ons, key=lambda one: one.act_key))
    lines = [
        TallyLine(
            act_key=one.act_key,
            sign_on=digest_of(sign_on_text(package.digest, one.act_key, one.fields)),
            capacity=one.fields.capacity,
            name=one.fields.name,
        )
        for one in sign_ons
    ]
    organiser = key("organiser")
    tally = digest_of(tally_text(package.digest, tuple(lines)))
    at_ms = START_MS + 3_600_000
    release = Release(
        act_key=organiser.public,
        released_ms=at_ms,
        tally_digest=tally,
        signature=organiser.sign(release_text(package.digest, organiser.public, tally, at_ms)),
    )
    organisations = sum(one.fields.capacity in ORGANISATIONS for one in sign_ons)
    counts = Counts(organisations=organisations, individuals=len(sign_ons) - organisations)
    return dataclasses.replace(package, sign_ons=sign_ons, release=release, counts=counts)


def package(text: str, entries: tuple[SignOnFields, ...] = ()) -> Package:
    """A package around any text at all, properly signed and released."""
    digest = digest_of(text.encode())
    blank = Package(
        canonical_text=text,
        digest=digest,
        sign_ons=(),
        withdrawals=(),
        release=Release(act_key=bytes(32), released_ms=0, tally_digest=bytes(32), signature=bytes(64)),
        counts=Counts(organisations=0, individuals=0),
    )
    entries = entries or (
        fields("The Centre"),
        fields("بن جهانی", capacity=Capacity.INDIVIDUAL, languages_read=("fa",)),
        fields("𝔸na", capacity=Capacity.AFFILIATED, affiliation="Open University", signed_ms=START_MS + 1),
    )
    return listed(blank, tuple([entry(f"signer {i}", digest, one) for i, one in enumerate(entries)]))


def letter(people: int) -> bytes:
    """A sound package with so many signatories."""
    entries = [
        fields(f"Centre {i}", title="Director")
        if i % 3
        else fields(f"Person {i}", capacity=Capacity.INDIVIDUAL)
        for i in range(people)
    ]
    return encode_package(package(canonical_text(statement()).decode(), tuple(entries)))


@functools.cache
def sound() -> Package:
    return package(canonical_text(statement()).decode())


def embargoed(package: Package, not_before_ms: int) -> Package:
    """Released with an embargo, properly signed."""
    release, organiser = package.release, key("organiser")
    text = release_text(
        package.digest, organiser.public, release.tally_digest, release.released_ms, not_before_ms
    )
    signed = dataclasses.replace(release, not_before_ms=not_before_ms, signature=organiser.sign(text))
    return dataclasses.replace(package, release=signed)


def _embargoes_changed() -> Iterator[Case]:
    held = embargoed(sound(), START_MS + 86_400_000)
    yield "an embargo", encode_package(held)
    for name, not_before_ms in (
        ("lifted", 0),
        ("shortened", START_MS + 7_200_000),
        ("to the millisecond", 1),
    ):
        changed = dataclasses.replace(held.release, not_before_ms=not_before_ms)
        yield f"an embargo, {name}", encode_package(dataclasses.replace(held, release=changed))
    data = encode_package(sound())
    for spelled in (b'"1970-01-01T00:00:00Z"', b'"soon"', b"0", b"null", b'""" '):
        yield f"an embargo spelled {spelled!r}", data.replace(b'"not_before":""', b'"not_before":' + spelled)
    yield "no word of an embargo", data.replace(b'"not_before":"",', b"")


def cases() -> Iterator[Case]:
    yield from _embargoes_changed()
    yield from _sound_ones()
    yield from _bytes_changed()
    yield from _json_changed()
    yield from _entries_changed()
    yield from _lists_changed()
    yield from _texts_changed()
    yield from _points_of_all_kinds()
    yield from _withdrawals_changed()
    yield from profile_cases()
    yield from addenda_cases()


def _sound_ones() -> Iterator[Case]:
    desk, draft = released_desk()
    yield "the desk's letter", build(desk.view(draft.id))
    desk.withdraw(draft, "ben")
    yield "a withdrawal after the release", build(desk.view(draft.id))
    yield "seven languages", encode_package(sound())
    yield "forty signatories", letter(40)
    second = Desk()
    again = second.draft()
    second.freeze(again)
    second.amend(again, text="Dear Minister,\n\nSet her free.")
    second.revise(again)
    second.sign(again, "ana")
    second.release(again)
    yield "a second version", build(second.view(again.id))
    for name, changes in (
        ("asked by, and grace", {"soft_deadline_ms": START_MS, "grace_ms": 3_600_000}),
        ("nobody addressed", {"addressees": ()}),
        ("milliseconds", {"deadline_ms": DEADLINE_MS + 7}),
        ("the last moment there is", {"deadline_ms": 253_402_300_799_000}),
        ("composition", {"addressees": ("Cafe\u0301",)}),
        ("no rules", {"rules": ()}),
    ):
        yield name, encode_package(package(canonical_text(statement(**changes)).decode()))
    for name, entries in (
        ("one name twice", (fields("THE CENTRE"), fields("The Centre"))),
        (
            "case beyond ASCII",
            (fields("ЦЕНТР"), fields("центр"), fields("ΟΔΟΣ"), fields("οδος"), fields("οδοσ")),
        ),
        ("case that is not one", (fields("Straße"), fields("STRASSE"), fields("Işık"), fields("ISIK"))),
        ("a language that is not there", (fields("The Centre", languages_read=("de",)),)),
        ("behind the release", (fields("The Centre", signed_ms=DEADLINE_MS),)),
        ("late", (fields("The Centre", signed_ms=DEADLINE_MS + 1), fields("Chi"))),
        ("eighty astral letters", (fields("𝔸" * 80),)),
    ):
        yield name, encode_package(package(canonical_text(statement()).decode(), entries))


def _bytes_changed() -> Iterator[Case]:
    data = encode_package(sound())
    for at in range(3, len(data), len(data) // 70):
        damaged = bytearray(data)
        damaged[at] ^= 0x01
        yield f"a bit at {at}", bytes(damaged)
    for at in range(5, len(data), len(data) // 20):
        yield f"cut off at {at}", data[:at]
        yield f"a byte left out at {at}", data[:at] + data[at + 1 :]
    yield "a byte order mark", b"\xef\xbb\xbf" + data
    yield "a line break behind it", data + b"\n"
    yield "nothing", b""
    yield "not UTF-8", data.replace(b"Bahrain", b"Bahr\xff\xfen")


def _spelled(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _json_changed() -> Iterator[Case]:
    data = encode_package(sound())
    plain = json.loads(data)
    others: tuple[Any, ...] = (None, 5, -1, "5", [], {}, True)
    values: tuple[Any, ...] = (None, [], 7, "text", {}, [[[[[[]]]]]])
    places = (plain, plain["release"], plain["tally"], plain["sign_ons"][0])
    for number, place in enumerate(places):
        place["extra"] = "x"
        yield f"an extra field at {number}", _spelled(plain)
        del place["extra"]
        for name in sorted(place):
            kept = place.pop(name)
            yield f"no {name} at {number}", _spelled(plain)
            for other in others:
                if other != kept:
                    place[name] = other
                    yield f"{name} at {number} as {other!r}", _spelled(plain)
            place[name] = kept
    counted = b'"counted":3'
    for name, new in (
        ("a fraction", b'"counted":3.0'),
        ("an exponent", b'"counted":3e0'),
        ("a long number", b'"counted":3000000000'),
        ("twice", b'"counted":4,"counted":3'),
        ("white space", b'"counted": 3'),
        ("an escape", b'"\\u0063ounted":3'),
        ("not a number", b'"counted":NaN'),
    ):
        yield name, data.replace(counted, new)
    yield "an escaped slash", data.replace("ዶ/ር".encode(), "ዶ\\/ር".encode())
    yield "half a surrogate pair", data.replace(b'"country":"Bahrain"', b'"country":"\\ud800"', 1)
    yield "spelled for people", json.dumps(plain, indent=1).encode()
    for value in values:
        yield f"only {value!r}", _spelled(value)
    yield "too many parts", b"[" * 250_001
    yield "too many commas", b"[" + b"0," * 1_000_001 + b"0]"
    yield "deep", b"[" * 50_000 + b"]" * 50_000


def _entries_changed() -> Iterator[Case]:
    whole = sound()
    for number, one in enumerate(whole.sign_ons):
        for name, new in (
            ("name", "Another"),
            ("title", "Another"),
            ("country", "Another"),
            ("affiliation", "Another"),
            ("capacity", Capacity.INDIVIDUAL),
            ("capacity", Capacity.ORGANISATION),
            ("languages_read", ()),
            ("languages_read", ("en", "ar")),
            ("languages_read", ("EN",)),
            ("signed_ms", START_MS + 5),
        ):
            changed: Any = {name: new}
            other = dataclasses.replace(one, fields=dataclasses.replace(one.fields, **changed))
            entries = tuple([other if each is one else each for each in whole.sign_ons])
            yield f"{name} of {number}: {new!r}", _with(whole, sign_ons=entries)
    data = encode_package(whole)
    for name, text in (
        ("an invisible name", "\u200b"),
        ("a space before", " The Centre"),
        ("an override", "The \u202e Centre"),
        ("a joiner", "The\u200cCentre"),
        ("no name", ""),
        ("a tag", "The \U000e0041 Centre"),
        ("a noncharacter", "The \U0001ffff Centre"),
        ("a line break", "The\\nCentre"),
        ("a break", "The\u2028Centre"),
        ("too long", "x" * 81),
        ("a delete", "The\u007fCentre"),
        ("Hangul filler", "\u3164"),
    ):
        yield name, data.replace(b'"name":"The Centre"', f'"name":"{text}"'.encode())
    for name, time in (
        ("no zone", "2026-11-18T11:06:40"),
        ("an offset", "2026-11-18T11:06:40+00:00"),
        ("a leap", "2026-02-30T00:00:00Z"),
        ("before 1970", "1969-12-31T23:59:59Z"),
        ("zero milliseconds", "2026-11-18T11:06:40.000Z"),
        ("year 0", "0000-01-01T00:00:00Z"),
        ("beyond the end", "9999-12-31T23:59:59.001Z"),
        ("an hour 24", "2026-11-18T24:00:00Z"),
        ("small z", "2026-11-18T11:06:40z"),
        ("year 50", "0050-01-01T00:00:00Z"),
        ("no T", "2026-11-18 11:06:40Z"),
        ("1970", "1970-01-01T00:00:00Z"),
    ):
        plain = json.loads(data)
        plain["sign_ons"][0]["signed"] = time
        yield name, _spelled(plain)


def _with(whole: Package, **changes: Any) -> bytes:
    return encode_package(dataclasses.replace(whole, **changes))


def _lists_changed() -> Iterator[Case]:
    whole = sound()
    first, second, third = whole.sign_ons
    yield "reversed", _with(whole, sign_ons=whole.sign_ons[::-1])
    yield "left out", _with(whole, sign_ons=(first, third))
    yield "nobody", _with(whole, sign_ons=())
    yield "nobody, released so", encode_package(listed(whole, ()))
    yield "doubled", _with(whole, sign_ons=(first, first, second, third))
    yield "doubled, released so", encode_package(listed(whole, (first, first, second, third)))
    twice = dataclasses.replace(first.fields, name="Second Centre")
    for number in range(3):
        if key(f"signer {number}").public == first.act_key:
            both = (first, entry(f"signer {number}", whole.digest, twice), second, third)
            yield "one key under two names", encode_package(listed(whole, both))
            yield "the same, backwards", encode_package(listed(whole, both[::-1], ordered=False))
    copied = dataclasses.replace(second, signature=first.signature)
    yield "one signature at two names", encode_package(listed(whole, (first, copied, third)))
    stranger = entry("stranger", whole.digest, fields("A Stranger"))
    yield (
        "somebody added",
        _with(whole, sign_ons=tuple(sorted([*whole.sign_ons, stranger], key=lambda one: one.act_key))),
    )
    for one, other, rest in ((first, second, third), (second, third, first), (first, third, second)):
        swapped = (
            dataclasses.replace(one, fields=dataclasses.replace(one.fields, name=other.fields.name)),
            dataclasses.replace(other, fields=dataclasses.replace(other.fields, name=one.fields.name)),
            rest,
        )
        yield (
            f"names of {one.fields.name} and {other.fields.name} swapped",
            _with(whole, sign_ons=tuple(sorted(swapped, key=lambda each: each.act_key))),
        )
    yield "counts", _with(whole, counts=Counts(organisations=0, individuals=3))
    release = whole.release
    for name, value in (
        ("released_ms", release.released_ms + 1),
        ("tally_digest", bytes(32)),
        ("signature", bytes(64)),
        ("act_key", first.act_key),
        ("act_key", bytes(32)),
        ("released_ms", 0),
    ):
        changed: Any = {name: value}
        yield f"release: {name}", _with(whole, release=dataclasses.replace(release, **changed))
    other_text = whole.canonical_text.replace("Now.", "Not.")
    yield "another text", _with(whole, canonical_text=other_text)
    yield (
        "another text and its digest",
        _with(whole, canonical_text=other_text, digest=digest_of(other_text.encode())),
    )
    yield "another digest", _with(whole, digest=bytes(32))
    many = decode_package(letter(70))
    renamed = [
        dataclasses.replace(one, fields=dataclasses.replace(one.fields, name=f"X{i}"))
        for i, one in enumerate(many.sign_ons)
    ]
    yield "more changed than are tried on each other", _with(many, sign_ons=tuple(renamed))


def _texts_changed() -> Iterator[Case]:
    text = sound().canonical_text
    english = text.index("language: en\n")
    persian = text.index("language: fa\n")
    arabic = text.index("language: ar\n")
    swapped = text[:english] + text[persian:arabic] + text[english:persian] + text[arabic:]
    one_missing = text[:english] + text[persian:]
    replacements = [
        ("direction: rtl", "direction: ltr"),
        ("direction: ltr", "direction: rtl"),
        ("direction: ltr", "direction: up"),
        ("Every signatory is named.", "Nobody is named."),
        ("languages: en, fa", "languages: fa, en"),
        ("languages: en, ", "languages: "),
        ("languages: en", "languages: EN"),
        ("version: 1", "version: 2"),
        ("version: 1", "version: 0"),
        ("version: 1", "version: 01"),
        ("version: 1", "version: 100"),
        ("version: 1", "version: 2\nreplaces: " + "0" * 64),
        ("version: 1", "version: 1\nreplaces: " + "0" * 64),
        ("deadline: 2026", "asked by: 2030-01-01T00:00:00Z\ndeadline: 2026"),
        ("deadline: 2026", "asked by: 1970-01-01T00:00:00Z\ndeadline: 2026"),
        ("\nlanguages:", "\ngrace seconds: 0\nlanguages:"),
        ("\nlanguages:", "\ngrace seconds: 9999999\nlanguages:"),
        ("bytes: 34", "bytes: 35"),
        ("bytes: 34", "bytes: 3"),
        ("bytes: 34", "bytes: 999999999"),
        ("paragraphs: 2", "paragraphs: 3"),
        ("Set her free.", "Set  her free. "),
        ("Set her", "Set\ther"),
        ("Set her", "Set\u202eher"),
        ("Dear Minister,\n\n", "Dear Minister,\n\n\n"),
        ("title: Free", "title:  Free"),
        ("title: Free Dr. Haddad", "title: "),
        ("title: Free Dr. Haddad", "title: \u200b"),
        ("title: Free Dr. Haddad", "title: " + "x" * 81),
        ("\nend\n", "\nend\nmore\n"),
        ("\nend\n", "\nend"),
        ("\nend\n", "\n"),
        ("meshcoal statement 1", "meshcoal statement 2"),
        ("addressee: The", "addressee:  The"),
        ("addressee: The", "addressee: \u2066The"),
        ("campaign: ", "campaign: 0"),
        ("statement: ", "Statement: "),
        ("addressee: The", "rule: Free.\naddressee: The"),
        ("addressee: The Minister of Justice", "\n".join([f"addressee: {i}" for i in range(65)])),
        ("addressee: The Minister of Justice", "addressee: " + "x" * 201),
        ("2026-11-20T", "2026-13-20T"),
        ("Z\nlanguages", "+00:00\nlanguages"),
        ("\n", "\r\n"),
        ("languages: en, fa, ar", "languages: en, fa, fa"),
    ]
    changed = [(f"{old!r} -> {new!r}"[:90], text.replace(old, new, 1)) for old, new in replacements]
    changed += [
        ("languages in another order", swapped),
        ("a language left out", one_missing),
        ("no text at all", "x"),
    ]
    for name, new in changed:
        assert new != text, name
        yield f"signed: {name}", encode_package(package(new))
        yield f"unsigned: {name}", _with(sound(), canonical_text=new)
    for paragraph in (
        "— 123 — אבג",
        "123 456",
        "\U00010d00 abc",
        "\U0001e900",
        "\u0870 abc",
        "\U0001f600 x",
        "\u2c00abc",
        "\ua7f7abc",
        "\u061c abc",
        "(\u200f) abc",
        "\u200e שלום",
        "𞤀 abc",
        "ꙮ שלום",
        "\U0001f1e6 שלום",
        "٣ abc",
        "۴ שלום",
        "\U00030000 שלום",
    ):
        for direction in Direction:
            part = LanguageText(language="en", direction=direction, title="T", paragraphs=(paragraph,))
            yield (
                f"direction {direction} of {paragraph!r}",
                encode_package(
                    package(canonical_text(statement(texts=(part,))).decode(), (fields("The Centre"),))
                ),
            )


def _scalar(name: bytes) -> int:
    return int.from_bytes(hashlib.sha512(name).digest(), "little") % ORDER


def _base(scalar: int) -> bytes:
    return nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little"))


def _challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER


def _points_of_all_kinds() -> Iterator[Case]:
    """Keys and signatures on which libraries differ."""
    whole = sound()
    one = whole.sign_ons[0]
    for number, small in enumerate(SMALL):
        for name, signature in (
            ("itself", small + bytes(32)),
            ("of one", SMALL[0] + bytes(32)),
            ("S = 1", _base(1) + bytes([1, *[0] * 31])),
        ):
            forged = dataclasses.replace(one, act_key=small, signature=signature)
            yield f"small key {number}, R {name}", encode_package(listed(whole, (forged,)))
    for number, signer in enumerate([key(f"signer {i}") for i in range(3)]):
        if signer.public != one.act_key:
            continue
        message = sign_on_text(whole.digest, signer.public, one.fields)
        digest = bytearray(hashlib.sha512(signer.seed).digest()[:32])
        digest[0] &= 248
        digest[31] = digest[31] & 63 | 64
        secret = int.from_bytes(digest, "little")
        nonce = _scalar(b"nonce")
        s = int.from_bytes(one.signature[32:], "little")
        kinds = [("S beyond the order", one.signature[:32] + (s + ORDER).to_bytes(32, "little"))]
        for kind, r, scalar in (
            (
                "R with a part of order eight",
                nacl.bindings.crypto_core_ed25519_add(_base(nonce), EIGHTH),
                nonce,
            ),
            ("R of order one", SMALL[0], 0),
            ("R of order two", SMALL[1], 0),
            ("R of order eight", EIGHTH, 0),
            ("R of order one, not canonical", SMALL[9], 0),
            ("an honest R", _base(nonce), nonce),
        ):
            answer = (scalar + _challenge(r, signer.public, message) * secret) % ORDER
            kinds.append((kind, r + answer.to_bytes(32, "little")))
        for kind, signature in kinds:
            yield (
                f"{kind} ({number})",
                encode_package(listed(whole, (dataclasses.replace(one, signature=signature),))),
            )
        mixed = nacl.bindings.crypto_core_ed25519_add(signer.public, EIGHTH)
        text = sign_on_text(whole.digest, mixed, one.fields)
        for attempt in range(64):  # until the challenge hides the key's small part from every equation
            tried = _scalar(b"mixed %d" % attempt)
            k = _challenge(_base(tried), mixed, text)
            if k % 8 == 0:
                signature = _base(tried) + ((tried + k * secret) % ORDER).to_bytes(32, "little")
                yield (
                    "a key with a part of order eight",
                    encode_package(
                        listed(whole, (dataclasses.replace(one, act_key=mixed, signature=signature),))
                    ),
                )
                break


def _withdrawals_changed() -> Iterator[Case]:
    whole = sound()
    made = []
    for number in range(3):
        signer = key(f"signer {number}")
        of = next(one for one in whole.sign_ons if one.act_key == signer.public)
        text = sign_on_text(whole.digest, signer.public, of.fields)
        at_ms = START_MS + 7_200_000 + number
        made.append(
            Withdrawal(
                act_key=signer.public,
                withdrawn_ms=at_ms,
                signature=signer.sign(withdrawal_text(whole.digest, signer.public, digest_of(text), at_ms)),
            )
        )
    ordered = tuple(sorted(made, key=lambda one: one.act_key))
    yield "all withdrew", _with(whole, withdrawals=ordered)
    yield "withdrawals in another order", _with(whole, withdrawals=ordered[::-1])
    yield "a withdrawal twice", _with(whole, withdrawals=(ordered[0], ordered[0]))
    for name, value in (
        ("withdrawn_ms", 5),
        ("signature", bytes(64)),
        ("act_key", ordered[1].act_key),
        ("act_key", bytes(32)),
    ):
        changed: Any = {name: value}
        yield (
            f"withdrawal: {name} {value!r}",
            _with(whole, withdrawals=(dataclasses.replace(ordered[0], **changed),)),
        )
    other = whole.canonical_text.replace("Now.", "Not.")
    yield "withdrawn from another text", _with(whole, canonical_text=other, withdrawals=ordered)


def png(side: int = 4, *, colour: int = 2, extra: bytes = b"", body: bytes = b"\0" * 52) -> bytes:
    """A small picture; `extra`: further parts behind its head."""

    def part(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, colour, 0, 0, 0])
    parts = part(b"IHDR", head) + extra + part(b"IDAT", zlib.compress(body)) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


TEXT_CHUNK: Final = b"\0\0\0\x04tEXt" + b"a\0bc" + b"\0\0\0\0"
LOGO: Final = png()
HIDDEN: Final = {"mode": NameMode.ADDRESSEE, "annex": bytes([7]) * 32, "country": ""}
ALL_MODES: Final = tuple(NameMode)


def profiles() -> tuple[SignOnFields, ...]:
    """Every way of signing that a letter can permit."""
    return (
        fields(
            "The Centre",
            names=(NameIn(language="fa", name="مرکز"), NameIn(language="my", name="ဌာန")),
            title="Director",
            logo=logo_digest(LOGO),
        ),
        fields("Network of Families", capacity=Capacity.NETWORK, members=27),
        fields("", **HIDDEN),
        fields("", **HIDDEN, capacity=Capacity.INDIVIDUAL),
        fields(
            "A lawyer in the country",
            mode=NameMode.ROLE,
            capacity=Capacity.INDIVIDUAL,
            names=(NameIn(language="fa", name="وکیل"),),
        ),
        fields("Chi", capacity=Capacity.INDIVIDUAL, condition=bytes([9]) * 32),
    )


def permitting(modes: tuple[NameMode, ...] = ALL_MODES, **changes: Any) -> str:
    values = {"modes": modes, "rules": rules_of(modes)}
    return canonical_text(statement(**(values | changes))).decode()


def with_logos(package: Package, *logos: bytes) -> bytes:
    return encode_package(dataclasses.replace(package, logos=logos))


def profile_cases() -> Iterator[Case]:
    """Names in scripts, logos, networks, names for the addressee only, roles, conditions, origins."""
    whole = package(permitting(), profiles())
    yield "all ways of signing", with_logos(whole, LOGO)
    yield "a logo that is not in the file", encode_package(whole)
    yield "a logo of nobody", with_logos(whole, *sorted((LOGO, png(5)), key=logo_digest))
    yield "a logo twice", with_logos(whole, LOGO, LOGO)
    for name, logo in (
        ("no picture", b"GIF89a"),
        ("too many pixels", png(513)),
        ("no pixels", png(0)),
        ("a text beside the picture", png(extra=TEXT_CHUNK)),
        ("a colour type there is not", png(colour=5)),
        ("cut off", LOGO[:-3]),
        ("something behind it", LOGO + b"\0"),
        ("the end twice", LOGO + LOGO[-12:]),
        ("no picture data", LOGO[:33] + LOGO[-12:]),
        ("a head of another length", LOGO[:8] + b"\0\0\0\x0c" + LOGO[12:]),
        ("only the beginning", LOGO[:8]),
        (
            "exactly as large as may be",
            png(body=b"")[:33]
            + (16384 - 57).to_bytes(4, "big")
            + b"IDAT"
            + bytes(16384 - 57)
            + bytes(4)
            + LOGO[-12:],
        ),
    ):
        entries = (fields("The Centre", logo=logo_digest(logo)), *profiles()[1:])
        yield f"logo: {name}", with_logos(package(permitting(), entries), logo)
    for mode in (NameMode.ADDRESSEE, NameMode.ROLE):
        modes = tuple([one for one in NameMode if one is not mode])
        yield f"not permitted: {mode.value}", encode_package(package(permitting(modes), profiles()))
    yield "nothing permitted but names", encode_package(package(permitting((NameMode.NAMED,)), profiles()))
    yield "rules that do not fit the modes", encode_package(package(permitting(rules=RULES), profiles()))
    for name, line in (
        ("modes out of order", "names: named, role, addressee"),
        ("a mode twice", "names: named, named"),
        ("named alone, said", "names: named"),
        ("no names", "names: addressee, role"),
        ("a mode there is not", "names: named, whispered"),
    ):
        spoiled = permitting().replace("names: named, addressee, role", line)
        yield f"text with {name}", encode_package(package(spoiled, profiles()))
    tagged = permitting(topics=("death-penalty", "women"), countries=("ir",), asks=("release",))
    yield "topics, countries, asks", encode_package(package(tagged, profiles()))
    for name, old, new in (
        ("a topic in capitals", "topic: women", "topic: Women"),
        ("topics out of order", "topic: women", "topic: a"),
        ("a topic with a space", "topic: women", "topic: two words"),
        ("a topic twice", "topic: women", "topic: death-penalty"),
        ("a topic that is too long", "topic: women", f"topic: {'x' * 41}"),
    ):
        yield name, encode_package(package(tagged.replace(old, new), profiles()))
    told = list(statement().texts)
    told[1] = dataclasses.replace(
        told[1], translated_from="en", translators=("Ben Jahani", "مترجم"), checkers=("Chi",)
    )
    told[0] = dataclasses.replace(told[0], translators=("The Centre",))
    origin = permitting(texts=tuple(told))
    yield "who wrote, translated and compared", encode_package(package(origin, profiles()))
    for name, old, new in (
        ("translated from itself", "translated from: en", "translated from: fa"),
        ("translated from nowhere", "translated from: en", "translated from: de"),
        ("checked, and no translation", "translated from: en\n", ""),
        ("a checker without a name", "checker: Chi", "checker: \u200b"),
        ("five translators", "translator: مترجم", "\n".join(["translator: x"] * 4)),
    ):
        yield name, encode_package(package(origin.replace(old, new), profiles()))
    yield from _profiles_changed(json.loads(with_logos(whole, LOGO)))


def _profiles_changed(plain: dict[str, Any]) -> Iterator[Case]:
    """Each new field of each entry as something else; signatures are as they were."""
    for place, entry_ in enumerate(plain["sign_ons"]):
        changes: tuple[tuple[str, tuple[Any, ...]], ...] = (
            ("mode", ("named", "role", "addressee", "sealed")),
            ("name", ("", "Somebody")),
            ("names", ([], [{"language": "en", "name": "X"}], [{"language": "e", "name": "X"}], [{}], ["x"])),
            ("members", (0, 1, 100_001, -1, "1")),
            ("logo", ("", "00" * 32, "00")),
            ("annex", ("", "00" * 32)),
            ("condition", ("", "00" * 32)),
            ("capacity", ("network", "organisation")),
        )
        for name, values in changes:
            kept = entry_[name]
            for value in values:
                if value != kept:
                    entry_[name] = value
                    yield f"{name} of {place} as {value!r}", _spelled(plain)
            entry_[name] = kept
    for logos in (["!"], [""], ["QQ="], ["QR=="], [5], "x", ["A" * 21_850]):
        yield f"logos as {str(logos)[:9]!r}", _spelled({**plain, "logos": logos})

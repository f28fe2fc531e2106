"""Packages with addenda, sound and damaged, of which page and command must say the same."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from meshcoal.crypto.signing import SigningKey
from meshcoal.statement.publication import build
from meshcoal.wire.addendum import AddendumFields, addendum_text
from meshcoal.wire.package import Addendum, Package, SignOn, Withdrawal, decode_package, encode_package
from meshcoal.wire.public_text import (
    TallyLine,
    digest_of,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import NameMode

sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from lettering import act_key, added_desk

Case = tuple[str, bytes]


@functools.cache
def added() -> Package:
    """Three at the release, one in each of two addenda, one who withdrew."""
    desk, draft = added_desk()
    return decode_package(build(desk.view(draft.id)))


def signed(package: Package, addendum: Addendum, signer: SigningKey | None = None) -> Addendum:
    """The addendum with its tally and signature made anew by an organiser who lies."""
    signer = signer or act_key("ana")
    everybody = [*package.sign_ons, *[one for each in package.addenda for one in each.sign_ons]]
    texts = {
        one.act_key: digest_of(sign_on_text(package.digest, one.act_key, one.fields)) for one in everybody
    }
    lines = [
        TallyLine(
            act_key=one.act_key,
            sign_on=digest_of(sign_on_text(package.digest, one.act_key, one.fields)),
            capacity=one.fields.capacity,
            name=one.fields.name,
        )
        for one in addendum.sign_ons
    ]
    withdrawals = [
        digest_of(withdrawal_text(package.digest, one.act_key, texts[one.act_key], one.withdrawn_ms))
        for one in addendum.withdrawals
        if one.act_key in texts
    ]
    fields = AddendumFields(
        release=addendum.release,
        number=addendum.number,
        before=addendum.before,
        tally_digest=digest_of(tally_text(package.digest, tuple(lines))),
        withdrawals=tuple(withdrawals),
        published_ms=addendum.published_ms,
    )
    return dataclasses.replace(
        addendum,
        act_key=signer.public,
        tally_digest=fields.tally_digest,
        signature=signer.sign(addendum_text(package.digest, signer.public, fields)),
    )


def text_digest(package: Package, addendum: Addendum) -> bytes:
    """SHA-256 of the text of an addendum without withdrawals."""
    fields = AddendumFields(
        release=addendum.release,
        number=addendum.number,
        before=addendum.before,
        tally_digest=addendum.tally_digest,
        withdrawals=(),
        published_ms=addendum.published_ms,
    )
    return digest_of(addendum_text(package.digest, addendum.act_key, fields))


def _with(*addenda: Addendum, **changes: Any) -> bytes:
    return encode_package(dataclasses.replace(added(), addenda=addenda, **changes))


def _and(addendum: Addendum, **changes: Any) -> Addendum:
    return dataclasses.replace(addendum, **changes)


def chain(count: int) -> bytes:
    """A letter with so many addenda, of one late signatory each."""
    whole = added()
    addenda: list[Addendum] = []
    for number in range(1, count + 1):
        signer = SigningKey.from_seed(hashlib.sha256(b"late %d" % number).digest())
        fields = dataclasses.replace(whole.addenda[0].sign_ons[0].fields, name=f"Centre {number}")
        text = sign_on_text(whole.digest, signer.public, fields)
        one = SignOn(act_key=signer.public, fields=fields, signature=signer.sign(text))
        blank = _and(
            whole.addenda[0],
            number=number,
            before=text_digest(whole, addenda[-1]) if addenda else b"",
            sign_ons=(one,),
        )
        addenda.append(signed(whole, blank))
    return _with(*addenda)


def addenda_cases() -> Iterator[Case]:
    whole = added()
    first, second = whole.addenda
    yield "two addenda", encode_package(whole)
    yield "the last addendum not there yet", _with(first)
    yield "no addendum there yet", _with()
    yield "nine addenda", chain(9)
    yield "one of nine left out in the middle", _without(chain(9), 5)
    yield "the first of nine left out", _without(chain(9), 1)
    yield "addenda out of order", _with(second, first)
    yield "an addendum twice", _with(first, first, second)
    yield "an addendum left out", _with(second)
    yield "an entry moved to the next addendum", _moved(first, second)
    yield (
        "an entry moved, and both signed anew",
        _with(*[signed(whole, each) for each in _pair(first, second)]),
    )
    yield "an entry of the release in an addendum", _with(_and(first, sign_ons=whole.sign_ons[:1]), second)
    again = signed(whole, _and(first, sign_ons=tuple(_ordered([*first.sign_ons, whole.sign_ons[0]]))))
    yield "an entry of the release in an addendum, published so", _with(again)
    twice = signed(whole, _and(second, sign_ons=first.sign_ons, withdrawals=()))
    yield "an entry in both addenda", _with(first, twice)
    doubled = signed(whole, _and(first, sign_ons=(*first.sign_ons, *first.sign_ons)))
    yield "an entry twice in one addendum", _with(doubled)
    yield "nobody in an addendum", _with(signed(whole, _and(first, sign_ons=())))
    for name, value in (
        ("number", 2),
        ("number", 7),
        ("number", 256),
        ("act_key", second.act_key),
        ("act_key", bytes(32)),
        ("release", bytes(32)),
        ("before", bytes(32)),
        ("tally_digest", bytes(32)),
        ("published_ms", first.published_ms + 1),
        ("published_ms", 0),
        ("signature", bytes(64)),
        ("sign_ons", ()),
    ):
        changed: Any = {name: value}
        yield f"{name} of an addendum: {value!r}", _with(_and(first, **changed), second)
        yield f"{name} of an addendum, published so: {value!r}", _published(whole, first, second, changed)
    yield "no word of the one before", _with(first, _and(second, before=b""))
    for name, text in (("name", "Another"), ("country", "Another"), ("languages_read", ("xx",))):
        entry = first.sign_ons[0]
        forged: Any = {name: text}
        said = dataclasses.replace(entry.fields, **forged)
        other = _and(first, sign_ons=(dataclasses.replace(entry, fields=said),))
        yield f"{name} of a late entry", _with(other, second)
    yield from _resigned(whole, first)
    yield from _withdrawals(whole, first, second)
    data = encode_package(whole)
    for name, old, new in (
        ("a number 0", b'"number":1,', b'"number":0,'),
        ("a number 257", b'"number":1,', b'"number":257,'),
        ("a number as text", b'"number":1,', b'"number":"1",'),
        ("a field more", b'"number":1,', b'"number":1,"other":1,'),
        ("a field less", b'"number":1,', b""),
        ("a wrong time", b'"published":"2', b'"published":"x'),
        ("no list", b'"addenda":[', b'"addenda":{},"x":['),
    ):
        yield f"an addendum with {name}", data.replace(old, new, 1)
    text = whole.canonical_text.replace("ill", "well")
    yield "another text with addenda", _with(first, second, canonical_text=text)


def _ordered(sign_ons: list[SignOn]) -> list[SignOn]:
    return sorted(sign_ons, key=lambda one: one.act_key)


def _pair(first: Addendum, second: Addendum) -> tuple[Addendum, Addendum]:
    """Both, with the first one's entry in the second."""
    both = tuple(_ordered([*second.sign_ons, *first.sign_ons]))
    return _and(first, sign_ons=()), _and(second, sign_ons=both)


def _moved(first: Addendum, second: Addendum) -> bytes:
    return _with(*_pair(first, second))


def _without(data: bytes, number: int) -> bytes:
    package = decode_package(data)
    kept = tuple([one for one in package.addenda if one.number != number])
    return encode_package(dataclasses.replace(package, addenda=kept))


def _published(whole: Package, first: Addendum, second: Addendum, changes: dict[str, Any]) -> bytes:
    """Signed anew so; what no text can say keeps the signature of before."""
    changed = _and(first, **changes)
    says = (changed.number == 1) == (changed.before == b"")
    return _with(signed(whole, changed) if says else changed, second)


def _resigned(whole: Package, first: Addendum) -> Iterator[Case]:
    """Late entries that their own key signed, and that do not fit."""
    dov = act_key("dov")
    for name, changes in (
        ("a mode that the letter does not permit", {"mode": NameMode.ROLE}),
        ("a language that is not there", {"languages_read": ("de",)}),
        ("the name of another", {"name": whole.sign_ons[0].fields.name}),
    ):
        given: Any = changes
        fields = dataclasses.replace(first.sign_ons[0].fields, **given)
        text = sign_on_text(whole.digest, dov.public, fields)
        one = SignOn(act_key=dov.public, fields=fields, signature=dov.sign(text))
        yield f"a late entry with {name}", _with(signed(whole, _and(first, sign_ons=(one,))))
    both = tuple(_ordered([*first.sign_ons, *whole.addenda[1].sign_ons]))
    yield "a late list in another order", _with(signed(whole, _and(first, sign_ons=both[::-1])))
    yield "a late list in its order", _with(signed(whole, _and(first, sign_ons=both)))


def _withdrawals(whole: Package, first: Addendum, second: Addendum) -> Iterator[Case]:
    (notice,) = second.withdrawals
    yield "a withdrawal left out of an addendum", _with(first, _and(second, withdrawals=()))
    yield "a withdrawal moved to the addendum before", _with(_and(first, withdrawals=(notice,)), second)
    yield (
        "a withdrawal in both",
        _with(signed(whole, _and(first, withdrawals=(notice,))), second),
    )
    yield "a withdrawal twice in an addendum", _with(first, _and(second, withdrawals=(notice, notice)))
    yield "a withdrawal in an addendum and beside the list", _with(first, second, withdrawals=(notice,))
    forged = dataclasses.replace(notice, withdrawn_ms=notice.withdrawn_ms + 1)
    yield "a withdrawal in an addendum forged", _with(first, _and(second, withdrawals=(forged,)))
    stranger = dataclasses.replace(notice, act_key=act_key("eve").public)
    yield "a withdrawal in an addendum of nobody", _with(first, _and(second, withdrawals=(stranger,)))
    mallory = act_key("mallory")
    (entry,) = second.sign_ons
    text = sign_on_text(whole.digest, entry.act_key, entry.fields)
    told = withdrawal_text(whole.digest, mallory.public, digest_of(text), second.published_ms + 1_000)
    late = Withdrawal(
        act_key=mallory.public, withdrawn_ms=second.published_ms + 1_000, signature=mallory.sign(told)
    )
    yield "who withdrew after an addendum, beside the list", _with(first, second, withdrawals=(late,))
    yield (
        "who withdrew in the addendum that adds them",
        _with(first, signed(whole, _and(second, withdrawals=(late,)))),
    )

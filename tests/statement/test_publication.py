"""What goes out can be checked by a stranger, and every damage is named."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import WrongPhase
from meshcoal.statement.model import EntryState
from meshcoal.statement.publication import build, files, verify
from meshcoal.statement.sentences import CANNOT_KNOW
from meshcoal.statement.verification import Report, Severity
from meshcoal.wire.bodies import WithdrawBody
from meshcoal.wire.package import Package, SignOn, decode_package, encode_package
from meshcoal.wire.public_text import (
    TallyLine,
    digest_of,
    release_text,
    sign_on_text,
    tally_text,
)
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, Desk, act_key, author, folded, released_desk

DESK, DRAFT = released_desk()
PACKAGE = build(DESK.view(DRAFT.id))


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.problems}


def change(package: bytes, **values: Any) -> bytes:
    return encode_package(dataclasses.replace(decode_package(package), **values))


def rebuilt(package: Package, sign_ons: tuple[SignOn, ...]) -> bytes:
    """What a forger with a key of their own would make: another list, counted and released anew."""
    lines = tuple(
        [
            TallyLine(
                act_key=s.act_key,
                sign_on=digest_of(sign_on_text(package.digest, s.act_key, s.fields)),
                capacity=s.fields.capacity,
                name=s.fields.name,
            )
            for s in sign_ons
        ]
    )
    tally = digest_of(tally_text(package.digest, lines))
    key = act_key("mallory")
    text = release_text(package.digest, key.public, tally, package.release.released_ms)
    organisations = sum(s.fields.capacity is Capacity.ORGANISATION for s in sign_ons)
    return encode_package(
        dataclasses.replace(
            package,
            sign_ons=sign_ons,
            release=dataclasses.replace(
                package.release, act_key=key.public, tally_digest=tally, signature=key.sign(text)
            ),
            counts=dataclasses.replace(
                package.counts, organisations=organisations, individuals=len(sign_ons) - organisations
            ),
        )
    )


def test_a_release_verifies_with_nothing_but_the_file() -> None:
    """Goal: strangers can check it. Method: verify the bytes and compare with what was signed."""
    report = verify(PACKAGE)
    assert report.sound, report.problems
    assert {finding.severity for finding in report.findings} == {Severity.OK}
    assert report.title == "Free Dr. Haddad"
    assert report.languages == ("en", "fa")
    assert report.addressees == ("The Minister of Justice",)
    assert (report.counts.organisations, report.counts.individuals, report.counts.withdrawn) == (1, 2, 0)
    assert {s.name for s in report.signatories} == {"The ana Centre", "بن جهانی", "Chi Nwosu"}
    assert all(s.holds for s in report.signatories)
    assert report.deadline_ms == DEADLINE_MS
    assert report.cannot_know == CANNOT_KNOW


def test_the_digest_is_that_of_the_exported_text_file() -> None:
    """Goal: `sha256sum` suffices to compare texts. Method: hash the exported file."""
    exported = dict(files(DESK.view(DRAFT.id)))
    canonical = next(data for name, data in exported.items() if name.endswith(".canonical.txt"))
    assert hashlib.sha256(canonical).digest() == verify(PACKAGE).digest
    stem = f"statement-{verify(PACKAGE).digest.hex()[:8]}"
    assert sorted(exported) == sorted(
        [
            f"{stem}.meshcoal.json",
            f"{stem}.canonical.txt",
            f"{stem}.en.txt",
            f"{stem}.fa.txt",
            f"{stem}.signatories.txt",
        ]
    )
    assert exported[f"{stem}.meshcoal.json"] == PACKAGE
    listing = exported[f"{stem}.signatories.txt"].decode()
    assert "Signatories: 3" in listing
    assert "Chi Nwosu, Open University, Bahrain" in listing


def test_nothing_inner_leaves() -> None:
    """Goal: a package links to no member, seat or operation. Method: look for all of them in the files."""
    inner = [row.id.hex() for row in DESK.rows]
    inner += [author(name).hex() for name in ("ana", "ben", "chi", "dov")]
    inner += ["in-country", "exile", "ingo", "observer"]
    for name, data in files(DESK.view(DRAFT.id)):
        text = data.decode()
        assert not [word for word in inner if word in text], name


def test_a_draft_or_open_statement_cannot_be_published() -> None:
    """Goal: nothing goes out before release. Method: build at each earlier phase."""
    desk = Desk()
    draft = desk.draft()
    for step in (lambda: None, lambda: desk.freeze(draft), lambda: desk.sign(draft, "ana")):
        step()
        with pytest.raises(WrongPhase):
            build(desk.view(draft.id))


def test_a_changed_text_is_named() -> None:
    """Goal: no signature under another text. Method: change one letter of the text."""
    text = decode_package(PACKAGE).canonical_text
    report = verify(change(PACKAGE, canonical_text=text.replace("ill", "all")))
    assert {"text-digest", "other-text"} <= codes(report)
    assert (report.counts.organisations, report.counts.individuals) == (0, 0)
    other = text.replace("ill", "all")
    report = verify(change(PACKAGE, canonical_text=other, digest=digest_of(other.encode())))
    assert {"signature", "tally", "release"} <= codes(report)
    assert not any(s.holds for s in report.signatories)


def test_swapped_names_are_named() -> None:
    """Goal: a name stands by its own signature. Method: swap the names of two entries."""
    package = decode_package(PACKAGE)
    first, second, third = package.sign_ons
    swapped = (
        dataclasses.replace(first, fields=dataclasses.replace(first.fields, name=second.fields.name)),
        dataclasses.replace(second, fields=dataclasses.replace(second.fields, name=first.fields.name)),
        third,
    )
    report = verify(change(PACKAGE, sign_ons=swapped))
    assert codes(report) == {"swapped-name", "tally"}
    assert sum(finding.code == "swapped-name" for finding in report.findings) == 2


@pytest.mark.parametrize("field", ["name", "title", "affiliation", "country", "capacity", "signed_ms"])
def test_each_changed_field_of_an_entry_is_named(field: str) -> None:
    """Goal: all that is published is signed. Method: change one field of one entry."""
    package = decode_package(PACKAGE)
    entry = next(s for s in package.sign_ons if s.fields.capacity is Capacity.AFFILIATED)
    values: dict[str, Any] = {"capacity": Capacity.ORGANISATION, "signed_ms": entry.fields.signed_ms - 1000}
    fields = dataclasses.replace(entry.fields, **{field: values.get(field, "Another")})
    sign_ons = tuple([dataclasses.replace(s, fields=fields) if s is entry else s for s in package.sign_ons])
    report = verify(change(PACKAGE, sign_ons=sign_ons))
    assert {"signature", "tally"} <= codes(report)


def test_a_forged_entry_is_named_even_in_a_list_released_anew() -> None:
    """Goal: nobody signs for another. Method: add an entry whose signature its key did not make."""
    package = decode_package(PACKAGE)
    forged = dataclasses.replace(package.sign_ons[0], act_key=act_key("dov").public)
    sign_ons = tuple(sorted([*package.sign_ons, forged], key=lambda s: s.act_key))
    report = verify(rebuilt(package, sign_ons))
    assert {"signature", "doubled", "tally"} <= codes(report)


def test_a_doubled_entry_is_named_even_in_a_list_released_anew() -> None:
    """Goal: nobody counts twice. Method: one key signs twice, under two names, and both are listed."""
    package = decode_package(PACKAGE)
    first = package.sign_ons[0]
    fields = dataclasses.replace(first.fields, name="Another Centre")
    owner = next(key for key in (act_key(n) for n in ("ana", "ben", "chi")) if key.public == first.act_key)
    second = dataclasses.replace(
        first, fields=fields, signature=owner.sign(sign_on_text(package.digest, owner.public, fields))
    )
    report = verify(rebuilt(package, (first, second, *package.sign_ons[1:])))
    assert "doubled" in codes(report)


def test_a_late_entry_is_named_even_in_a_list_released_anew() -> None:
    """Goal: the deadline holds. Method: sign properly, but dated behind it."""
    package = decode_package(PACKAGE)
    key = act_key("dov")
    fields = dataclasses.replace(package.sign_ons[0].fields, name="Late", signed_ms=DEADLINE_MS + 1)
    late = SignOn(
        act_key=key.public,
        fields=fields,
        signature=key.sign(sign_on_text(package.digest, key.public, fields)),
    )
    sign_ons = tuple(sorted([*package.sign_ons, late], key=lambda s: s.act_key))
    assert codes(verify(rebuilt(package, sign_ons))) == {"late"}


def test_entries_left_out_added_or_reordered_are_named() -> None:
    """Goal: the list is the released one. Method: drop, repeat and reverse entries."""
    package = decode_package(PACKAGE)
    assert {"tally", "counts"} & codes(verify(change(PACKAGE, sign_ons=package.sign_ons[1:])))
    assert "tally" in codes(verify(change(PACKAGE, sign_ons=package.sign_ons[1:])))
    assert "doubled" in codes(verify(change(PACKAGE, sign_ons=package.sign_ons * 2)))
    assert codes(verify(change(PACKAGE, sign_ons=package.sign_ons[::-1]))) == {"order"}
    assert "empty" in codes(verify(change(PACKAGE, sign_ons=())))


def test_a_changed_release_or_count_is_named() -> None:
    """Goal: time, list and key of the release are signed. Method: change each."""
    package = decode_package(PACKAGE)
    release = package.release
    for values in (
        {"released_ms": release.released_ms + 1},
        {"act_key": act_key("ben").public},
        {"signature": bytes(64)},
        {"act_key": bytes(32)},
    ):
        changed: Any = dataclasses.replace(release, **values)
        assert codes(verify(change(PACKAGE, release=changed))) == {"release"}
    other = dataclasses.replace(release, tally_digest=bytes(32))
    assert codes(verify(change(PACKAGE, release=other))) == {"tally", "release"}
    counts = dataclasses.replace(package.counts, organisations=3)
    assert codes(verify(change(PACKAGE, counts=counts))) == {"counts"}


def refrozen(text: str) -> bytes:
    """Another canonical text, signed and released by one key of the forger's own."""
    package = decode_package(PACKAGE)
    key = act_key("mallory")
    digest = digest_of(text.encode())
    fields = package.sign_ons[0].fields
    entry = SignOn(
        act_key=key.public, fields=fields, signature=key.sign(sign_on_text(digest, key.public, fields))
    )
    return rebuilt(dataclasses.replace(package, canonical_text=text, digest=digest), (entry,))


def test_a_missing_language_and_a_wrong_direction_are_named() -> None:
    """Goal: what the header says is there. Method: properly signed texts that lie about themselves."""
    text = decode_package(PACKAGE).canonical_text
    assert verify(refrozen(text)).sound
    assert codes(verify(refrozen(text.replace("direction: rtl", "direction: ltr")))) == {"direction"}
    missing = text[: text.index("language: fa\n")] + "end\n"
    report = verify(refrozen(missing))
    assert codes(report) == {"text-form"}
    assert "`fa`" in report.problems[0].sentence
    assert codes(verify(refrozen(text.replace("Every signatory is named.", "Nobody is named.")))) == {"rules"}


def test_unknown_and_missing_fields_are_named() -> None:
    """Goal: nothing rides along unsigned. Method: add and drop fields at each level."""
    plain = json.loads(PACKAGE)
    for place in (plain, plain["release"], plain["tally"], plain["sign_ons"][0]):
        place["extra"] = "x"
        report = verify(json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
        assert codes(report) == {"malformed-package"}
        assert "`extra`" in report.problems[0].sentence
        del place["extra"]
        name = min(place)
        kept = place.pop(name)
        report = verify(json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
        assert f"`{name}`" in report.problems[0].sentence
        place[name] = kept


def test_a_withdrawal_after_release_is_a_notice_that_cannot_be_forged() -> None:
    """Goal: who steps back is shown, and nobody can step back for them. Method: withdraw, then tamper."""
    desk, draft = released_desk()
    desk.withdraw(draft, "ben")
    package = build(desk.view(draft.id))
    report = verify(package)
    assert report.sound
    assert [f.code for f in report.findings if f.severity is Severity.NOTICE] == ["withdrawn"]
    assert [s.name for s in report.signatories if s.withdrawn] == ["بن جهانی"]
    assert report.counts.withdrawn == 1
    assert (
        b"withdrew after the release"
        in dict(files(desk.view(draft.id)))[f"statement-{report.digest.hex()[:8]}.signatories.txt"]
    )
    (withdrawal,) = decode_package(package).withdrawals
    for values in ({"act_key": act_key("ana").public}, {"withdrawn_ms": 5}, {"signature": bytes(64)}):
        forged: Any = dataclasses.replace(withdrawal, **values)
        assert codes(verify(change(package, withdrawals=(forged,)))) == {"withdrawal"}
    stranger = dataclasses.replace(withdrawal, act_key=act_key("dov").public)
    assert codes(verify(change(package, withdrawals=(stranger,)))) == {"withdrawal"}
    assert codes(verify(change(package, withdrawals=(withdrawal, withdrawal)))) == {"doubled-withdrawal"}


def test_an_old_withdrawal_does_not_undo_a_later_sign_on() -> None:
    """Goal: who signs again stands. Method: withdraw, sign again, release, replay the withdrawal."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    taken_back = desk.withdraw(draft, "ana")
    desk.sign(draft, "ana")
    desk.release(draft)
    statement = desk.view(draft.id)
    entry = statement.entry_of(author("ana"))
    assert entry is not None
    assert entry.state is EntryState.COUNTED
    package = build(statement)
    assert verify(package).sound
    released, draft_of_released = released_desk()
    released.withdraw(draft_of_released, "ana")
    (notice,) = decode_package(build(released.view(draft_of_released.id))).withdrawals
    body = taken_back.body
    assert isinstance(body, WithdrawBody)
    replay = dataclasses.replace(notice, withdrawn_ms=body.at_ms, signature=body.act_signature)
    assert codes(verify(change(package, withdrawals=(replay,)))) == {"withdrawal"}


def test_one_name_twice_is_a_notice() -> None:
    """Goal: double counting by hand is seen. Method: two members sign under one name."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana", name="The Centre")
    desk.sign(draft, "ben", name="the centre")
    desk.release(draft)
    report = verify(build(desk.view(draft.id)))
    assert report.sound
    assert [f.code for f in report.findings if f.severity is Severity.NOTICE] == ["same-name"]


@given(data=st.data())
def test_a_package_with_any_damaged_byte_is_never_sound(data: st.DataObject) -> None:
    """Goal: no place in the file is unguarded. Method: replace, drop, insert or repeat bytes anywhere."""
    at = data.draw(st.integers(0, len(PACKAGE) - 1))
    new = data.draw(st.binary(min_size=0, max_size=3))
    width = data.draw(st.integers(0, 3))
    damaged = PACKAGE[:at] + new + PACKAGE[at + width :]
    if damaged != PACKAGE:
        assert not verify(damaged).sound


def test_every_single_flipped_bit_of_a_package_is_found() -> None:
    """Goal: as above, without luck. Method: flip the lowest bit of every byte, and the case of letters."""
    for at in range(len(PACKAGE)):
        damaged = bytearray(PACKAGE)
        damaged[at] ^= 0x01
        assert not verify(bytes(damaged)).sound, at
        if chr(PACKAGE[at]).isascii() and chr(PACKAGE[at]).isalpha():
            damaged[at] = PACKAGE[at] ^ 0x20
            assert not verify(bytes(damaged)).sound, at


@given(data=st.binary(max_size=400))
def test_verify_answers_whatever_it_is_given(data: bytes) -> None:
    """Goal: a check never ends in an exception. Method: arbitrary bytes."""
    report = verify(data)
    assert not report.sound
    assert report.findings


def test_a_key_of_small_order_signs_nothing() -> None:
    """Goal: a key that signs everything is refused. Method: the neutral point as a signatory's key."""
    package = decode_package(PACKAGE)
    neutral = bytes([1, *[0] * 31])
    entry = dataclasses.replace(package.sign_ons[0], act_key=neutral, signature=neutral + bytes(32))
    report = verify(rebuilt(package, (entry,)))
    assert "signature" in codes(report)


def test_the_package_is_the_same_on_every_node() -> None:
    """Goal: one artefact. Method: build from the operations in reverse."""
    statement = folded(DESK.rows[::-1]).get(DRAFT.id)
    assert statement is not None
    assert build(statement) == PACKAGE

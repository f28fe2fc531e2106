"""Under what signatories stand on the list, and what of them leaves."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from meshcoal.errors import BadArgument, MalformedPackage, WrongPhase
from meshcoal.statement.model import Reason
from meshcoal.statement.publication import annex, build, files
from meshcoal.statement.tally import fields_of
from meshcoal.statement.verification import verify
from meshcoal.statement.view import tally_view
from meshcoal.wire.annex import AnnexFile, decode_annex, encode_annex, named_in
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.naming import NameIn, annex_text
from meshcoal.wire.operation import Kind
from meshcoal.wire.package import decode_package
from meshcoal.wire.public_text import parse_canonical_text, rules_of, sign_on_text
from meshcoal.wire.terms import Capacity, NameMode

sys.path.insert(0, str(Path(__file__).parent))

from lettering import Desk, Row, act_key, name_of, roster

PERSIAN_NAME = NameIn(language="fa", name="مرکز")
ALL = (NameMode.NAMED, NameMode.ADDRESSEE, NameMode.ROLE)


def letter(modes: tuple[NameMode, ...] = ALL) -> tuple[Desk, Row]:
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    desk.freeze(draft, modes=modes)
    return desk, draft


def test_the_frozen_text_says_how_people_may_sign() -> None:
    """Goal: it is under the digest. Method: read the canonical text back."""
    desk, draft = letter()
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    text = parse_canonical_text(frozen.canonical_text)
    assert text.modes == ALL
    assert text.rules == rules_of(ALL)
    assert b"\nnames: named, addressee, role\n" in frozen.canonical_text
    plain, first = letter((NameMode.NAMED,))
    simple = plain.view(first.id).frozen
    assert simple is not None
    assert b"names:" not in simple.canonical_text


def test_a_profile_stands_whole_under_the_letter() -> None:
    """Goal: names in scripts and networks are signed and published. Method: sign, release, verify."""
    desk, draft = letter()
    desk.sign(draft, "ana", name="The Centre", names=(PERSIAN_NAME,))
    desk.sign(draft, "ben", capacity=Capacity.NETWORK, name="Network of Families", members=27)
    desk.release(draft)
    package = build(desk.view(draft.id))
    report = verify(package)
    assert report.sound
    assert report.counts.organisations == 2
    shown = {one.name: one for one in report.signatories}
    assert shown["The Centre"].names == (PERSIAN_NAME,)
    assert shown["Network of Families"].members == 27
    listed = dict(files(desk.view(draft.id)))
    text = next(data for name, data in listed.items() if name.endswith("signatories.txt")).decode()
    assert "The Centre, مرکز" in text
    assert "on behalf of 27 members" in text
    assert not verify(package.replace("مرکز".encode(), "مرکب".encode())).sound
    assert not verify(package.replace(b'"members":27', b'"members":28')).sound


def test_who_is_named_to_the_addressee_only_is_counted_and_not_told() -> None:
    """Goal: the list is right without the name. Method: the package, the annex, and both together."""
    desk, draft = letter()
    desk.sign(draft, "ana", name="The Centre")
    desk.sign(draft, "ben", name="A House of Women", names=(PERSIAN_NAME,), mode=NameMode.ADDRESSEE)
    with pytest.raises(WrongPhase):
        annex(desk.view(draft.id))
    desk.release(draft)
    view = desk.view(draft.id)
    for _, data in files(view):
        assert b"House of Women" not in data
        assert "مرکز".encode() not in data
    package = build(view)
    report = verify(package)
    assert report.sound
    assert report.counts.organisations == 2
    assert "annex" in [finding.code for finding in report.findings]
    name, data = annex(view)
    assert name.endswith(".addressee.meshcoal.json")
    named = named_in(decode_annex(data), decode_package(package))
    assert [one.name for one in named.values()] == ["A House of Women"]
    told = tally_view(view, roster=roster, names=name_of, held=lambda _ids: (1, 1))
    assert "A House of Women" in [entry.name for entry in told.entries]


def test_an_annex_names_nobody_who_did_not_sign_so() -> None:
    """Goal: the addressee is not misled. Method: another name, another salt, another letter, another key."""
    desk, draft = letter()
    desk.sign(draft, "ben", name="A House of Women", mode=NameMode.ADDRESSEE)
    desk.release(draft)
    package = decode_package(build(desk.view(draft.id)))
    file = decode_annex(annex(desk.view(draft.id))[1])
    entry = file.entries[0]
    for changed in (
        dataclasses.replace(entry, annex=dataclasses.replace(entry.annex, name="Another House")),
        dataclasses.replace(entry, annex=dataclasses.replace(entry.annex, salt=bytes(32))),
        dataclasses.replace(entry, act_key=act_key("ana").public),
    ):
        with pytest.raises(MalformedPackage):
            named_in(AnnexFile(statement=file.statement, entries=(changed,)), package)
    with pytest.raises(MalformedPackage):
        named_in(AnnexFile(statement=bytes(32), entries=file.entries), package)
    with pytest.raises(MalformedPackage):
        decode_annex(encode_annex(file) + b" ")


def test_a_role_stands_in_the_place_of_the_name() -> None:
    """Goal: what they are, not who. Method: sign by role; nothing beside it that names."""
    desk, draft = letter()
    desk.sign(draft, "ana", name="A lawyer", capacity=Capacity.INDIVIDUAL, mode=NameMode.ROLE)
    desk.release(draft)
    report = verify(build(desk.view(draft.id)))
    assert report.sound
    assert [(one.name, one.mode) for one in report.signatories] == [("A lawyer", NameMode.ROLE)]
    for bad in (
        {"affiliation": "City Hospital", "capacity": Capacity.AFFILIATED},
        {"capacity": Capacity.NETWORK},
    ):
        other, again = letter()
        with pytest.raises(BadArgument):
            other.sign(again, "ana", name="A lawyer", mode=NameMode.ROLE, **bad)


def test_what_the_freeze_does_not_permit_counts_for_nothing() -> None:
    """Goal: the rules are those that everybody signed. Method: refused when typed, and in the log."""
    desk, draft = letter((NameMode.NAMED, NameMode.ROLE))
    with pytest.raises(BadArgument):
        desk.sign(draft, "ana", mode=NameMode.ADDRESSEE)
    other, again = letter()
    body = other.sign(again, "ana", mode=NameMode.ADDRESSEE).body
    assert isinstance(body, SignBody)
    assert body.annex is not None
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    bent = dataclasses.replace(body, statement=draft.id, digest=frozen.digest)
    text = sign_on_text(frozen.digest, act_key("ana").public, fields_of(bent, act_key("ana").public))
    forced = desk.write("ana", Kind.SIGN, dataclasses.replace(bent, act_signature=act_key("ana").sign(text)))
    view = desk.view(draft.id)
    assert dict(view.ineffective)[forced.id] is Reason.NAME_MODE
    assert view.entries == ()
    with pytest.raises(BadArgument):
        desk.revise(draft, modes=(NameMode.ROLE,))


def test_the_annex_reads_as_the_page_says() -> None:
    """Goal: anybody can make its digest. Method: the example of the page, line by line."""
    desk, draft = letter()
    row = desk.sign(draft, "ben", name="The Centre", names=(PERSIAN_NAME,), mode=NameMode.ADDRESSEE)
    assert isinstance(row.body, SignBody)
    assert row.body.annex is not None
    spelled = annex_text(row.body.digest, act_key("ben").public, row.body.annex).decode()
    page = (Path(__file__).parents[2] / "docs" / "protocol" / "statement.md").read_text(encoding="utf-8")
    example = page[page.index("meshcoal addressee annex 1") :].split("```")[0].splitlines()
    lines = spelled.splitlines()
    assert len(lines) == len(example)
    for line, shown in zip(lines, example, strict=True):
        assert line.split(":")[0] == shown.split(":")[0]
        if "<" not in shown:
            assert line.rstrip() == shown.rstrip()

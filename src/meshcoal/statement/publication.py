"""From a released statement to the files that go out.

Law: what leaves is what signatories chose to publish and what proves it. No member's name in the campaign,
seat, author key or id of an operation is in any of these files. `verify` checks such a file again, with
nothing but the file.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.clock import iso_utc
from meshcoal.errors import WrongPhase
from meshcoal.limits import LOGOS_BYTES_MAX
from meshcoal.statement import paper_published as published
from meshcoal.statement.addenda import notices
from meshcoal.statement.model import Added, EntryState, OutsideSignOn, SignOn, Statement
from meshcoal.statement.tally import fields_of
from meshcoal.statement.verification import Report as Report
from meshcoal.statement.verification import verify as verify
from meshcoal.wire import package as wire
from meshcoal.wire.annex import ANNEX_SUFFIX, AnnexEntry, AnnexFile, encode_annex
from meshcoal.wire.logo import logo_digest
from meshcoal.wire.naming import shown_parts
from meshcoal.wire.outsider import OutsiderWithdrawal
from meshcoal.wire.package import SUFFIX, Counts, Package, encode_package
from meshcoal.wire.package_addenda import stem_of
from meshcoal.wire.package_counted import NamedKey, PublicCount
from meshcoal.wire.public_text import SignOnFields, parse_canonical_text
from meshcoal.wire.terms import ORGANISATIONS, Capacity


def build(statement: Statement) -> bytes:
    """The package. Equal on every node that holds the same operations.

    Raises:
        WrongPhase: the statement is not released.
        OverLimit: more than a package can hold.
    """
    frozen, released = statement.frozen, statement.released
    if frozen is None or released is None:
        raise WrongPhase("The statement is not released: there is nothing to publish yet.")
    listed = statement.counted()
    outsiders = [one.said for one in statement.counted_outside()]  # of the same form as every other
    sheets = published.sheets(statement)
    organisations = sum(
        capacity in ORGANISATIONS
        for capacity in [
            *[sign_on.body.capacity for sign_on in listed],
            *[one.fields.capacity for one in outsiders],
        ]
    )
    told = {one.act_key for added in statement.addenda for one in added.body.withdrawals}
    withdrawals = [_withdrawal(one) for one in notices(statement) if one.act_key not in told]
    return encode_package(
        Package(
            canonical_text=frozen.canonical_text.decode(),
            digest=frozen.digest,
            sign_ons=_sign_ons(listed, statement.counted_outside()),
            withdrawals=tuple(withdrawals),
            release=wire.Release(
                act_key=released.act_key,
                released_ms=released.body.at_ms,
                tally_digest=released.body.tally_digest,
                signature=released.body.act_signature,
                not_before_ms=released.body.not_before_ms,
            ),
            counts=Counts(
                organisations=organisations,
                individuals=len(listed) + len(outsiders) - organisations,
                on_paper=sum(len(sheet.lines) for sheet in sheets),
            ),
            logos=_logos([*listed, *[one for added in statement.addenda for one in added.sign_ons]]),
            addenda=tuple([_addendum(added) for added in statement.addenda]),
            paper=sheets,
            paper_withdrawals=published.withdrawals(statement),
            unnamed=_unnamed(statement),
        )
    )


def _sign_ons(members: Iterable[SignOn], outsiders: Iterable[OutsideSignOn]) -> tuple[wire.SignOn, ...]:
    """As they stand in a package, ascending by key."""
    listed = [
        wire.SignOn(
            act_key=sign_on.act_key,
            fields=fields_of(sign_on.body, sign_on.act_key),
            signature=sign_on.body.act_signature,
        )
        for sign_on in members
    ]
    listed += [one.said for one in outsiders]  # of the same form as every other
    return tuple(sorted(listed, key=lambda one: one.act_key))


def _withdrawal(one: OutsiderWithdrawal) -> wire.Withdrawal:
    return wire.Withdrawal(act_key=one.act_key, withdrawn_ms=one.withdrawn_ms, signature=one.signature)


def _addendum(added: Added) -> wire.Addendum:
    body = added.body
    return wire.Addendum(
        number=body.number,
        act_key=added.act_key,
        release=body.release,
        before=body.before,
        tally_digest=body.tally_digest,
        published_ms=body.at_ms,
        signature=body.act_signature,
        sign_ons=_sign_ons(added.sign_ons, added.outside),
        withdrawals=tuple([_withdrawal(one) for one in body.withdrawals]),
    )


def _unnamed(statement: Statement) -> PublicCount | None:
    """Who is counted and not named, and what proves it."""
    unnamed = statement.unnamed
    if unnamed is None:
        return None
    polled = unnamed.polled
    named = [
        NamedKey(act_key=sign_on.act_key, place=sign_on.body.in_ring)
        for sign_on in statement.counted()
        if sign_on.body.in_ring is not None
    ]
    return PublicCount(
        ring=polled.poll.ring.keys,
        named=tuple(sorted(named, key=lambda one: one.act_key)),
        sign_ons=tuple([polled.sign_ons[tag].signature for tag in unnamed.listed]),
        withdrawals=tuple([polled.withdrawals[tag].signature for tag in unnamed.taken_back]),
        counted=unnamed.counted,
    )


def _logos(listed: Iterable[SignOn]) -> tuple[bytes, ...]:
    """Those that signatories signed, in the order of the list, as long as there is room."""
    logos: dict[bytes, bytes] = {}
    room_bytes = LOGOS_BYTES_MAX
    for sign_on in listed:
        logo = sign_on.body.logo
        digest = logo_digest(logo)
        if logo and digest not in logos and len(logo) <= room_bytes:
            logos[digest] = logo
            room_bytes -= len(logo)
    return tuple([logos[digest] for digest in sorted(logos)])


def annex(statement: Statement) -> tuple[str, bytes]:
    """Name and content of the file that goes to the addressee only: who is named to nobody else.

    Raises:
        WrongPhase: the statement is not released, or nobody on its list is named so.
    """
    frozen = statement.frozen
    if frozen is None or statement.released is None:
        raise WrongPhase("The statement is not released: there is nothing to hand over yet.")
    entries = [
        AnnexEntry(act_key=sign_on.act_key, annex=sign_on.body.annex)
        for sign_on in [
            *statement.counted(),
            *[one for added in statement.addenda for one in added.sign_ons],
        ]
        if sign_on.body.annex is not None
    ]
    if not entries:
        raise WrongPhase("Nobody on the list is named to the addressee only.")
    data = encode_annex(AnnexFile(statement=frozen.digest, entries=tuple(entries)))
    return f"{stem_of(frozen.digest, len(statement.addenda))}{ANNEX_SUFFIX}", data


def files(statement: Statement) -> tuple[tuple[str, bytes], ...]:
    """Name and content of each file: the package, the canonical text, one text a language, the list.

    Names hold a digest and language tags, nothing that anybody typed.

    Raises:
        WrongPhase: the statement is not released.
    """
    package = build(statement)
    frozen = statement.frozen
    assert frozen is not None, "what is released was frozen"
    stem = stem_of(frozen.digest, len(statement.addenda))
    parsed = parse_canonical_text(frozen.canonical_text)
    made = [(f"{stem}{SUFFIX}", package), (f"{stem}.canonical.txt", frozen.canonical_text)]
    for text in parsed.texts:
        readable = "\n\n".join([text.title, *text.paragraphs]) + "\n"
        made.append((f"{stem}.{text.language}.txt", readable.encode()))
    made.append((f"{stem}.signatories.txt", _signatories(statement).encode()))
    return tuple(made)


def _signatories(statement: Statement) -> str:
    frozen, released = statement.frozen, statement.released
    assert frozen is not None, "what is released was frozen"
    assert released is not None, "what is released was released"
    withdrawn = {
        entry.sign_on.act_key
        for entry in statement.entries
        if entry.state is EntryState.WITHDRAWN_AFTER_RELEASE
    }
    withdrawn |= {
        entry.sign_on.said.act_key
        for entry in statement.outside
        if entry.state is EntryState.WITHDRAWN_AFTER_RELEASE
    }
    at_release = len(statement.counted()) + len(statement.counted_outside())
    numbers = {key: added.body.number for added in statement.addenda for key in added.keys}
    signed = [*statement.counted(), *[one for added in statement.addenda for one in added.sign_ons]]
    outsiders = [*statement.counted_outside(), *[one for added in statement.addenda for one in added.outside]]
    everybody = [(fields_of(sign_on.body, sign_on.act_key), sign_on.act_key) for sign_on in signed]
    everybody += [(one.said.fields, one.said.act_key) for one in outsiders]
    listed = sorted(everybody, key=lambda one: (one[0].name, one[1]))
    groups = (
        ("Organisations", Capacity.ORGANISATION),
        ("Networks, each on behalf of its members", Capacity.NETWORK),
        ("Individuals", Capacity.INDIVIDUAL),
        ("Individuals; the affiliation is named to identify them and does not endorse", Capacity.AFFILIATED),
    )
    lines = [
        statement.title,
        f"Digest (SHA-256): {frozen.digest.hex()}",
        f"Released: {iso_utc(released.body.at_ms)}",
        _counted_in_words(len(listed), statement.unnamed.counted if statement.unnamed else 0),
        *_since(statement, at_release, len(listed) - at_release),
    ]
    for heading, capacity in groups:
        members = [one for one in listed if one[0].capacity is capacity]
        if members:
            lines += ["", f"{heading} ({len(members)})", ""]
            lines += [
                _signatory(
                    fields, statement.language, addendum=numbers.get(key, 0), withdrawn=key in withdrawn
                )
                for fields, key in members
            ]
    lines += published.listing(statement)
    return "\n".join(lines) + "\n"


def _since(statement: Statement, at_release: int, since: int) -> list[str]:
    if not statement.addenda:
        return []
    return [f"At the release: {at_release}; since: {since}, in {len(statement.addenda)} addenda"] + [
        f"Addendum {added.body.number}: {iso_utc(added.body.at_ms)}" for added in statement.addenda
    ]


def _counted_in_words(named: int, unnamed: int) -> str:
    if not unnamed:
        return f"Signatories: {named}"
    members = "1 member" if unnamed == 1 else f"{unnamed} members"
    return f"Named signatories: {named}, and {members} of the coalition who cannot be named"


def _signatory(fields: SignOnFields, language: str, *, addendum: int, withdrawn: bool) -> str:
    parts = shown_parts(fields, language)
    return (
        ", ".join(parts)
        + (f" (addendum {addendum})" if addendum else "")
        + (" (withdrew after the release)" if withdrawn else "")
    )

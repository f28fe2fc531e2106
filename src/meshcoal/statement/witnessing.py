"""From what a witness saw on paper to the acts that enter it and take it back.

Law: as in `statement.signon`: what the reducer would refuse is refused here first, in the user's words. A
sheet that is there is only replaced by who says that they correct it.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import Final

from meshcoal.clock import DAY_MS, to_second
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadArgument, MalformedPackage, NotPermitted, OverLimit, Unknown, WrongPhase
from meshcoal.limits import BODY_BYTES_MAX, NAME_CHARS_MAX, PAPER_NUMBER_MAX
from meshcoal.statement.model import EntryState, Frozen, PaperEntry, Statement, StatementPhase
from meshcoal.statement.paper import signed_text, withdrawal_of
from meshcoal.wire.bodies import PaperBody, StrikeBody, encode_body
from meshcoal.wire.naming import check_named
from meshcoal.wire.paper import PaperLine, paper_withdrawal_text, shown_fields
from meshcoal.wire.plain import normalise_line, normalise_text
from meshcoal.wire.terms import Capacity, NameMode

_ROOM_BYTES: Final = 4 * 1024  # in an operation, beside the sheet
_GONE = (EntryState.WITHDRAWN, EntryState.WITHDRAWN_AFTER_RELEASE)


def make_sheet(
    statement: Statement,
    *,
    act_key: SigningKey,
    digest: bytes,
    number: int,
    witness: str,
    scan: bytes,
    dated_ms: int,
    lines: Iterable[PaperLine],
    corrects: bool,
    note: str,
    entropy: Entropy,
    now_ms: int,
) -> PaperBody:
    """Enter a sheet: I saw these people sign this text on paper.

    Args:
        digest: of the text that is printed on the sheet.
        number: of the sheet; 0: the next that is free.
        witness: as I wish to be named beside the sheet in public; empty: not at all.
        scan: SHA-256 of the file with the scan.
        dated_ms: the day on the sheet: 0:00 UTC of it.
        lines: in any order; their salts are made anew.
        corrects: the sheet is there already, and this takes its place.
        note: for the campaign alone.

    Raises:
        WrongPhase: not open, another text than `digest`, the letter does not take signatures on paper, the
            sheet is there already, or is not there to be corrected.
        BadArgument: a value does not fit; the sentence names the line.
    """
    frozen = _open(statement, digest)
    if dated_ms % DAY_MS:
        raise BadArgument("A sheet is dated by a day.")
    if dated_ms > now_ms + DAY_MS:
        raise BadArgument("The sheet is dated in the future.")
    if dated_ms > frozen.deadline_ms:
        raise WrongPhase("The sheet is dated behind the deadline: it would not count.")
    mine = {
        entry.sheet.head.number for entry in statement.paper if entry.sheet.head.act_key == act_key.public
    }
    if not number:
        if corrects:
            raise BadArgument("Say which sheet you correct.")
        number = max(mine, default=0) + 1
    if not 1 <= number <= PAPER_NUMBER_MAX:
        raise BadArgument(f"Sheets are numbered from 1 to {PAPER_NUMBER_MAX}.")
    if corrects and number not in mine:
        raise Unknown(f"You have entered no sheet {number}: there is nothing to correct.")
    if not corrects and number in mine:
        raise WrongPhase(f"You have entered a sheet {number} already. Correct it, or give another number.")
    body = PaperBody(
        at_ms=to_second(now_ms),
        statement=statement.id,
        digest=frozen.digest,
        number=number,
        witness=_line(witness, "Your name"),
        scan=scan,
        dated_ms=dated_ms,
        lines=_clean(lines, entropy),
        act_signature=bytes(64),
        note=normalise_text(note),
    )
    try:
        text = signed_text(body, act_key.public)
    except MalformedPackage as exc:
        raise BadArgument(f"The sheet cannot be entered as it is: {exc}.") from exc
    if len(encode_body(body)) > BODY_BYTES_MAX - _ROOM_BYTES:
        raise OverLimit("The sheet does not fit: enter it as two sheets.")
    return dataclasses.replace(body, act_signature=act_key.sign(text))


def make_strike(
    statement: Statement,
    *,
    act_key: SigningKey,
    organiser: bool,
    witness: bytes,
    number: int,
    lines: Iterable[int],
    now_ms: int,
) -> StrikeBody:
    """Take lines of a sheet back: somebody asked to be removed, or was entered by mistake.

    Args:
        organiser: I am one.
        witness: act key of who entered the sheet; empty: mine.
        lines: none: all that stand.

    Raises:
        Unknown: no such sheet, or line.
        WrongPhase: the lines are taken back already.
        NotPermitted: the sheet is another's; or the letter is out, and I neither entered nor released it.
    """
    witness = witness or act_key.public
    sheet = [one for one in statement.paper if one.sheet.place == (witness, number)]
    if statement.frozen is None or not sheet:
        raise Unknown("There is no such sheet.")
    if witness != act_key.public and not organiser:
        raise NotPermitted("A line is taken back by who entered it, or by an organiser.")
    wanted = sorted(set(lines))
    known = {one.line.line: one for one in sheet}
    for line in wanted:
        if line not in known:
            raise Unknown(f"Sheet {number} has no line {line}.")
    taken = [one for one in sheet if one.state not in _GONE and (not wanted or one.line.line in wanted)]
    if not taken:
        raise WrongPhase("That is taken back already.")
    released = statement.released
    if (
        released is not None
        and act_key.public not in (witness, released.act_key)
        and any(one.state is EntryState.COUNTED for one in taken)
    ):
        raise NotPermitted(
            "The letter is out. Only who entered the sheet, or who released the letter, can tell the public "
            "that a line was taken back."
        )
    body = StrikeBody(
        at_ms=to_second(now_ms),
        statement=statement.id,
        digest=statement.frozen.digest,
        witness=witness,
        number=number,
        lines=tuple([one.line.line for one in taken]),
        act_signature=bytes(64),
    )
    text = paper_withdrawal_text(body.digest, withdrawal_of(body, act_key.public))
    return dataclasses.replace(body, act_signature=act_key.sign(text))


def doubles(statement: Statement) -> dict[tuple[bytes, int, int], tuple[str, ...]]:
    """Lines that carry a name which stands elsewhere as well: by witness's key, number and line, where.

    Only of what stands: on paper, by members and from outside. Nothing is merged: people decide.
    """
    standing = [one for one in statement.paper if one.state not in _GONE]
    places: dict[str, list[tuple[str, object]]] = {}
    for one in standing:
        _note(places, one.line.name, f"sheet {one.sheet.head.number}, line {one.line.line}", _key(one))
    for entry in statement.entries:
        if entry.state not in _GONE and entry.sign_on.body.mode is NameMode.NAMED:
            _note(places, entry.sign_on.body.name, "a member's sign-on", entry.sign_on.id)
    for outsider in statement.outside:
        if outsider.state not in _GONE:
            _note(
                places,
                outsider.sign_on.said.fields.name,
                "a sign-on from outside",
                outsider.sign_on.text_digest,
            )
    found = {}
    for one in standing:
        others = [where for where, key in places[_alike(one.line.name)] if key != _key(one)]
        if others:
            found[_key(one)] = tuple(others)
    return found


def same_scan(statement: Statement) -> frozenset[tuple[bytes, int]]:
    """Sheets whose scan another sheet names as well, by witness's key and number."""
    scans = {one.sheet.place: one.sheet.head.scan for one in statement.paper}
    counts = Counter(scans.values())
    return frozenset([place for place, scan in scans.items() if counts[scan] > 1])


def _key(one: PaperEntry) -> tuple[bytes, int, int]:
    return (*one.sheet.place, one.line.line)


def _note(places: dict[str, list[tuple[str, object]]], name: str, where: str, key: object) -> None:
    places.setdefault(_alike(name), []).append((where, key))


def _alike(name: str) -> str:
    return " ".join(name.casefold().split())


def _open(statement: Statement, digest: bytes) -> Frozen:
    if statement.phase is StatementPhase.RELEASED:
        raise WrongPhase("The letter is released: no signatures on paper can be entered any more.")
    frozen = statement.frozen
    if frozen is None:
        raise WrongPhase("The letter is still a draft: nobody can have signed its text on paper.")
    if not frozen.body.paper:
        raise WrongPhase(
            "This letter does not take signatures on paper: its frozen text would have to say so. An "
            "organiser can freeze a next version that does (meshcoal statement freeze --paper)."
        )
    if digest != frozen.digest:
        raise WrongPhase(
            "The text on the sheet is not the one that holds now: those people signed another text."
        )
    return frozen


def _clean(lines: Iterable[PaperLine], entropy: Entropy) -> tuple[PaperLine, ...]:
    found: dict[int, PaperLine] = {}
    for one in lines:
        what = f"Line {one.line}"
        clean = dataclasses.replace(
            one,
            salt=entropy.take(32),
            name=_line(one.name, f"{what}: the name", required=True),
            title=_line(one.title, f"{what}: the title"),
            affiliation=_line(one.affiliation, f"{what}: the organisation"),
            country=_line(one.country, f"{what}: the country"),
        )
        if clean.line in found:
            raise BadArgument(f"{what} stands twice.")
        if clean.capacity is Capacity.NETWORK:
            raise BadArgument(f"{what}: a network does not sign on paper. Enter it as an organisation.")
        try:
            check_named(shown_fields(clean, 0))
        except MalformedPackage as exc:
            raise BadArgument(
                f"{what}: an organisation beside the name goes with somebody whose affiliation does not "
                "endorse, and with nobody else."
            ) from exc
        found[clean.line] = clean
    if not found:
        raise BadArgument("The sheet has no lines.")
    return tuple([found[number] for number in sorted(found)])


def _line(value: str, what: str, *, required: bool = False) -> str:
    clean = normalise_line(value)
    if required and not clean:
        raise BadArgument(f"{what} is empty.")
    if len(clean) > NAME_CHARS_MAX:
        raise BadArgument(f"{what} has {len(clean)} characters; at most {NAME_CHARS_MAX} fit.")
    return clean

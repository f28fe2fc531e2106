"""Addenda: who signed after a release, which of them hold, and the next one.

Law: as everywhere here, the chain follows from the set of operations alone. At each number the first in
(depth, id) that is chained to the one before and lists nothing but good sign-ons holds; whoever stands only
in one that does not hold waits for the next. A key counts once over the release and all its addenda.
Specified in docs/protocol/statement.md, "Addenda". Ours, unreviewed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meshcoal.clock import to_second
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import MalformedPackage, OverLimit, WrongPhase
from meshcoal.ids import Digest, OperationId
from meshcoal.limits import ACCEPTED_MAX, ADDENDA_MAX, OUTSIDE_MAX
from meshcoal.statement.checked import Checked
from meshcoal.statement.conditions import holding
from meshcoal.statement.model import (
    Added,
    Entry,
    EntryState,
    OutsideEntry,
    OutsideSignOn,
    Reason,
    Roster,
    Row,
    SignOn,
    Statement,
)
from meshcoal.statement.outside import listed
from meshcoal.statement.tally import (
    Ledger,
    OutsideLedger,
    fields_of,
    first_of_each_office,
    list_digest,
    listed_by,
)
from meshcoal.wire.addendum import AddendumBody, AddendumFields, addendum_text
from meshcoal.wire.bodies import Condition, ReleaseBody
from meshcoal.wire.outsider import OutsiderWithdrawal, said_digest, said_text
from meshcoal.wire.public_text import digest_of
from meshcoal.wire.sealed import OpenedSignOn
from meshcoal.wire.terms import Seat

_WAITING = (EntryState.LATE, EntryState.AFTER_RELEASE)


def fields_in(body: AddendumBody) -> AddendumFields:
    """What was signed. Raises `MalformedPackage`."""
    return AddendumFields(
        release=body.release,
        number=body.number,
        before=body.before,
        tally_digest=body.tally_digest,
        withdrawals=tuple([said_digest(body.digest, one) for one in body.withdrawals]),
        published_ms=body.at_ms,
    )


# --- Which hold


@dataclass(slots=True, kw_only=True)
class _List:
    """Everybody who is on the list so far: of the release and of each addendum that holds."""

    sign_ons: list[SignOn]
    outside: list[OutsideSignOn]
    withdrawn: set[bytes]
    tags: tuple[bytes, ...]  # of those who are counted and not named

    def texts(self) -> dict[bytes, Digest]:
        """By act key, the digest of what it signed."""
        return {
            **{one.act_key: one.text_digest for one in self.sign_ons},
            **{one.said.act_key: one.text_digest for one in self.outside},
        }

    def take(self, added: Added) -> None:
        self.sign_ons += added.sign_ons
        self.outside += added.outside
        self.withdrawn |= {one.act_key for one in added.body.withdrawals}


def fold(
    rows: Iterable[Row],
    release: Row | None,
    ledger: Ledger,
    outsiders: OutsideLedger | None,
    roster: Roster,
    checked: Checked,
    refused: dict[OperationId, Reason],
) -> tuple[Added, ...]:
    """The addenda that hold, by their number; notes why the others do not.

    Args:
        rows: effective operations of the statement, in the order of the log.
        ledger, outsiders: of the text that was released.
    """
    body = release.body if release is not None else None
    chain: list[Added] = []
    waiting = []
    for row in rows:
        if not isinstance(row.body, AddendumBody):
            continue
        if release is None or not isinstance(body, ReleaseBody) or row.depth <= release.depth:
            refused[row.id] = Reason.BEFORE_RELEASE
        elif (row.body.digest, row.body.release) != (body.digest, body.tally_digest):
            refused[row.id] = Reason.OTHER_TEXT
        else:
            waiting.append((row, row.body))
    if not waiting or not isinstance(body, ReleaseBody) or outsiders is None:
        return ()
    so_far = _List(
        sign_ons=[one for one in listed_by(body, ledger) if one is not None],
        outside=outsiders.listed(body, release.depth if release else 0) or [],
        withdrawn=set(),
        tags=body.counted,
    )
    while True:
        last = chain[-1] if chain else None
        found = None
        for row, one in waiting:
            if one.number != len(chain) + 1 or one.before != (last.text_digest if last else b""):
                continue
            if last is not None and row.depth <= last.depth:
                continue
            found = _added(row, one, so_far, ledger, outsiders, roster, checked)
            if found is not None:
                break
            refused[row.id] = Reason.BAD_ADDENDUM
        if found is None:
            break
        chain.append(found)
        so_far.take(found)
    held = {one.id for one in chain}
    for row, _ in waiting:
        if row.id not in held:
            refused.setdefault(row.id, Reason.OTHER_CHAIN)
    return tuple(chain)


def _added(
    row: Row,
    body: AddendumBody,
    so_far: _List,
    ledger: Ledger,
    outsiders: OutsideLedger,
    roster: Roster,
    checked: Checked,
) -> Added | None:
    """The addendum, if it lists nothing but what may stand there; else None."""
    signer = roster(row.author)
    named = listed_by(body, ledger)
    sign_ons = [one for one in named if one is not None and one.depth < row.depth]
    outside = outsiders.listed(body, row.depth, late=True)
    if signer is None or outside is None or len(sign_ons) != len(named):
        return None
    if not (sign_ons or outside or body.withdrawals):
        return None
    added = Added(
        id=row.id,
        author=row.author,
        depth=row.depth,
        act_key=signer.act,
        body=body,
        text_digest=Digest(bytes(32)),
        sign_ons=tuple(sign_ons),
        outside=tuple(outside),
    )
    if not _once(added, so_far) or not _meets(sign_ons, so_far, row.then or roster):
        return None
    if not _taken_back(body, so_far, checked):
        return None
    digest = Digest(body.digest)
    if list_digest(digest, sign_ons, outside) != body.tally_digest:
        return None
    try:
        text = addendum_text(digest, signer.act, fields_in(body))
    except MalformedPackage:
        return None  # its number does not go with what it names: it is counted as refused
    if not checked.holds(signer.act, text, body.act_signature):
        return None
    return dataclasses.replace(added, text_digest=digest_of(text))


def _once(added: Added, so_far: _List) -> bool:
    """Whether each author, key and office of it stands on the list once, and nobody is counted beside it."""
    if any(is_counted(one, so_far.tags) for one in added.sign_ons):
        return False
    keys = [*so_far.texts(), *added.keys]
    everybody = [*so_far.sign_ons, *added.sign_ons]
    offices = [one.office for one in everybody if one.office is not None]
    authors = [one.author for one in everybody]
    return all(len(set(ones)) == len(ones) for ones in (keys, offices, authors))


def is_counted(sign_on: SignOn, tags: Sequence[bytes]) -> bool:
    """Whether who signed by name is counted without a name already: a list that is out stays as it is."""
    place = sign_on.body.in_ring
    return place is not None and place.tag in tags


def _meets(sign_ons: Sequence[SignOn], so_far: _List, roster: Roster) -> bool:
    return len(counting(sign_ons, so_far.sign_ons, roster)) == len(sign_ons)


def counting(sign_ons: Sequence[SignOn], before: Sequence[SignOn], roster: Roster) -> frozenset[OperationId]:
    """Those of these whose conditions hold beside those who stand there already, and who stay."""

    def seat_of(one: SignOn) -> Seat | None:
        signer = roster(one.author)
        return signer.seat if signer else None

    standing: dict[OperationId, tuple[Seat | None, Condition | None]] = {
        one.id: (seat_of(one), None) for one in before
    }
    standing |= {one.id: (seat_of(one), one.body.condition) for one in sign_ons}
    return holding(standing) & {one.id for one in sign_ons}


def _taken_back(body: AddendumBody, so_far: _List, checked: Checked) -> bool:
    """Whether each withdrawal is signed, of somebody on the list before, and told for the first time."""
    texts = so_far.texts()
    keys = [one.act_key for one in body.withdrawals]
    if keys != sorted(set(keys)) or so_far.withdrawn & set(keys):
        return False
    return all(
        texts.get(one.act_key) == one.sign_on
        and checked.holds(one.act_key, said_text(body.digest, one), one.signature)
        for one in body.withdrawals
    )


# --- What becomes of those who signed


def entries(standing: Iterable[Entry], chain: Sequence[Added], ledger: Ledger) -> tuple[Entry, ...]:
    """Where members stand, once the addenda are folded in."""
    places = {one.author: (added.body.number, one) for added in chain for one in added.sign_ons}
    withdrawn = _withdrawn(chain)
    found = []
    for entry in standing:
        number, sign_on = places.get(entry.sign_on.author, (0, entry.sign_on))
        if number:
            entry = dataclasses.replace(
                entry,
                sign_on=sign_on,
                state=EntryState.ADDED if entry.standing else EntryState.WITHDRAWN_AFTER_RELEASE,
                withdrawal=ledger.withdrawals.get(sign_on.id),
                addendum=number,
            )
        if sign_on.act_key in withdrawn:
            entry = dataclasses.replace(entry, state=EntryState.WITHDRAWN_AFTER_RELEASE)
        found.append(entry)
    return tuple(found)


def outside_entries(
    standing: Iterable[OutsideEntry], chain: Sequence[Added], outsiders: OutsideLedger | None
) -> tuple[OutsideEntry, ...]:
    """Where outsiders stand, likewise; ascending by key."""
    found = {entry.sign_on.said.act_key: entry for entry in standing}
    for added in chain:
        assert outsiders is not None, "what holds was listed"
        for one in added.outside:
            key = one.said.act_key
            withdrawal = outsiders.withdrawals.get(one.text_digest)
            if withdrawal is not None and withdrawal.act_key != key:
                withdrawal = None
            found[key] = OutsideEntry(
                sign_on=one,
                state=EntryState.WITHDRAWN_AFTER_RELEASE if withdrawal else EntryState.ADDED,
                withdrawal=withdrawal,
                addendum=added.body.number,
            )
    for key in sorted(_withdrawn(chain) & set(found)):
        found[key] = dataclasses.replace(found[key], state=EntryState.WITHDRAWN_AFTER_RELEASE)
    return tuple([found[key] for key in sorted(found)])


def _withdrawn(chain: Sequence[Added]) -> frozenset[bytes]:
    return frozenset([one.act_key for added in chain for one in added.body.withdrawals])


# --- The next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Who would stand in an addendum that is made now."""

    sign_ons: tuple[SignOn, ...]
    outside: tuple[OutsideSignOn, ...]
    withdrawals: tuple[OutsiderWithdrawal, ...]

    @property
    def empty(self) -> bool:
        return not (self.sign_ons or self.outside or self.withdrawals)


NOBODY_LATE = Late(sign_ons=(), outside=(), withdrawals=())


def late(statement: Statement, roster: Roster) -> Late:
    """Who signed since and waits; of an office the first, and only those whose conditions hold."""
    if statement.released is None or statement.frozen is None:
        return NOBODY_LATE
    chain = statement.addenda
    before = [*statement.counted(), *[one for added in chain for one in added.sign_ons]]
    spoken = {one.office for one in before if one.office is not None}
    open_ = [
        entry.sign_on
        for entry in statement.entries
        if entry.state in _WAITING
        and (entry.sign_on.office is None or entry.sign_on.office not in spoken)
        and not is_counted(entry.sign_on, statement.released.body.counted)
    ]
    once = first_of_each_office(open_)
    met = counting(once, before, roster)
    told = _withdrawn(chain)
    return Late(
        sign_ons=tuple([one for one in once if one.id in met]),
        outside=tuple([one.sign_on for one in statement.outside if one.state in _WAITING])[:OUTSIDE_MAX],
        withdrawals=tuple(
            [one for one in notices(statement) if one.act_key not in told][:ACCEPTED_MAX],
        ),
    )


def late_since(waiting: Late) -> int:
    """When the first of them signed or withdrew, as they say; 0: nobody waits."""
    times = [one.body.at_ms for one in waiting.sign_ons]
    times += [one.said.fields.signed_ms for one in waiting.outside]
    times += [one.withdrawn_ms for one in waiting.withdrawals]
    return min(times, default=0)


def notices(statement: Statement) -> tuple[OutsiderWithdrawal, ...]:
    """Of all who stand on the list or in an addendum and took it back, ascending by key."""
    found = []
    for entry in statement.entries:
        if entry.state is EntryState.WITHDRAWN_AFTER_RELEASE and entry.withdrawal is not None:
            found.append(
                OutsiderWithdrawal(
                    act_key=entry.sign_on.act_key,
                    sign_on=entry.sign_on.text_digest,
                    withdrawn_ms=entry.withdrawal.at_ms,
                    signature=entry.withdrawal.act_signature,
                )
            )
    for one in statement.outside:
        if one.state is EntryState.WITHDRAWN_AFTER_RELEASE and one.withdrawal is not None:
            found.append(one.withdrawal)
    return tuple(sorted(found, key=lambda one: one.act_key))


def make_addendum(statement: Statement, *, roster: Roster, act_key: SigningKey, now_ms: int) -> AddendumBody:
    """Publish who signed since. Whether the author may is for the campaign's membership: as a release.

    Nobody's consent is asked anew: the text is out, and a list that grows speaks for nobody who is not on it.

    Raises:
        WrongPhase: not released, or nobody waits.
        OverLimit: a release has no more addenda than `ADDENDA_MAX`.
    """
    frozen, released = statement.frozen, statement.released
    if frozen is None or released is None:
        raise WrongPhase("The letter is not released yet: who signs now stands on its list.")
    waiting = late(statement, roster)
    if waiting.empty:
        raise WrongPhase("Nobody signed or withdrew since: there is nothing to add.")
    chain = statement.addenda
    if len(chain) == ADDENDA_MAX:
        raise OverLimit(f"A letter has at most {ADDENDA_MAX} addenda.")
    body = AddendumBody(
        at_ms=to_second(now_ms),
        statement=statement.id,
        digest=frozen.digest,
        release=released.body.tally_digest,
        number=len(chain) + 1,
        before=chain[-1].text_digest if chain else b"",
        sign_ons=tuple([one.id for one in waiting.sign_ons if not one.sealed]),
        tally_digest=list_digest(frozen.digest, waiting.sign_ons, waiting.outside),
        act_signature=bytes(64),
        outside=listed(waiting.outside),
        unsealed=unsealed(waiting.sign_ons),
        withdrawals=waiting.withdrawals,
    )
    text = addendum_text(frozen.digest, act_key.public, fields_in(body))
    return dataclasses.replace(body, act_signature=act_key.sign(text))


def unsealed(sign_ons: Iterable[SignOn]) -> tuple[OpenedSignOn, ...]:
    """Those of these that were sealed, as a list holds them."""
    return tuple(
        [
            OpenedSignOn(
                author=one.author,
                act_key=one.act_key,
                fields=fields_of(one.body, one.act_key),
                act_signature=one.body.act_signature,
                in_ring=one.body.in_ring,
            )
            for one in sign_ons
            if one.sealed
        ]
    )

"""A coalition that drafts, freezes, signs and releases through the real builders, without a node.

`Desk` plays the log: it gives operations ids, depths and seqs, and lets each member hold any part of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from meshcoal.clock import DAY_MS
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.statement.addenda import make_addendum
from meshcoal.statement.drafting import make_amend, make_draft, make_freeze
from meshcoal.statement.model import NO_AUTHORITY, Signer, Statement
from meshcoal.statement.model import Row as Row
from meshcoal.statement.reducer import STATEMENT_KINDS, Statements
from meshcoal.statement.signon import make_release, make_sign_on, make_withdrawal
from meshcoal.statement.witnessing import make_sheet, make_strike
from meshcoal.wire.bodies import Body
from meshcoal.wire.operation import Kind
from meshcoal.wire.paper import PaperLine
from meshcoal.wire.terms import Capacity, Seat

CAMPAIGN = CampaignId(hashlib.sha256(b"campaign").digest())
START_MS = 1_795_000_000_000
HOUR_MS = 3_600_000
DEADLINE_MS = START_MS + 48 * HOUR_MS
MEMBERS = ("ana", "ben", "chi", "dov", "eve", "mallory")
SEATS = {
    "ana": Seat.IN_COUNTRY,
    "ben": Seat.EXILE,
    "chi": Seat.INGO,
    "dov": Seat.IN_COUNTRY,
    "eve": Seat.OBSERVER,
    "mallory": Seat.EXILE,
}
ENGLISH = "Dear Minister,\n\nRelease Dr. Haddad.\nShe is ill.\n\nYours"
PERSIAN = "جناب وزیر،\n\nدکتر حداد را آزاد کنید؛ می‌خواهیم پاسخ دهید."


def author(name: str) -> AuthorId:
    return AuthorId(hashlib.sha256(b"author " + name.encode()).digest())


def act_key(name: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(b"act " + name.encode()).digest())


ORGANISERS = ("ana", "chi")
_SIGNERS = {
    author(name): Signer(act=act_key(name).public, seat=SEATS[name], organiser=name in ORGANISERS)
    for name in MEMBERS
}
_NAMES = {author(name): name for name in MEMBERS}


def roster(who: AuthorId) -> Signer | None:
    return _SIGNERS.get(who)


def name_of(who: AuthorId) -> str:
    return _NAMES[who]


class Desk:
    """Writes operations on top of what the writer has seen; remembers all of them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.parents: dict[OperationId, frozenset[OperationId]] = {}
        self.now_ms = START_MS
        self.authority = NO_AUTHORITY  # what holds wherever something is written from now on

    def view(self, statement: bytes, seen: Iterable[Row] | None = None) -> Statement:
        found = folded(self.rows if seen is None else seen).get(OperationId(statement))
        assert found is not None
        return found

    def write(self, who: str, kind: Kind, body: Body, seen: Iterable[Row] | None = None) -> Row:
        """Add an operation whose causal past is `seen` and the writer's own log."""
        self.now_ms += 1_000
        own = [row for row in self.rows if row.author == author(who)]
        past = {row.id for row in (self.rows if seen is None else seen)} | {row.id for row in own}
        depth = 1 + max([row.depth for row in self.rows if row.id in past], default=0)
        place = repr((who, len(own), depth, kind, sorted(past))).encode()
        row = Row(
            id=OperationId(hashlib.sha256(place).digest()),
            author=author(who),
            seq=len(own),
            depth=depth,
            kind=kind,
            body=body,
            authority=self.authority if kind in (Kind.SIGN, Kind.REQUEST, Kind.APPROVAL) else None,
        )
        self.rows.append(row)
        self.parents[row.id] = frozenset(past)
        return row

    def draft(self, who: str = "ana", *, title: str = "Free Dr. Haddad", text: str = ENGLISH) -> Row:
        body = make_draft(language="en", title=title, text=text, now_ms=self.now_ms)
        return self.write(who, Kind.DRAFT, body)

    def translate(self, draft: Row, who: str = "ben", *, language: str = "fa", text: str = PERSIAN) -> Row:
        body = make_amend(
            self.view(draft.id),
            language=language,
            title="دکتر حداد را آزاد کنید",
            text=text,
            base=b"",
            now_ms=self.now_ms,
        )
        return self.write(who, Kind.AMEND, body)

    def freeze(self, draft: Row, who: str = "ana", *, seen: list[Row] | None = None, **more: Any) -> Row:
        body = make_freeze(
            self.view(draft.id, seen),
            revisions=(),
            addressees=("The Minister of Justice",),
            deadline_ms=DEADLINE_MS,
            now_ms=self.now_ms,
            **more,
        )
        return self.write(who, Kind.FREEZE, body, seen)

    def amend(self, draft: Row, who: str = "ben", *, text: str, seen: list[Row] | None = None) -> Row:
        """A further text in English, on top of the newest one that stands alone."""
        body = make_amend(
            self.view(draft.id, seen),
            language="en",
            title="Free Dr. Haddad",
            text=text,
            base=b"",
            now_ms=self.now_ms,
        )
        return self.write(who, Kind.AMEND, body, seen)

    def revise(
        self,
        draft: Row,
        who: str = "ana",
        *,
        deadline_ms: int = DEADLINE_MS,
        addressees: tuple[str, ...] = ("The Minister of Justice",),
        seen: list[Row] | None = None,
        **more: Any,
    ) -> Row:
        """Freeze the next version."""
        before = self.view(draft.id, seen)
        assert before.frozen is not None
        body = make_freeze(
            before,
            revisions=(),
            addressees=addressees,
            deadline_ms=deadline_ms,
            replaces=before.frozen.digest,
            now_ms=self.now_ms,
            **more,
        )
        return self.write(who, Kind.FREEZE, body, seen)

    def sign(
        self,
        draft: Row,
        who: str,
        *,
        capacity: Capacity = Capacity.ORGANISATION,
        name: str = "",
        affiliation: str = "",
        country: str = "Bahrain",
        seen: list[Row] | None = None,
        **more: Any,
    ) -> Row:
        """`more`: what else `make_sign_on` takes."""
        statement = self.view(draft.id, seen)
        body = make_sign_on(
            statement,
            me=author(who),
            seat=SEATS[who],
            act_key=act_key(who),
            digest=statement.frozen.digest if statement.frozen else bytes(32),
            capacity=capacity,
            name=name or f"The {who} Centre",
            title="",
            affiliation=affiliation,
            country=country,
            authority=self.authority,
            entropy=SeededEntropy(repr((who, len(self.rows))).encode()),
            languages_read=statement.frozen.languages[:1] if statement.frozen else (),
            now_ms=self.now_ms,
            **more,
        )
        return self.write(who, Kind.SIGN, body, seen)

    def withdraw(self, draft: Row, who: str, *, seen: list[Row] | None = None) -> Row:
        statement = self.view(draft.id, seen)
        body = make_withdrawal(statement, me=author(who), act_key=act_key(who), now_ms=self.now_ms)
        return self.write(who, Kind.WITHDRAW, body, seen)

    def paper(
        self,
        draft: Row,
        who: str,
        *names: str,
        number: int = 0,
        corrects: bool = False,
        dated_ms: int = START_MS - START_MS % DAY_MS,
        scan: bytes = b"",
        note: str = "",
        seen: list[Row] | None = None,
    ) -> Row:
        """Enter a sheet with a line for each name; an empty name leaves its line out."""
        statement = self.view(draft.id, seen)
        lines = [
            PaperLine(line=at, salt=bytes(32), capacity=Capacity.INDIVIDUAL, name=name, country="Bahrain")
            for at, name in enumerate(names, start=1)
            if name
        ]
        body = make_sheet(
            statement,
            act_key=act_key(who),
            digest=statement.frozen.digest if statement.frozen else bytes(32),
            number=number,
            witness="",
            scan=scan or hashlib.sha256(repr((who, names, number)).encode()).digest(),
            dated_ms=dated_ms,
            lines=lines,
            corrects=corrects,
            note=note,
            entropy=SeededEntropy(repr((who, len(self.rows))).encode()),
            now_ms=self.now_ms,
        )
        return self.write(who, Kind.PAPER, body, seen)

    def strike(
        self,
        draft: Row,
        who: str,
        number: int,
        *lines: int,
        witness: str = "",
        seen: list[Row] | None = None,
    ) -> Row:
        """Take lines back; `ana` is an organiser."""
        body = make_strike(
            self.view(draft.id, seen),
            act_key=act_key(who),
            organiser=who in ORGANISERS,
            witness=act_key(witness).public if witness else b"",
            number=number,
            lines=lines,
            now_ms=self.now_ms,
        )
        return self.write(who, Kind.STRIKE, body, seen)

    def release(self, draft: Row, who: str = "ana", *, seen: list[Row] | None = None) -> Row:
        body = make_release(self.view(draft.id, seen), act_key=act_key(who), now_ms=self.now_ms)
        return self.write(who, Kind.RELEASE, body, seen)

    def addendum(self, draft: Row, who: str = "ana", *, seen: list[Row] | None = None) -> Row:
        body = make_addendum(
            self.view(draft.id, seen), roster=roster, act_key=act_key(who), now_ms=self.now_ms
        )
        return self.write(who, Kind.ADDENDUM, body, seen)


def added_desk() -> tuple[Desk, Row]:
    """The letter of `released_desk`, and two addenda: Dov; then Mallory, and that Ben withdrew."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    desk.addendum(draft)
    desk.now_ms = DEADLINE_MS + HOUR_MS
    desk.sign(draft, "mallory", late=True)
    desk.withdraw(draft, "ben")
    desk.addendum(draft, "ben")
    return desk, draft


def folded(rows: Iterable[Row], ineffective: Iterable[OperationId] = ()) -> Statements:
    """All of these operations applied in this order."""
    struck = set(ineffective)
    statements = Statements(CAMPAIGN, roster)
    for row in rows:
        if row.kind in STATEMENT_KINDS:  # not those of cases
            statements.apply(row, row.id not in struck)
    return statements


def released_desk() -> tuple[Desk, Row]:
    """Two languages, three signatories of three kinds, released."""
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.sign(draft, "ben", capacity=Capacity.INDIVIDUAL, name="بن جهانی")
    desk.sign(draft, "chi", capacity=Capacity.AFFILIATED, name="Chi Nwosu", affiliation="Open University")
    desk.release(draft)
    return desk, draft

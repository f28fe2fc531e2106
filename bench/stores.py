"""Stores of any size for benches: several campaigns, many authors, members who come, statements, and a year
of new keys, written by the node's own composer and acceptor. One that was made is kept, and copied.

    python bench/stores.py FOLDER --operations 1000000

Law: what is in the store could have come about on a node. Only time is made up, and one process writes for
all members.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from common import PASSPHRASE, arguments, progress

from meshcoal.api.views import MemberState
from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.signing import SigningKey
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.node.campaign import Campaign
from meshcoal.node.compose import Why
from meshcoal.node.contacts import first_changes
from meshcoal.node.core import Core
from meshcoal.node.effects import Persist
from meshcoal.node.persona import Persona, new_persona
from meshcoal.node.records import CampaignRecord
from meshcoal.node.step import Step
from meshcoal.statement import drafting, signon
from meshcoal.statement.model import Statement
from meshcoal.store.migrate import migrations
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault
from meshcoal.wire.bodies import (
    CHANNEL_ID_BYTES,
    AddBody,
    Body,
    ChannelBody,
    ChannelSeed,
    CreateBody,
    PostBody,
    RoleBody,
)
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Capacity, Role, Seat

AUTHORS: Final = 50
CAMPAIGNS: Final = 4
CONTROLS: Final = 2_000
STATEMENTS: Final = 100
CHANNELS: Final = 6
SPAN_MS: Final = 300 * DAY_MS
TALK_DAYS: Final = 365
BATCH: Final = 512
MADE: Final = "made.json"
VERSION: Final = 3  # of what is made: count up when it changes

Tell = Callable[[int], None]


def stored(
    folder: Path,
    operations: int,
    *,
    authors: int = AUTHORS,
    controls: int = CONTROLS,
    statements: int = STATEMENTS,
    tell: Tell | None = None,
) -> Path:
    """The home of a node with so many operations, made now or before. Copy it before use.

    Args:
        controls, statements: in the first of the campaigns, which has seven tenths of all operations.
    """
    home = folder / f"store-{operations}-{authors}-{controls}-{statements}"
    tables = hashlib.sha256("".join(step.sql for step in migrations()).encode()).hexdigest()
    layout = {"version": VERSION, "layout": tables}
    note = home / MADE
    if not note.exists() or json.loads(note.read_text()) != layout:
        shutil.rmtree(home, ignore_errors=True)
        fresh = home.with_name(home.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        with _opened(fresh) as store:
            if operations:
                _Scribe(store, authors=authors, tell=tell).write(operations, controls, statements)
        (fresh / MADE).write_text(json.dumps(layout))
        fresh.rename(home)
    return home


def copied(made: Path, to: Path) -> Path:
    """A home of its own, for a daemon that changes it."""
    shutil.copytree(made, to)
    return to


@contextmanager
def _opened(home: Path) -> Iterator[Store]:
    entropy = OsEntropy()
    key = Vault.create(home, PASSPHRASE, entropy, memory_kib=ARGON2_MEMORY_MIN_KIB, passes=ARGON2_PASSES_MIN)
    store = Store.open(home, key.read())
    try:
        began_ms = int(time.time() * 1000) - SPAN_MS
        store.commit(first_changes(name="node", entropy=entropy, now_ms=began_ms))
        yield store
    finally:
        store.close()


class _Scribe:
    """All members of all campaigns, in the store of the one who founded them."""

    def __init__(self, store: Store, *, authors: int, tell: Tell | None) -> None:
        self._store = store
        self._authors = authors
        self._tell = tell
        self._entropy = OsEntropy()
        self._sealer = XWingSealer()
        self._core = Core(reader=store.reader, entropy=self._entropy, sealer=self._sealer, kem=MLKEM768())
        self._now_ms = int(time.time() * 1000) - SPAN_MS
        self._step = Step(self._now_ms)
        self._pending = 0  # operations of the step in progress
        self.written = 0

    def write(self, operations: int, controls: int, statements: int) -> None:
        each_ms = max(1, (SPAN_MS - DAY_MS) // operations)
        for number in range(CAMPAIGNS):
            share = operations * 7 // 10 if number == 0 else operations // 10
            self._now_ms = int(time.time() * 1000) - SPAN_MS
            story = _Story(self, self._found(f"campaign {number}"), self._personas)
            story.tell(
                share,
                controls=controls if number == 0 else controls // 20,
                statements=statements if number == 0 else statements // 20,
                each_ms=each_ms * operations // share,
            )
        for (
            campaign
        ) in self._core.campaigns.values():  # as the node does, some seconds after the last of them
            while not campaign.statements.written:
                campaign.statements.write(self._step)
        self.commit()

    # --- One step after another

    @property
    def step(self) -> Step:
        return self._step

    def pass_time(self, span_ms: int) -> None:
        self._now_ms += span_ms
        if self._pending >= BATCH:
            self.commit()
        self._step.now_ms = self._now_ms

    def wrote(self, count: int = 1) -> None:
        self._pending += count
        self.written += count

    def commit(self) -> None:
        for campaign in self._core.campaigns.values():
            campaign.end_step(self._step)
        for effect in self._step.effects():
            if isinstance(effect, Persist):
                self._store.commit(effect.changes)
        self._step = Step(self._now_ms)
        self._pending = 0
        if self._tell is not None:
            self._tell(self.written)

    @property
    def core(self) -> Core:
        return self._core

    def id(self) -> bytes:
        return self._entropy.take(CHANNEL_ID_BYTES)

    def _found(self, name: str) -> Campaign:
        self._personas = [
            Persona(
                new_persona(name=f"member {number}", entropy=self._entropy, sealer=self._sealer), self._sealer
            )
            for number in range(self._authors)
        ]
        founder = self._personas[0]
        channels = tuple([ChannelSeed(id=self.id(), name=f"channel {place}") for place in range(CHANNELS)])
        body = CreateBody(
            at_ms=self._now_ms,
            name=name,
            goal="to see how long it takes",
            founder=founder.card(()),
            seat=Seat.EXILE,
            channels=channels,
            talk_days=TALK_DAYS,
        )
        operation, own = self._core.composer.create(
            key=SigningKey.from_seed(founder.record.operation), body=body, now_ms=self._now_ms
        )
        record = CampaignRecord(persona=founder.record, state=MemberState.ACTIVE, peers=(), admitted_by=b"")
        campaign = self._core.open_campaign(self._step, CampaignId(operation.id), record)
        self._core.acceptor.insert(campaign, self._step, operation, own=own)
        self.commit()
        for persona in self._personas[1:]:
            add = AddBody(at_ms=self._now_ms, member=persona.card(()), seat=Seat.INGO, role=Role.MEMBER)
            self._core.composer.admit(campaign, self._step, add, persona.prekey_public())
            self.wrote()
            self.commit()
            campaign.seeds.add(
                self._step, persona.record.operation, author=persona.author, seq=0, at_ms=self._now_ms
            )
        self._core.composer.rekey(campaign, self._step, Why.UPDATE)  # the founder gets a chain of each
        self.commit()
        return campaign


class _Story:
    """What happens in one campaign: mostly talk."""

    def __init__(self, scribe: _Scribe, campaign: Campaign, personas: list[Persona]) -> None:
        self._scribe = scribe
        self._core = scribe.core
        self._campaign = campaign
        self._personas = personas
        self._channels = list(campaign.roster().channels)
        self._founder = campaign.persona
        self._statement = b""
        self._statement_left: list[Callable[[], None]] = []

    def tell(self, count: int, *, controls: int, statements: int, each_ms: int) -> None:
        campaign = self._campaign
        rekey_every = max(1, count // max(1, controls * 9 // 10 - len(self._personas)))
        change_every = max(1, count // max(1, controls // 10))
        state_every = max(1, count // max(1, statements))
        keep_every = max(1, DAY_MS // each_ms)
        begun = campaign.count
        for number in range(count):
            if campaign.count - begun >= count:
                break
            self._scribe.pass_time(each_ms)
            now_ms = self._scribe.step.now_ms
            if controls and number % rekey_every == rekey_every - 1:
                self._core.composer.rekey(campaign, self._scribe.step, Why.UPDATE)
                self._scribe.wrote(30)  # the directs of a rekey are as large as so many messages
            if controls and number % change_every == change_every - 1:
                self._change(number // change_every, now_ms)
            if number % keep_every == keep_every - 1:
                self._scribe.commit()
                self._core.upkeep.keep(self._scribe.step, campaign)
            if statements and number % state_every == 0:
                self._begin_statement(number // state_every, now_ms)
            if self._statement_left and number % max(1, state_every // 100) == 0:
                self._statement_left.pop(0)()
            self._say(number, now_ms)
        self._scribe.commit()

    def _say(self, number: int, now_ms: int) -> None:
        channel = self._channels[number % 3 if number % 10 else number // 10 % len(self._channels)]
        text = f"message {number} " + "m" * 280
        body = PostBody(at_ms=now_ms, channel=channel, text=text, reply_to=b"")
        self._by(number % len(self._personas), Kind.POST, body)

    def _by(self, place: int, kind: Kind, body: Body) -> OperationId:
        """An operation by one of the members, into the founder's store."""
        campaign = self._campaign
        me = campaign.me
        campaign.persona = self._personas[place]
        campaign.keyring = replace(campaign.keyring, me=campaign.me)
        campaign.dag.me = campaign.me
        campaign.own_epoch = (campaign.dag.top(campaign.me), body.at_ms)  # who talks begins no epoch here
        written = self._core.composer.write(campaign, self._scribe.step, kind, body)
        campaign.persona = self._founder
        campaign.keyring = replace(campaign.keyring, me=me)
        campaign.dag.me = me
        self._scribe.wrote()
        return written.id

    def _change(self, number: int, now_ms: int) -> None:
        if number % 20 == 0 and len(self._channels) < 20:
            seed = ChannelSeed(id=self._scribe.id(), name=f"channel {len(self._channels)}")
            self._channels.append(seed.id)
            self._by(0, Kind.CHANNEL, ChannelBody(at_ms=now_ms, channel=seed))
            return
        member = self._personas[1 + number % (len(self._personas) - 1)].author
        seat = (Seat.INGO, Seat.EXILE)[number % 2]
        self._by(0, Kind.ROLE, RoleBody(at_ms=now_ms, member=member, seat=seat, role=Role.MEMBER))

    def _begin_statement(self, number: int, now_ms: int) -> None:
        """A draft now; amendments, comments, the freeze and everybody's sign-on between the next messages."""
        paragraphs = "\n\n".join(f"Paragraph {place}. " + "text " * 40 for place in range(8))
        draft = drafting.make_draft(
            language="en", title=f"Statement {number}", text=paragraphs, now_ms=now_ms
        )
        self._statement = self._by(1 + number % 5, Kind.DRAFT, draft)
        everybody = range(len(self._personas))
        self._statement_left = [
            *[lambda place=place: self._comment(place) for place in everybody[: len(everybody) // 2]],
            self._freeze,
            *[lambda place=place: self._sign(place) for place in everybody],
            self._release,
        ]

    def _current(self) -> Statement:
        found = self._campaign.statements.get(OperationId(self._statement))
        assert found is not None
        return found

    def _comment(self, place: int) -> None:
        body = drafting.make_comment(
            self._current(),
            me=AuthorId(bytes(32)),  # matters only to who lifts a red line
            revision=self._statement,
            paragraph=1 + place % 8,
            text=f"comment by {place} " + "c" * 100,
            now_ms=self._scribe.step.now_ms,
        )
        self._by(place, Kind.COMMENT, body)

    def _freeze(self) -> None:
        now_ms = self._scribe.step.now_ms
        body = drafting.make_freeze(
            self._current(),
            revisions=(self._statement,),
            addressees=("the public",),
            deadline_ms=now_ms + 30 * DAY_MS,
            now_ms=now_ms,
        )
        self._by(0, Kind.FREEZE, body)

    def _sign(self, place: int) -> None:
        statement = self._current()
        persona = self._personas[place]
        member = self._campaign.roster().members[persona.author]
        if statement.frozen is None or self._scribe.step.now_ms > statement.frozen.deadline_ms:
            return
        body = signon.make_sign_on(
            statement,
            me=persona.author,
            seat=member.seat,
            act_key=persona.act,
            digest=statement.frozen.digest,
            capacity=Capacity.INDIVIDUAL,
            name=f"member {place}",
            title="",
            affiliation="",
            country="",
            languages_read=("en",),
            now_ms=self._scribe.step.now_ms,
        )
        self._by(place, Kind.SIGN, body)

    def _release(self) -> None:
        statement = self._current()
        if statement.counted():
            body = signon.make_release(statement, act_key=self._founder.act, now_ms=self._scribe.step.now_ms)
            self._by(0, Kind.RELEASE, body)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--operations", type=int, default=100_000)
    chosen = parser.parse_args()
    began = time.perf_counter()
    home = stored(chosen.folder, chosen.operations, tell=progress("writing"))
    size_bytes = sum(path.stat().st_size for path in home.iterdir())
    print(f"{home}: {size_bytes / 1024**2:.0f} MiB, {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()

"""A whole case among many nodes: an alert, a letter in three languages, every way to sign, what goes wrong.

The steps are those of people; the network falls apart and heals between them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.ids import CampaignId, Digest
from meshcoal.node.campaign import Campaign
from meshcoal.sim.coalition import author_of
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.crowd import Crowd, Plan
from meshcoal.sim.insider import Insider
from meshcoal.sim.world import World
from meshcoal.statement.counted import name_in_ring, sign_counted
from meshcoal.statement.tally import fields_of
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.counted import RingPlace, placed
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import sign_on_text
from meshcoal.wire.sealed import SEALED

ENGLISH = "Dear Minister,\n\nDr. Haddad was taken on Tuesday at dawn.\n\nRelease her."
PERSIAN = "جناب وزیر،\n\nدکتر حداد سه‌شنبه سحرگاه بازداشت شد.\n\nاو را آزاد کنید."
ARABIC = "معالي الوزير،\n\nاعتُقلت الدكتورة حداد فجر الثلاثاء.\n\nأطلقوا سراحها."
PAPER = (("Wanjiru Otieno", "مریم رضایی", "Asked To Go"), ("Ko Thant", "wanjiru otieno"))
PAPER_GONE = "Asked To Go"
SEALED_UNTIL = 8
SIGN_MS = 30 * MINUTE_MS
GRACE_MS = 15 * MINUTE_MS


@dataclass(slots=True)
class Signed:
    """Who signed how; each name stands in one of these at most."""

    named: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    addressee: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)  # counted, and named nowhere
    uncounted: list[str] = field(default_factory=list)  # who took that back
    conditional: list[str] = field(default_factory=list)  # whose condition holds
    waiting: list[str] = field(default_factory=list)  # whose condition never does
    withdrawn: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    offline: list[str] = field(default_factory=list)  # in time, arriving after the deadline
    forged: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def counted(self) -> set[str]:
        """Names as they stand on the list, but those who are named to the addressee only."""
        return {
            *[centre(name) for name in (*self.named, *self.sealed, *self.conditional, *self.offline)],
            *[centre(name) for name in self.doubled],
            *[role(name) for name in self.role],
        }


def centre(name: str) -> str:
    return f"The {name} Centre"


def role(name: str) -> str:
    return f"a lawyer ({name})"


class LetterCase:
    """One case from the alert to the release."""

    def __init__(self, members: int, *, seed: int) -> None:
        self.crowd = Crowd(Plan(members=members, messages=0, removals=0, joins=0, seed=seed))
        self.world: World = self.crowd.world
        self.campaign: CampaignId = self.crowd.form()
        first = self.world.look(
            self.crowd.inside[0], ask.ShowCampaign(campaign=self.campaign), show.CampaignView
        )
        seats = {one.name: one.seat for one in first.members}
        self.everybody = list(self.crowd.inside)
        self.names = [name for name in self.everybody if seats[name] is not ask.Seat.OBSERVER]
        self.chance = Random(f"{seed} case")
        self.signed = Signed()
        self.letter = b""
        self.digest = b""
        self.deadline_ms = 0
        self._insiders: list[Insider] = []

    @property
    def organiser(self) -> str:
        return self.names[0]

    def command(self, name: str, command: ask.Command) -> show.StatementView:
        return self.world.command(name, command, show.StatementView)

    def look(self, name: str) -> show.StatementView:
        command = ask.ShowStatement(campaign=self.campaign, statement=self.letter)
        return self.world.look(name, command, show.StatementView)

    def wait(self, span_ms: int) -> None:
        for _ in range(0, span_ms, MINUTE_MS):
            self.world.run_ms(MINUTE_MS)

    # --- Alert and draft

    def alert(self) -> bytes:
        """An alert, an answer, a source and the family's consent."""
        first, second, third = self.names[3:6]
        opened = ask.OpenCase(campaign=self.campaign, title="Dr. Haddad was taken", country="Iran")
        case = self.world.command(first, opened, show.CaseView).id
        self.world.run_ms(MINUTE_MS)
        entries: tuple[tuple[str, ask.CaseKind, dict[str, Any]], ...] = (
            (second, ask.CaseKind.ANSWER, {}),
            (second, ask.CaseKind.SOURCE, {"text": "Her brother"}),
            (
                third,
                ask.CaseKind.CONSENT,
                {"consent": ask.Consent.GIVEN, "consenter": ask.Consenter.FAMILY},
            ),
        )
        for name, entry, fields in entries:
            command = ask.EnterCase(campaign=self.campaign, case=case, entry=entry, **fields)
            self.world.command(name, command, show.CaseView)
        return case

    def draft(self, case: bytes) -> None:
        """Two change the English text while they are apart; one merges; translators follow."""
        writer, persian, arabic, other = self.names[6:10]
        draft = ask.DraftStatement(
            campaign=self.campaign, language="en", title="Free Dr. Haddad", text=ENGLISH, case=case
        )
        self.letter = self.command(writer, draft).id
        self.world.run_ms(MINUTE_MS)
        place: dict[str, Any] = {"campaign": self.campaign, "statement": self.letter}
        half = len(self.names) // 2
        far = {writer, *self.names[half:]}
        sides = [[n for n in self.everybody if n in far], [n for n in self.everybody if n not in far]]
        self.world.partition(*sides)
        self.world.run_ms(30_000)
        for name, text in (
            (writer, ENGLISH + "\n\nShe is ill."),
            (other, ENGLISH.replace("at dawn", "at 4")),
        ):
            base = self.look(name).revisions[0].id
            amend = ask.AmendStatement(**place, language="en", title="Free Dr. Haddad", text=text, base=base)
            self.command(name, amend)
        self.world.run_ms(MINUTE_MS)
        self.world.heal()
        self.world.run_ms(3 * MINUTE_MS)
        beside = [one for one in self.look(other).revisions if one.current]
        assert len(beside) == 2
        merged = ask.AmendStatement(
            **place,
            language="en",
            title="Free Dr. Haddad",
            text=ENGLISH.replace("at dawn", "at 4") + "\n\nShe is ill.",
            base=beside[0].id,
            merges=(beside[1].id,),
        )
        source = next(one.id for one in self.command(other, merged).revisions if one.current)
        self.world.run_ms(MINUTE_MS)
        for name, language, title, text in (
            (persian, "fa", "دکتر حداد را آزاد کنید", PERSIAN + "\n\nاو بیمار است."),
            (arabic, "ar", "أطلقوا سراح الدكتورة حداد", ARABIC + "\n\nهي مريضة."),
        ):
            amend = ask.AmendStatement(**place, language=language, title=title, text=text, translates=source)
            self.command(name, amend)
        self.world.run_ms(2 * MINUTE_MS)

    def freeze(self) -> None:
        """Every mode, sealed ones included; some time to sign, and some of grace."""
        self.deadline_ms = (self.world.now_ms + SIGN_MS) // 1000 * 1000
        command = ask.FreezeStatement(
            campaign=self.campaign,
            statement=self.letter,
            revisions=(),
            addressees=("The Minister of Justice", "The Ambassador"),
            deadline_ms=self.deadline_ms,
            soft_deadline_ms=self.deadline_ms - SIGN_MS // 2,
            grace_ms=GRACE_MS,
            modes=tuple(ask.NameMode),
            sealed_until=SEALED_UNTIL,
            paper=True,
        )
        self.digest = self.command(self.organiser, command).digest
        self.world.run_ms(2 * MINUTE_MS)

    # --- Signing

    def sign_apart(self) -> None:
        """Three groups that do not see each other, while everybody signs."""
        parts = self._parts()
        groups = [self.everybody[start::3] for start in range(3)]
        self.world.partition(*groups)
        self.world.run_ms(30_000)
        acts: list[tuple[str, Callable[[str], None]]] = [
            *[(name, self._sign) for name in parts["named"]],
            *[(name, self._sign_by_role) for name in parts["role"]],
            *[(name, self._sign_to_addressee) for name in parts["addressee"]],
            *[(name, self._sign_on_condition) for name in parts["conditional"]],
            *[(name, self._sign_in_vain) for name in parts["waiting"]],
            *[(name, self._sign_and_withdraw) for name in parts["withdrawn"]],
        ]
        self.chance.shuffle(acts)
        for name, act in acts:
            act(name)
            self.world.run_ms(self.chance.randrange(5_000))
        self.enter_paper()
        self.world.heal()
        self.world.run_ms(3 * MINUTE_MS)
        self.take_paper_back()
        for name in parts["sealed"]:
            self._seal(name)
            self.world.run_ms(self.chance.randrange(20_000))
        for name in (*parts["unnamed"], *parts["uncounted"]):
            self._count(name)
            self.world.run_ms(self.chance.randrange(20_000))
        for name in parts["forged"]:
            self._forge(name)
        for name in parts["doubled"]:
            self._double(name)
        self.wait(10 * MINUTE_MS)
        for name in parts["uncounted"]:
            self._count_no_more(name)
        self._count_twice(parts["unnamed"][0])

    def sign_late(self) -> None:
        """Some sign without a network in time, and arrive behind the deadline; others sign behind it."""
        parts = self._parts()
        for name in parts["offline"]:
            self.world.offline(name)
            self._sign(name)
            self.signed.named.remove(name)
            self.signed.offline.append(name)
        self.wait(self.deadline_ms - self.world.now_ms + 5 * MINUTE_MS)
        for name in parts["late"]:
            self._changed_program(name, self._body(name, at_ms=self.deadline_ms + 60_000))
            self.signed.late.append(name)
        for name in parts["offline"]:
            self.world.online(name)
        self.world.run_ms(5 * MINUTE_MS)

    def release(self) -> None:
        """Behind the grace period; then one withdraws once more."""
        self.wait(self.deadline_ms + GRACE_MS - self.world.now_ms + MINUTE_MS)
        command = ask.ReleaseStatement(campaign=self.campaign, statement=self.letter)
        self.command(self.names[1], command)
        self.world.run_ms(2 * MINUTE_MS)

    def add_late(self) -> None:
        """The silent ones sign late; two organisers publish apart; what fell is published once more."""
        self.signed.silent = self._parts()["silent"]
        for name in self.signed.silent:
            self._sign(name, late=True)
            self.signed.named.remove(name)
        self.world.run_ms(2 * MINUTE_MS)
        publish = ask.PublishAddendum(campaign=self.campaign, statement=self.letter)
        apart = [name for name in self.everybody if name != self.names[1]]
        self.world.partition(apart, [self.names[1]])
        leaver = self.signed.silent[0]
        self.command(leaver, ask.WithdrawSignature(campaign=self.campaign, statement=self.letter))
        self.world.run_ms(MINUTE_MS)
        self.command(self.names[0], publish)
        self.command(self.names[1], publish)
        self.world.heal()
        self.wait(5 * MINUTE_MS)
        if self.look(self.names[0]).late is not None:
            self.command(self.names[0], publish)
            self.wait(5 * MINUTE_MS)

    # --- Paper

    def enter_paper(self) -> None:
        """Two witnesses enter sheets, apart from each other; one enters theirs anew."""
        for witness, people in ((self.names[0], PAPER[0]), (self.names[2], ("Only At First",))):
            self._enter_sheet(witness, people)
        self._enter_sheet(self.names[2], PAPER[1], number=1, corrects=True)

    def take_paper_back(self) -> None:
        """An organiser who entered nothing takes a line back; a changed program enters what nobody signed."""
        command = ask.ListPaper(campaign=self.campaign, statement=self.letter)
        sheets = self.world.look(self.names[1], command, show.PaperView).sheets
        theirs = next(one for one in sheets if any(line.name == PAPER_GONE for line in one.lines))
        gone = next(line.line for line in theirs.lines if line.name == PAPER_GONE)
        strike = ask.StrikeLines(
            campaign=self.campaign,
            statement=self.letter,
            witness=theirs.key,
            number=theirs.number,
            lines=(gone,),
        )
        self.world.command(self.names[1], strike, show.PaperView)

    def _enter_sheet(self, witness: str, people: tuple[str, ...], **more: Any) -> None:
        now_ms = self.world.now_ms
        command = ask.EnterSheet(
            campaign=self.campaign,
            statement=self.letter,
            digest=self.digest,
            scan=hashlib.sha256(repr(people).encode()).digest(),
            dated_ms=now_ms - now_ms % DAY_MS,
            lines=tuple([ask.GivenLine(line=at, name=name) for at, name in enumerate(people, start=1)]),
            note="Secret note of a witness",
            **more,
        )
        self.world.command(witness, command, show.PaperView)

    def honest(self) -> list[str]:
        """Whose own node speaks for them."""
        stolen = {*self.signed.late, *self.signed.forged, *self.signed.doubled}
        return [name for name in self.everybody if name not in stolen]

    def _parts(self) -> dict[str, list[str]]:
        """Who does what; organisers and writers sign like others, or are silent."""
        rest = self.names[2:]
        sizes = (
            ("sealed", SEALED_UNTIL + 2), ("role", 3), ("addressee", 3), ("conditional", 2), ("waiting", 2),
            ("unnamed", 5), ("uncounted", 1), ("withdrawn", 3), ("late", 2), ("offline", 3), ("forged", 2),
            ("doubled", 2), ("silent", 1),
        )  # fmt: skip
        parts, at = {}, 0
        for what, size in sizes:
            parts[what] = rest[at : at + size]
            at += size
        parts["named"] = rest[at:]
        return parts

    def _sign(self, who: str, **changes: Any) -> None:
        command = ask.SignStatement(
            campaign=self.campaign,
            statement=self.letter,
            digest=self.digest,
            capacity=ask.Capacity.ORGANISATION,
            name=centre(who),
            languages_read=(self.chance.choice(("en", "fa", "ar")),),
        )
        self.command(who, dataclasses.replace(command, **changes))
        self.signed.named.append(who)

    def _moved(self, name: str, to: list[str]) -> None:
        self.signed.named.remove(name)
        to.append(name)

    def _sign_by_role(self, name: str) -> None:
        self._sign(name, mode=ask.NameMode.ROLE, name=role(name), capacity=ask.Capacity.INDIVIDUAL)
        self._moved(name, self.signed.role)

    def _sign_to_addressee(self, name: str) -> None:
        self._sign(name, mode=ask.NameMode.ADDRESSEE)
        self._moved(name, self.signed.addressee)

    def _sign_on_condition(self, name: str) -> None:
        self._sign(name, needs=(ask.Need(at_least=2, seat=ask.Seat.IN_COUNTRY),))
        self._moved(name, self.signed.conditional)

    def _sign_in_vain(self, name: str) -> None:
        self._sign(name, needs=(ask.Need(at_least=len(self.names)),))
        self._moved(name, self.signed.waiting)

    def _sign_and_withdraw(self, name: str) -> None:
        self._sign(name)
        self.command(name, ask.WithdrawSignature(campaign=self.campaign, statement=self.letter))
        self._moved(name, self.signed.withdrawn)

    def _seal(self, name: str) -> None:
        """Only who has met enough others in person may."""
        for other in self.names:
            if other != name:
                author = author_of(self.world, other, self.campaign)
                met = ask.ConfirmMember(campaign=self.campaign, author=author, match=True)
                self.world.command(name, met, show.MemberWordsView)
        command = ask.SignSealed(
            campaign=self.campaign,
            statement=self.letter,
            digest=self.digest,
            capacity=ask.Capacity.ORGANISATION,
            name=centre(name),
        )
        self.command(name, command)
        self.signed.sealed.append(name)

    def _body(self, name: str, *, at_ms: int, said: str = "") -> SignBody:
        """A sign-on that a changed program makes, with the keys of its owner."""
        own = open_campaign(self.world.machines[name].disk, self.campaign)
        key = own.persona.act
        body = SignBody(
            at_ms=at_ms,
            statement=self.letter,
            digest=self.digest,
            capacity=ask.Capacity.ORGANISATION,
            name=said or centre(name),
            title="",
            affiliation="",
            country="",
            languages_read=(),
            act_signature=bytes(64),
            in_ring=self._place(own),
        )
        text = sign_on_text(Digest(self.digest), key.public, fields_of(body, key.public))
        return dataclasses.replace(body, act_signature=key.sign(text))

    def _place(self, own: Campaign) -> RingPlace:
        """Which key of the ring is this member's."""
        (held,) = own.rounds.polls.held.values()
        secrets = own.rounds.polls.mine(own.rounds.weeks, held)
        assert secrets is not None
        ring_key, chance = RingKey(secrets.ring_seed), SeededEntropy(bytes(own.me))
        named = name_in_ring(held.box.poll, ring_key=ring_key, act_key=own.persona.act, entropy=chance)
        return placed(named)

    def _count(self, name: str) -> None:
        place: dict[str, Any] = {"campaign": self.campaign, "statement": self.letter}
        self.command(name, ask.SignCounted(**place, digest=self.digest))
        self.signed.unnamed.append(name)

    def _count_no_more(self, name: str) -> None:
        self.command(name, ask.WithdrawCounted(campaign=self.campaign, statement=self.letter))
        self.signed.unnamed.remove(name)
        self.signed.uncounted.append(name)

    def _count_twice(self, name: str) -> None:
        """Counted already; a copy of the disk counts itself once more, at several nodes."""
        insider = Insider(self.world, name, self.campaign, name=f"second of {name}", forks=False)
        self._insiders.append(insider)
        polls = insider.campaign.rounds.polls
        (held,) = polls.held.values()
        secrets = polls.mine(insider.campaign.rounds.weeks, held)
        assert secrets is not None
        for number, victim in enumerate(self.names[1:5]):
            entropy = SeededEntropy(b"again %d" % number)
            again = sign_counted(held.box.poll, ring_key=RingKey(secrets.ring_seed), entropy=entropy)
            insider.say(victim, [LooseItems(items=(SEALED.encode(again),))])
            self.world.run_ms(5_000)

    def _forge(self, name: str) -> None:
        """Somebody's signature under another name than they signed."""
        body = self._body(name, at_ms=self.world.now_ms // 1000 * 1000)
        self._changed_program(name, dataclasses.replace(body, name="The Presidency"))
        self.signed.forged.append(name)

    def _double(self, name: str) -> None:
        """Signs, and then once more under another name."""
        self._sign(name)
        self.world.run_ms(5_000)
        body = self._body(name, at_ms=self.world.now_ms // 1000 * 1000, said="The Other Centre")
        self._changed_program(name, body)
        self._moved(name, self.signed.doubled)

    def _changed_program(self, name: str, body: SignBody) -> None:
        """From now on this member's own node is off; a copy of its disk says this."""
        self.world.offline(name)
        self.world.run_ms(25_000)
        insider = Insider(self.world, name, self.campaign, name=f"copy of {name}")
        self._insiders.append(insider)
        insider.give(self.names[1], insider.forge(Kind.SIGN, body).encoded)
        self.world.run_ms(5_000)

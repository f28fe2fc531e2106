"""Attacks on operations, one row for each kind.

A campaign in which every kind was written, and nodes that are handed each where and when it should not be.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.ids import CampaignId
from meshcoal.node.accept import Acceptor
from meshcoal.node.campaign import Campaign
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sim.coalition import form_campaign
from meshcoal.sim.convergence import open_campaign
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.haste import Hasty
from meshcoal.sim.tongues import TwoTongues
from meshcoal.sim.world import World
from meshcoal.wire import canonical
from meshcoal.wire.bodies import PostBody
from meshcoal.wire.call import parse_call
from meshcoal.wire.operation import Kind, Operation, decode_operation
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Capacity, Role

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "node"))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from callwork import replies_of, signs
from nodework import CALM
from refusalwork import Apart, Harmless, Refused, Row, code_of

PART: Final = "Operations"
NAMES: Final = ("ana", "ben", "chi", "dov")


@functools.cache
def world() -> tuple[World, CampaignId, CampaignId]:
    """Four members, every kind of operation, and a second campaign of Ana's."""
    made = World(9, CALM, maker=Hasty())
    made.spawn(*NAMES)
    made.run_ms(100)
    campaign = form_campaign(made, "ana", NAMES[1:], organisers=("ben",))
    made.run_ms(MINUTE_MS)
    view = made.look("ana", ask.ShowCampaign(campaign=campaign), show.CampaignView)
    author = {one.name: one.author for one in view.members}
    seats = {one.name: one.seat for one in view.members}

    def told(name: str, command: ask.Command, kind: type[Record] = Record) -> object:
        answer = made.command(name, command, kind)
        made.run_ms(5_000)
        return answer

    told("ana", ask.OpenChannel(campaign=campaign, name="press"))
    told("ana", ask.SetRole(campaign=campaign, author=author["chi"], seat=seats["chi"], role=Role.ORGANISER))
    told("ben", ask.SetHints(hints=("192.0.2.9:7600",)))
    channel = view.channels[0].id
    told("ben", ask.PostMessage(campaign=campaign, channel=channel, text="gate 4 at nine"))
    letter = told(
        "ana",
        ask.DraftStatement(campaign=campaign, language="en", title="Free Dr. Haddad", text="Dear Minister,"),
        show.StatementView,
    )
    assert isinstance(letter, show.StatementView)
    place: dict[str, Any] = {"campaign": campaign, "statement": letter.id}
    revision = letter.revisions[0].id
    told(
        "ben", ask.AmendStatement(**place, language="en", title="Free Dr. Haddad", text="Sir,", base=revision)
    )
    told("chi", ask.CommentStatement(**place, revision=revision, paragraph=0, text="shorter"))
    told(
        "ana",
        ask.FreezeStatement(
            **place, revisions=(), addressees=("The Minister",), deadline_ms=made.now_ms + DAY_MS, paper=True
        ),
    )
    frozen = made.look("ana", ask.ShowStatement(**place), show.StatementView)
    for name in ("ana", "ben"):
        told(
            name,
            ask.SignStatement(
                **place, digest=frozen.digest, capacity=Capacity.INDIVIDUAL, name=f"The {name}"
            ),
        )
    agree = ask.CommentStatement(
        **place,
        revision=next(one.id for one in frozen.revisions if one.frozen),
        paragraph=0,
        text="",
        stance=ask.Stance.AGREE,
    )
    told("ben", agree)  # whose seat is in the country
    told("ben", ask.WithdrawSignature(**place))
    steps = (
        ask.OfficeStep(name="policy", holders=(author["ben"],), wait_ms=0),
        ask.OfficeStep(name="director", holders=(author["ana"],), wait_ms=0),
    )
    offices = told("ana", ask.MakeOffice(campaign=campaign, name="Us", steps=steps), show.OfficesView)
    assert isinstance(offices, show.OfficesView)
    office = offices.offices[0].id
    scope = ask.MandateScope(words="Any", topics=(), countries=(), asks_excluded=())
    mandates = told(
        "ana",
        ask.GiveMandate(
            campaign=campaign,
            office=office,
            holder=author["ben"],
            scope=scope,
            expires_ms=made.now_ms + DAY_MS,
        ),
        show.OfficesView,
    )
    assert isinstance(mandates, show.OfficesView)
    told("ana", ask.RevokeMandate(campaign=campaign, mandate=mandates.mandates[0].id))
    asked = told("ana", ask.RequestSignature(**place, office=office), show.StatementView)
    assert isinstance(asked, show.StatementView)
    told(
        "ben",
        ask.DecideRequest(**place, request=asked.requests[0].id, verdict=ask.Verdict.APPROVE),
    )
    calls = told(
        "ana",
        ask.OpenCall(**place, digest=frozen.digest, asks="Us", reply_to=("here",), needed=2),
        show.CallsView,
    )
    assert isinstance(calls, show.CallsView)
    told("chi", ask.GrantCall(**place, call=calls.calls[0].id))
    call = parse_call(calls.calls[0].text)
    said = replies_of(
        call, DeterministicSealer(SeededEntropy(b"outside")), signs(call, "Forum", at_ms=made.now_ms)
    )
    told("ana", ask.ImportReplies(**place, replies=said))
    waiting = made.look("ana", ask.ListReplies(**place), show.RepliesView)
    chosen = tuple([one.id for one in waiting.replies])
    told("ana", ask.DecideReplies(**place, replies=chosen, decision=ask.Decision.ACCEPT))
    lines = (ask.GivenLine(line=1, name="Eve Five"), ask.GivenLine(line=2, name="Flo Six"))
    day_ms = made.now_ms - made.now_ms % DAY_MS
    told("ben", ask.EnterSheet(**place, digest=frozen.digest, scan=bytes(32), dated_ms=day_ms, lines=lines))
    told("ben", ask.StrikeLines(**place, number=1, lines=(2,)))
    copy = TwoTongues(made, "chi", campaign)
    story = PostBody(at_ms=made.now_ms, channel=channel, text="two tongues", reply_to=b"")
    assert copy.tell("ben", Kind.POST, story, back=1) is not None
    made.run_ms(MINUTE_MS)
    told("ana", ask.RestoreMember(campaign=campaign, author=author["chi"]))
    told("ana", ask.SetRules(campaign=campaign, file_bytes_max=2**20, kept_bytes_max=2**25))
    waited_for = made.look("ana", ask.ShowChase(**place), show.ChaseView).asked
    chased = tuple([one.author for one in waited_for if not one.me][:1])
    told("ana", ask.MarkAsked(**place, members=chased, way=ask.Way.CALL))
    told("ana", ask.ReleaseStatement(**place))
    told(
        "ben",
        ask.SignStatement(
            **place, digest=frozen.digest, capacity=Capacity.INDIVIDUAL, name="The ben", late=True
        ),
    )
    told("ana", ask.PublishAddendum(**place))
    told(
        "ana",
        ask.EnterAftermath(
            **place,
            entry=ask.AftermathKind.DELIVERY,
            addressee="The Minister",
            means=ask.Means.BY_HAND,
            follow_up_ms=made.now_ms + DAY_MS,
        ),
    )
    case = told("ben", ask.OpenCase(campaign=campaign, title="Dr. Haddad was taken"), show.CaseView)
    assert isinstance(case, show.CaseView)
    fact = ask.EnterCase(campaign=campaign, case=case.id, entry=ask.CaseKind.FACT, text="She is in Evin.")
    told("ana", fact)
    told("dov", ask.LeaveCampaign(campaign=campaign))
    made.run_ms(MINUTE_MS)
    told("ana", ask.RemoveMember(campaign=campaign, author=author["chi"]))
    made.run_ms(MINUTE_MS)
    for _ in range(6):
        told("ana", ask.PostMessage(campaign=campaign, channel=channel, text="as ever"))
    made.run_ms(6 * MINUTE_MS)
    other = form_campaign(made, "ana", ())
    made.run_ms(MINUTE_MS)
    return made, campaign, other


@functools.cache
def written() -> dict[Kind, Operation]:
    """The last operation of each kind, as Ben holds it."""
    made, campaign, _ = world()
    encoded, _ = made.machines["ben"].disk.reader.after(
        campaign, {}, row=0, operations_max=10_000, bytes_max=2**30
    )
    return {one.header.kind: one for one in map(decode_operation, encoded)}


def acceptor() -> Acceptor:
    chance = SeededEntropy(b"hostile")
    sealer = DeterministicSealer(chance)
    return Acceptor(sealer=sealer, courier=PairwiseCourier(sealer=sealer, entropy=chance), counters={})


def held(name: str, campaign: CampaignId) -> Campaign:
    """What a member's disk holds."""
    return open_campaign(world()[0].machines[name].disk.copy(), campaign)


def given(campaign: Campaign, encoded: bytes) -> tuple[Outcome, Campaign]:
    return acceptor().receive(campaign, Step(world()[0].now_ms), encoded), campaign


def again(kind: Kind) -> Callable[[], object]:
    """Ben, who holds it, is given it once more."""

    def attack() -> object:
        campaign = held("ben", world()[1])
        before = (campaign.count, campaign.dag.heads)
        outcome, _ = given(campaign, written()[kind].encoded)
        assert outcome is Outcome.KNOWN
        assert (campaign.count, campaign.dag.heads) == before
        return None

    return attack


def early(kind: Kind) -> Callable[[], object]:
    """Somebody who holds nothing yet is given it: it waits."""

    def attack() -> object:
        campaign = empty_campaign()
        operation = written()[kind]
        before = campaign.count
        outcome, _ = given(campaign, operation.encoded)
        assert outcome is Outcome.WAITING
        assert campaign.count == before
        return None

    return attack


def empty_campaign() -> Campaign:
    """Ben's side of the campaign before anything of it came."""
    _, campaign, _ = world()
    record = held("ben", campaign).record
    return Campaign.recover(
        id=campaign,
        record=record,
        reader=MemoryDisk().reader,
        sealer=DeterministicSealer(SeededEntropy(b"hostile")),
    )


def elsewhere(kind: Kind) -> Callable[[], object]:
    """Ana's other campaign is given it."""
    return lambda: given(held("ana", world()[2]), written()[kind].encoded)


def cut(kind: Kind) -> Callable[[], object]:
    """By a byte; and each part that a hash covers left out."""

    def attack() -> object:
        operation = written()[kind]
        fields: Any = canonical.decode(operation.encoded, bytes_max=2**20)
        header, signature, body, directs = fields
        shorter = [(header, signature, b"", directs)]
        if directs:
            shorter.append((header, signature, body, directs[:-1]))
        for encoded in map(canonical.encode, shorter):
            assert code_of(partial(decode_operation, encoded)) == "malformed-operation"
        return given(held("ben", world()[1]), operation.encoded[:-1])

    return attack


def forged(kind: Kind) -> Callable[[], object]:
    """Under another author's name: their key in the header, the signature as it was."""

    def attack() -> object:
        operation = written()[kind]
        other = next(
            one.header.author for one in written().values() if one.header.author != operation.header.author
        )
        stolen = replace(operation, header=replace(operation.header, author=other))
        campaign = stolen.campaign if kind is Kind.CREATE else world()[1]
        receiver = held("ben", world()[1])
        receiver.id = campaign
        return given(receiver, stolen.encoded)

    return attack


FREE: Final = "Operations travel on many ways and come more than once"


def row_of(kind: Kind) -> Row:
    own = "a `create` is a campaign of its own" if kind is Kind.CREATE else "its campaign is signed"
    return Row(
        name=f"Operation `{kind.name.lower()}`",
        part=PART,
        page="operation.md",
        covers=(kind,),
        cells=(
            Harmless(how=f"To who holds it. {FREE}", attack=again(kind)),
            Harmless(how="Before its past: it waits, unread", attack=early(kind))
            if kind is not Kind.CREATE
            else Apart(why="Nothing comes before it."),
            Refused(
                how="Cut by a byte, or without its body or a direct",
                code="malformed-operation",
                attack=cut(kind),
            ),
            Refused(how=f"Given to another campaign; {own}", code="wrong-campaign", attack=elsewhere(kind)),
            Refused(how="Another author's key in its header", code="bad-signature", attack=forged(kind)),
        ),
    )


def rows() -> tuple[Row, ...]:
    return tuple([row_of(kind) for kind in Kind])

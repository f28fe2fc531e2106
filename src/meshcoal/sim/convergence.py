"""What must hold once the network is whole and everybody had time: all members know the same.

Law: checked on a calm world only. Who is a member is what the members say of each other: the largest set of
nodes of which each counts exactly that set as active. Removed members and strangers may know less, and what
they know is checked from the other side: nothing written after they were removed.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from meshcoal.api.commands import (
    ListCampaigns,
    ListStatements,
    ShowCampaign,
    ShowCase,
    ShowIdentity,
    ShowStatement,
)
from meshcoal.api.views import (
    AcquaintanceState,
    CampaignsView,
    CampaignView,
    CaseView,
    IdentityView,
    MemberState,
    MemberView,
    MessageView,
    StatementsView,
    StatementView,
    StepView,
)
from meshcoal.clock import DAY_MS, SECOND_MS
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId, CampaignId, OperationId, short
from meshcoal.limits import TALK_DAYS
from meshcoal.log.dag import HEADS
from meshcoal.node.campaign import Campaign
from meshcoal.node.pace import USUAL, Pace
from meshcoal.node.records import (
    ACQUAINTANCES,
    CAMPAIGNS,
    CONTACTS,
    AcquaintanceRecord,
    CampaignRecord,
    ContactRecord,
    load,
    load_all,
)
from meshcoal.sim.broken import Broken
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.portrait import ask, check_recovery, messages

if TYPE_CHECKING:
    from meshcoal.sim.world import World

FAR_MS: Final = 2**62  # a time at which nothing lies in the future


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One campaign as one node shows it."""

    machine: str
    author: AuthorId  # who this node is in the campaign
    view: CampaignView
    active: frozenset[AuthorId]
    shown: dict[OperationId, tuple[bytes, MessageView]]  # messages it can read, with their channel
    timelines: dict[bytes, tuple[OperationId, ...]]
    whole: bool  # nothing is held that it cannot read: what was done about messages, for one
    statements: tuple[StatementView, ...]
    cases: tuple[CaseView, ...]


def settle(
    world: World,
    *,
    limit_ms: int,
    step_ms: int = 5 * SECOND_MS,
    tell: Callable[[int, int, int], None] | None = None,
) -> bool:
    """Calm the world and wait until all members hold the same operations. False if they never do.

    Args:
        tell: told after each step how many machines hold the same of a campaign, how many should, and how
            long they had for it.
    """
    world.calm()
    waited_ms = 0
    while waited_ms < limit_ms:
        world.run_ms(step_ms)
        waited_ms += step_ms
        if tell is not None:
            for campaign in _campaigns(world):
                tell(*_agreeing(world, campaign), waited_ms)
        if all(_settled(world, campaign) for campaign in _campaigns(world)) and not _unacquainted(world):
            return True
    return False


def check_converged(world: World) -> None:
    """All members of each campaign show the same, and nothing promised is missing. Raises `Broken`."""
    for name in world.machines:
        check_recovery(world, name)
    if wrong := _unacquainted(world):
        raise Broken("introductions", wrong)
    for campaign in _campaigns(world):
        everybody = _everybody(world, campaign)
        members = _members(everybody)
        if members is None:
            raise Broken("same members", f"the nodes of campaign {short(campaign)} do not agree who is in")
        for name in _absent(world, members):
            raise Broken("same members", f"{name} is a member and does not show campaign {short(campaign)}")
        for seen in members[1:]:
            _compare(members[0], seen)
        _check_promises(world, campaign, members)
        for name in _unaware(world, members, everybody):
            raise Broken("removed members", f"{name} is out and does not know it")
        outsiders = [seen for seen in everybody if seen not in members]
        _check_removed(world, campaign, outsiders)
        _check_custody(world, campaign, members[0], outsiders)


def _unacquainted(world: World) -> str:
    """What is wrong with introductions: two who both accepted one are to be contacts and share one secret,
    unless one cut the other off. Nothing is wrong: an empty text.

    Judged from the disks: no view shows a secret.
    """
    for name, machine in world.machines.items():
        for _, one in load_all(machine.disk.reader, AcquaintanceRecord, ACQUAINTANCES):
            found = _other_side(world, name, one)
            if found is None:
                continue
            other, theirs = found
            mine = load(machine.disk.reader, ContactRecord, CONTACTS, one.person)
            yours = load(world.machines[other].disk.reader, ContactRecord, CONTACTS, _person(world, name))
            if (mine is not None and mine.refused) or (yours is not None and yours.refused):
                continue
            if AcquaintanceState.ACCEPTED in (one.state, theirs.state) or mine is None or yours is None:
                return f"{name} and {other} both accepted and are not contacts"
            if mine.pair != yours.pair:
                return f"{name} and {other} were introduced and share no secret"
    return ""


def _other_side(world: World, name: str, one: AcquaintanceRecord) -> tuple[str, AcquaintanceRecord] | None:
    """The same introduction at the other one, if both accepted it and it is not past its date."""
    if not one.pair:
        return None
    for other, machine in world.machines.items():
        if _person(world, other) != one.person:
            continue
        for _, theirs in load_all(machine.disk.reader, AcquaintanceRecord, ACQUAINTANCES):
            same = (theirs.introducer, theirs.reference) == (one.introducer, one.reference)
            if same and theirs.pair and theirs.person == _person(world, name):
                return other, theirs
    return None


def _person(world: World, name: str) -> bytes:
    return world.look(name, ShowIdentity(), IdentityView).person


def _settled(world: World, campaign: CampaignId) -> bool:
    """Whether all members hold the same operations, and nobody is still on the way in."""
    if _differ(world, campaign):
        return False
    everybody = _everybody(world, campaign, deep=False)
    members = _members(everybody)
    if members is None or _absent(world, members) or _unaware(world, members, everybody):
        return False
    return len({seen.view.heads_digest for seen in members}) == 1


def _differ(world: World, campaign: CampaignId) -> bool:
    """Whether a look at the disks shows that not all members hold the same. Cheap for large worlds."""
    if world.watch.suspects or world.watch.estranged:
        return False
    agree, members = _agreeing(world, campaign)
    return agree < members


def _agreeing(world: World, campaign: CampaignId) -> tuple[int, int]:
    """How many machines hold the same as most do, and how many members these know of."""
    heads = Counter(
        value
        for machine in world.machines.values()
        if (value := machine.disk.reader.document(HEADS, campaign)) is not None
    )
    if not heads:
        return 0, 0
    ((newest, count),) = heads.most_common(1)
    one = next(
        name
        for name, machine in world.machines.items()
        if machine.disk.reader.document(HEADS, campaign) == newest
    )
    view = world.look(one, ShowCampaign(campaign=campaign), CampaignView)
    return count, sum(member.state is MemberState.ACTIVE for member in view.members)


def _absent(world: World, members: list[Seen]) -> list[str]:
    """Names of active members whose node does not show itself as one."""
    covered = frozenset([seen.author for seen in members])
    return [
        member.given_name
        for member in members[0].view.members
        if member.state is MemberState.ACTIVE
        and AuthorId(member.author) not in covered
        and member.author not in world.watch.suspects
        and member.given_name not in world.watch.estranged
    ]


def _unaware(world: World, members: list[Seen], everybody: list[Seen]) -> list[str]:
    """Machines that show themselves as members although the members know that they are out.

    Whose admission never reached the members waits on: nobody there knows that they knock.
    """
    listed = [member.author for member in members[0].view.members]
    return [
        seen.machine
        for seen in everybody
        if seen not in members
        and seen.view.state is MemberState.ACTIVE
        and seen.machine not in world.watch.estranged
        and (me := open_campaign(world.machines[seen.machine].disk, CampaignId(seen.view.id)).me) in listed
        and me not in world.watch.suspects
    ]


def _campaigns(world: World) -> list[CampaignId]:
    """Every campaign that any node shows, in order of discovery."""
    found: dict[CampaignId, None] = {}
    for name in world.machines:
        for summary in world.look(name, ListCampaigns(), CampaignsView).campaigns:
            found[CampaignId(summary.id)] = None
    return list(found)


def _everybody(world: World, campaign: CampaignId, *, deep: bool = True) -> list[Seen]:
    found = []
    for name in world.machines:
        summaries = world.look(name, ListCampaigns(), CampaignsView).campaigns
        if any(summary.id == campaign for summary in summaries):
            found.append(_see(world, name, campaign, deep=deep))
    return found


def _see(world: World, name: str, campaign: CampaignId, *, deep: bool) -> Seen:
    core, now_ms = world.core(name), world.clock_ms(world.machines[name])
    view = ask(core, ShowCampaign(campaign=campaign), CampaignView, now_ms)
    shown: dict[OperationId, tuple[bytes, MessageView]] = {}
    timelines: dict[bytes, tuple[OperationId, ...]] = {}
    statements: tuple[StatementView, ...] = ()
    cases: tuple[CaseView, ...] = ()
    if deep:
        for channel in view.channels:
            timeline = messages(core, campaign, channel.id, now_ms)
            timelines[channel.id] = tuple([OperationId(message.id) for message in timeline])
            shown.update({OperationId(message.id): (channel.id, message) for message in timeline})
        listed = ask(core, ListStatements(campaign=campaign), StatementsView, now_ms)
        statements = tuple(
            [
                ask(core, ShowStatement(campaign=campaign, statement=one.id), StatementView, world.now_ms)
                for one in listed.statements
            ]
        )
        # By one clock: what is due, and whether a deadline has passed, depends on it.
        cases = tuple(
            [
                ask(core, ShowCase(campaign=campaign, case=one.id), CaseView, world.now_ms)
                for one in view.cases
            ]
        )
    mine = [member.author for member in view.members if member.me]
    if len(mine) > 1:
        raise Broken("same members", f"{name} finds itself {len(mine)} times in campaign {short(campaign)}")
    return Seen(
        machine=name,
        author=AuthorId(mine[0] if mine else b""),  # empty: its own admission has not arrived
        view=view,
        active=frozenset([AuthorId(m.author) for m in view.members if m.state is MemberState.ACTIVE]),
        shown=shown,
        timelines=timelines,
        whole=not world.machines[name].disk.reader.unopened_counts(campaign),
        statements=statements,
        cases=cases,
    )


def _members(everybody: list[Seen]) -> list[Seen] | None:
    """The largest set of nodes of which each counts exactly the set (and absent authors) as active."""
    candidates: dict[frozenset[AuthorId], int] = {}
    for seen in everybody:
        candidates[seen.active] = candidates.get(seen.active, 0) + 1
    for active, _ in sorted(candidates.items(), key=lambda item: -item[1]):
        inside = [seen for seen in everybody if seen.author in active]
        if inside and all(seen.active == active for seen in inside):
            return inside
    return None


def _compare(first: Seen, second: Seen) -> None:
    where = f"{first.machine} and {second.machine} differ"
    if first.view.heads_digest != second.view.heads_digest:
        raise Broken("same operations", f"{where} in their heads")
    if first.view.operations != second.view.operations:
        raise Broken("same operations", f"{where} in how many operations they hold")
    for name, plain in (("members", _member), ("channels", _channel), ("statements", _summary)):
        left = [plain(item) for item in getattr(first.view, name)]
        right = [plain(item) for item in getattr(second.view, name)]
        if sorted(left) != sorted(right):
            raise Broken("same views", f"{where} in {name}")
    for channel, timeline in first.timelines.items():
        other = second.timelines[channel]
        common = [one for one in timeline if one in second.shown]
        if common != [one for one in other if one in first.shown]:
            raise Broken("same views", f"{where} in the order of a channel")
    whole = first.whole and second.whole
    for operation, (channel, message) in first.shown.items():
        if operation in second.shown:
            other_channel, other_message = second.shown[operation]
            ours, theirs = _message(message, whole=whole), _message(other_message, whole=whole)
            if channel != other_channel or ours != theirs:
                raise Broken("same views", f"{where} in message {short(operation)}")
    left_cases = {case.id: _case(case) for case in first.cases}
    if left_cases != {case.id: _case(case) for case in second.cases}:
        raise Broken("same views", f"{where} in their cases")
    statements = {statement.id: statement for statement in second.statements}
    for statement in first.statements:
        left_plain, right_plain = _statement(statement), _statement(statements[statement.id])
        for field, value in left_plain.items():
            if value != right_plain[field]:
                raise Broken("same views", f"{where} in {field} of statement {short(statement.id)}")


def _member(member: MemberView) -> tuple[Any, ...]:
    return (member.author, member.given_name, member.seat, member.role, member.state, member.fork)


def _channel(channel: Any) -> tuple[Any, ...]:
    return (channel.id, channel.name)


def _summary(statement: Any) -> tuple[Any, ...]:
    return (statement.id, statement.title, statement.phase, statement.deadline_ms, statement.counted)


def _message(message: MessageView, *, whole: bool) -> tuple[Any, ...]:
    """What two nodes show alike; `whole`: both could read all that was done about it."""
    plain = (message.author, message.at_ms, message.reply_to, message.thread, message.doubted)
    if not whole:
        return plain
    reactions = tuple([(one.emoji, one.count) for one in message.reactions])
    # Each node has its own names for those mentioned.
    words = "" if message.mentions else message.text
    pinned = bool(message.pinned_by)
    return (*plain, words, message.state, message.edited_ms, pinned, reactions, message.mentions)


def _statement(statement: StatementView) -> dict[str, Any]:
    """The fields of a statement on which all members agree; names, and who holds what, are as each knows."""
    plain: dict[str, Any] = {
        name: getattr(statement, name)
        for name in (
            "title", "phase", "digest", "canonical_text", "addressees", "languages",
            "deadline_ms", "released_ms", "ineffective", "version", "soft_deadline_ms", "grace_ms",
        )
    }  # fmt: skip
    plain["tally digest"] = statement.tally.digest
    plain["tally"] = dataclasses.replace(
        statement.tally,
        entries=tuple([dataclasses.replace(e, member="", held_by=0) for e in statement.tally.entries]),
    )
    plain["revisions"] = [
        dataclasses.replace(one, name="", checked_by=("",) * len(one.checked_by))
        for one in statement.revisions
    ]
    plain["lapsed"], plain["unsigned"] = len(statement.lapsed), len(statement.unsigned)
    plain["comments"] = [dataclasses.replace(one, name="", mine=False) for one in statement.comments]
    plain["case"], plain["course"] = statement.case, _course(statement.course)
    plain["aftermath"] = [
        dataclasses.replace(one, name="", deliverer="", mine=False) for one in statement.aftermath
    ]
    return plain


def _course(course: Iterable[StepView]) -> list[StepView]:
    return [
        dataclasses.replace(one, waits_for=("",) * len(one.waits_for), waits_for_me=False) for one in course
    ]


def _case(case: CaseView) -> CaseView:
    """A case without what differs from member to member."""
    return dataclasses.replace(
        case,
        name="",
        mine=False,
        answered_by_me=False,
        entries=tuple([dataclasses.replace(one, name="", mine=False) for one in case.entries]),
        letters=tuple([dataclasses.replace(one, course=tuple(_course(one.course))) for one in case.letters]),
        course=tuple(_course(case.course)),
    )


def _check_promises(world: World, campaign: CampaignId, members: list[Seen]) -> None:
    """What a user was told is done is at every member, and readable where its author meant it to be."""
    for promise in world.watch.promises:
        if promise.campaign != campaign or promise.machine not in {seen.machine for seen in members}:
            continue
        for seen in members:
            reader = world.machines[seen.machine].disk.reader
            place = reader.place(promise.operation)
            if place is None:
                raise Broken(
                    "promises", f"a {promise.what} acknowledged at {promise.machine} is not at {seen.machine}"
                )
            # Two messages of a forked log can use one key, which is erased when the first is opened.
            if place.author in world.watch.suspects:
                continue
            if world.now_ms - promise.given_ms >= TALK_DAYS * DAY_MS:
                continue  # talk may have expired there
            if seen.author in promise.audience and promise.operation not in seen.shown:
                raise Broken(
                    "promises",
                    f"{seen.machine} was a member when {promise.machine} wrote {short(promise.operation)}"
                    " and cannot read it",
                )


def _check_removed(world: World, campaign: CampaignId, outsiders: list[Seen]) -> None:
    for promise in world.watch.promises:
        for seen in outsiders:
            if (
                promise.campaign == campaign
                and seen.author in promise.out
                and promise.operation in seen.shown
            ):
                raise Broken("removed members", f"{seen.machine} is out and reads {short(promise.operation)}")


def _check_custody(world: World, campaign: CampaignId, member: Seen, outsiders: list[Seen]) -> None:
    """Who is out holds no key of an epoch whose author knew that they are out."""
    log = open_campaign(world.machines[member.machine].disk, campaign)
    for seen in outsiders:
        theirs = open_campaign(world.machines[seen.machine].disk, campaign).keyring
        for epoch, held in theirs.epochs.items():
            control = log.membership.controls.get(OperationId(epoch))
            holds = held.record or theirs.chains.get(epoch)
            if not holds or control is None or control.author not in member.active:
                continue  # who is out may begin epochs of their own: no member writes under them
            roster = log.membership.roster_at(control.past | 1 << control.number)
            if seen.author in roster.members and not roster.is_active(seen.author):
                raise Broken("removed members", f"{seen.machine} is out and holds epoch {short(epoch)}")


def open_campaign(disk: MemoryDisk, campaign: CampaignId, *, pace: Pace = USUAL) -> Campaign:
    """What a disk says of a campaign, keys and all: for judging, not for acting."""
    record = load(disk.reader, CampaignRecord, CAMPAIGNS, campaign)
    assert record is not None, "whoever shows a campaign holds its record"
    sealer = DeterministicSealer(SeededEntropy(b"never drawn from"))
    opened = Campaign.recover(id=campaign, record=record, reader=disk.reader, sealer=sealer, pace=pace)
    opened.review_retired(FAR_MS)
    return opened

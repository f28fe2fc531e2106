"""What users do, drawn by lot: sensible things, foolish things and forbidden things.

Law: a user sees only what their own node shows, and gives only commands. Every refusal with a `LocalError`
is an expected answer; anything else ends the world.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeVar

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    AnswerAcquaintance,
    Command,
    CompareKey,
    ConfirmWords,
    EditMessage,
    ExportStatement,
    FoundCampaign,
    FreezeStatement,
    Introduce,
    LeaveCampaign,
    ListAcquaintances,
    ListContacts,
    ListIntroductions,
    ListInvitations,
    ListMessages,
    MakeInvitation,
    MarkRead,
    OpenChannel,
    PinMessage,
    PostMessage,
    ReactToMessage,
    Refuse,
    ReleaseStatement,
    RemoveMember,
    RevokeInvitation,
    Role,
    Seat,
    SetHints,
    SetName,
    SetPetname,
    SetRole,
    ShowCampaign,
    ShowIdentity,
    TakeBackMessage,
    WithdrawSignature,
)
from meshcoal.api.views import (
    AcquaintanceState,
    AcquaintancesView,
    CampaignView,
    ContactsView,
    Done,
    IdentityView,
    IntroductionState,
    IntroductionsView,
    InvitationsView,
    InvitationView,
    MemberState,
    MessagesView,
    StatementPhase,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.sim.adversary import Stranger
from meshcoal.sim.broken import Broken
from meshcoal.sim.insider import Insider
from meshcoal.sim.letters import Letters
from meshcoal.sim.world import World
from meshcoal.wire.bodies import PostBody
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)
T = TypeVar("T")

REMOVALS_MAX: Final = 2  # of a run, so that a coalition remains
LEAVES_MAX: Final = 1
CAMPAIGNS_PER_RUN_MAX: Final = 2


class Workload(Letters):
    """Users of a world. `step` lets one of them do one thing, or something happen to the network."""

    def __init__(self, world: World, names: tuple[str, ...], *, stranger: Stranger | None = None) -> None:
        super().__init__(world, Random(f"{world.seed} workload"))
        self.names = names
        self.unanswered = 0
        self._stranger = stranger
        self._removals = 0
        self._leaves = 0
        self._founded = 0
        self._actions: tuple[tuple[int, Callable[[str], None]], ...] = (
            (30, self._post),
            (10, self._tend),
            (6, self._invite),
            (6, self._introduce),
            (8, self._meet),
            (3, self._draft),
            (5, self._amend),
            (5, self._comment),
            (4, self._freeze),
            (2, self._revise),
            (8, self._sign),
            (2, self._withdraw),
            (3, self._release),
            (2, self._export),
            (2, self._enter),
            (2, self._alert),
            (3, self._tell),
            (2, self._channel),
            (2, self._role),
            (2, self._remove),
            (1, self._leave),
            (3, self._read),
            (1, self._rename),
            (1, self._revoke),
            (1, self._found),
            (6, self._mark),
            (8, self._forbidden),
            (12, self._chaos),
        )

    def step(self) -> None:
        """One thing happens, at a random node."""
        weights = [weight for weight, _ in self._actions]
        action = self._chance.choices([action for _, action in self._actions], weights)[0]
        name = self._chance.choice(self.names)
        if self.world.machines[name].up:
            action(name)

    # --- Meeting

    def _found(self, name: str) -> None:
        if self._founded >= CAMPAIGNS_PER_RUN_MAX - 1:
            return
        command = FoundCampaign(
            name=self._text(1), goal=self._text(), my_name="", seat=Seat.EXILE, channels=(self._text(0),)
        )
        if self._do(name, command, CampaignView):
            self._founded += 1

    def _invite(self, name: str) -> None:
        """Make an invitation and hand it to somebody, who accepts it at once."""
        view = self._campaign(name)
        if view is None:
            return
        inside = [one.given_name for one in view.members if one.state is MemberState.ACTIVE]
        outside = [one for one in self.names if one not in inside and self.world.machines[one].up]
        guest = self._pick(outside if self._chance.random() < 0.9 else list(self.names))
        if guest is None:
            return
        seat = self._chance.choice(list(Seat))
        command = MakeInvitation(campaign=view.id, seat=seat, lifetime_ms=DAY_MS)
        made = self._do(name, command, InvitationView)
        if made is not None:
            self._do(guest, AcceptInvitation(text=made.text), Record)

    def _tend(self, name: str) -> None:
        """Answer whoever wants something: compare words, admit, now and then refuse."""
        for one in self.world.look(name, ListIntroductions(), IntroductionsView).introductions:
            if not self.world.machines[name].up:
                return
            waiting = one.state in (IntroductionState.ASKING, IntroductionState.WAITING)
            if waiting and one.person and not one.verified and self._chance.random() < 0.8:
                match = self._chance.random() < 0.97
                if not match:
                    self.world.watch.estranged.update((name, one.name))
                self._do(name, ConfirmWords(person=one.person, match=match), Record)
                if self._chance.random() < 0.2:
                    self._do(name, SetPetname(person=one.person, petname=self._text(0)), Record)
            elif one.state is IntroductionState.ASKING:
                if self._chance.random() < 0.95:
                    role = self._chance.choice((Role.MEMBER, Role.MEMBER, Role.ORGANISER))
                    self._do(name, Admit(introduction=one.id, seat=one.seat, role=role), CampaignView)
                else:
                    self._do(name, Refuse(introduction=one.id), Done)

    def _introduce(self, name: str) -> None:
        """Make two contacts known to each other; they may know each other already."""
        contacts = list(self.world.look(name, ListContacts(), ContactsView).contacts)
        if len(contacts) > 1:
            first, second = [one.person for one in self._chance.sample(contacts, 2)]
            self._do(name, Introduce(first=first, second=second, note=self._text()), Record)

    def _meet(self, name: str) -> None:
        """Answer whoever is introduced, mostly with yes; now and then compare a contact's key by its code."""
        for one in self.world.look(name, ListAcquaintances(), AcquaintancesView).offered:
            if not self.world.machines[name].up:
                return
            if one.state is AcquaintanceState.OFFERED:
                accept = self._chance.random() < 0.85
                self._do(name, AnswerAcquaintance(acquaintance=one.id, accept=accept), Record)
        other = self._pick([one for one in self.names if self.world.machines[one].up])
        if other is not None and self.world.machines[name].up:
            identity = self.world.look(other, ShowIdentity(), IdentityView)
            self._do(name, CompareKey(person=identity.person, text=identity.link_text), Record)

    def _revoke(self, name: str) -> None:
        listed = self.world.look(name, ListInvitations(), InvitationsView).invitations
        chosen = self._pick(list(listed))
        if chosen is not None:
            self._do(name, RevokeInvitation(invitation=chosen.id), Done)

    def _rename(self, name: str) -> None:
        address = self.world.machines[name].address
        hints = self._chance.choice(((), (address,), ("198.51.100.7:7000", address)))
        self._do(name, SetHints(hints=hints), Record)
        self._do(name, SetName(name=name), Record)

    # --- Talk

    def _post(self, name: str) -> None:
        view = self._campaign(name)
        if view is None:
            return
        for _ in range(self._chance.randint(1, 3)):
            channel = self._chance.choice(view.channels).id
            self._do(name, PostMessage(campaign=view.id, channel=channel, text=self._text()), Record)

    def _read(self, name: str) -> None:
        view = self._campaign(name)
        if view is None:
            return
        channel = self._chance.choice(view.channels).id
        page = self.world.look(name, ListMessages(campaign=view.id, channel=channel), MessagesView)
        seen = self._pick(page.messages)
        if seen is None:
            return
        self._do(name, MarkRead(campaign=view.id, channel=channel, message=seen.id), Done)
        answer = PostMessage(campaign=view.id, channel=channel, text=self._text(), reply_to=seen.id)
        self._do(name, answer, Record)

    def _mark(self, name: str) -> None:
        """Do something about a message: what is refused by the rules is refused."""
        view = self._campaign(name)
        if view is None:
            return
        channel = self._chance.choice(view.channels).id
        page = self.world.look(name, ListMessages(campaign=view.id, channel=channel), MessagesView)
        said = self._pick(page.messages)
        if said is None:
            return
        place: dict[str, Any] = {"campaign": view.id, "message": said.id}
        emoji = self._chance.choice(("👍", "🙏", ""))
        commands: tuple[Command, ...] = (
            ReactToMessage(**place, emoji=emoji),
            ReactToMessage(**place, emoji=emoji),
            EditMessage(**place, text=self._text()),
            TakeBackMessage(**place),
            PinMessage(**place, pinned=self._chance.random() < 0.7),
        )
        self._do(name, self._chance.choice(commands), Record)

    def _channel(self, name: str) -> None:
        view = self._campaign(name)
        if view is not None and len(view.channels) < 6:
            self._do(name, OpenChannel(campaign=view.id, name=self._text(0)), CampaignView)

    # --- Members

    def _role(self, name: str) -> None:
        view = self._campaign(name)
        member = self._pick(view.members) if view else None
        if view is not None and member is not None:
            role = self._chance.choice((Role.ORGANISER, Role.ORGANISER, Role.MEMBER))
            seat = self._chance.choice(list(Seat))
            command = SetRole(campaign=view.id, author=member.author, seat=seat, role=role)
            self._do(name, command, CampaignView)

    def _remove(self, name: str) -> None:
        view = self._campaign(name)
        if view is None or self._removals >= REMOVALS_MAX:
            return
        victims = [one for one in view.members if one.state is MemberState.ACTIVE and not one.me]
        victim = self._pick(victims)
        if victim is not None and len(victims) > 3:
            command = RemoveMember(campaign=view.id, author=victim.author)
            if self._do(name, command, CampaignView):
                self._removals += 1

    def _leave(self, name: str) -> None:
        view = self._campaign(name)
        if view is None or self._leaves >= LEAVES_MAX:
            return
        if sum(one.state is MemberState.ACTIVE for one in view.members) > 4:
            self._leaves += 1
            self._do(name, LeaveCampaign(campaign=view.id), CampaignView)

    # --- What should not work

    def _forbidden(self, name: str) -> None:
        """Something no node may accept: named wrongly, in the wrong phase, or without the right."""
        chance = self._chance
        view = self._campaign(name)
        nowhere = chance.randbytes(32)
        campaign = view.id if view else nowhere
        channel = view.channels[0].id if view else nowhere[:16]
        commands: list[Command] = [
            PostMessage(campaign=nowhere, channel=channel, text=self._text()),
            PostMessage(campaign=campaign, channel=nowhere[:16], text=self._text()),
            ShowCampaign(campaign=nowhere),
            RemoveMember(campaign=campaign, author=nowhere),
            SetRole(campaign=campaign, author=nowhere, seat=Seat.INGO, role=Role.MEMBER),
            Admit(introduction=nowhere[:16], seat=Seat.INGO, role=Role.ORGANISER),
            Refuse(introduction=nowhere[:16]),
            RevokeInvitation(invitation=nowhere[:16]),
            AcceptInvitation(text=self._text()),
            ConfirmWords(person=nowhere, match=True),
            CompareKey(person=nowhere, text=self._text()),
            Introduce(first=nowhere, second=nowhere[::-1]),
            AnswerAcquaintance(acquaintance=nowhere[:16], accept=True),
            ReleaseStatement(campaign=campaign, statement=nowhere),
            ExportStatement(campaign=campaign, statement=nowhere),
            WithdrawSignature(campaign=campaign, statement=nowhere),
            LeaveCampaign(campaign=nowhere),
        ]
        statement = self._statement(name, StatementPhase.OPEN, StatementPhase.RELEASED)
        if statement is not None:
            commands.append(
                FreezeStatement(
                    campaign=statement.campaign,
                    statement=statement.id,
                    revisions=(),
                    addressees=(),
                    deadline_ms=self.world.now_ms + DAY_MS,
                    replaces=chance.choice((b"", nowhere)),
                )
            )
        command = chance.choice(commands)
        answer = self._do(name, command, Record)
        if answer is not None:
            raise Broken("forbidden", f"{type(command).__name__} at {name} was done")

    # --- The network

    def _chaos(self, name: str) -> None:
        world, chance = self.world, self._chance
        match chance.choice(("crash", "offline", "partition", "heal", "stranger", "insider", "pause")):
            case "crash":
                world.crash(name)
                world.after(chance.randint(100, 2 * MINUTE_MS), lambda: world.restart(name))
            case "offline":
                world.offline(name)
                world.after(chance.randint(100, 3 * MINUTE_MS), lambda: world.online(name))
            case "partition":
                names = list(self.names)
                chance.shuffle(names)
                cut = chance.randint(1, len(names) - 1) if len(names) > 1 else 1
                world.partition(names[:cut], names[cut:])
                world.after(chance.randint(MINUTE_MS // 2, 3 * MINUTE_MS), world.heal)
            case "heal":
                world.heal()
            case "stranger":
                if self._stranger is not None:
                    self._stranger.trick(world.machines[name].address)
            case "insider":
                self._vandalise(name)
            case "pause":
                world.run_ms(2 * MINUTE_MS)

    def _vandalise(self, name: str) -> None:
        """Somebody has a copy of this member's disk, and sends another member what nobody may take in."""
        view = self._campaign(name)
        others = [one for one in self.names if one != name]
        if view is None or not any(one.me for one in view.members):
            return
        victim = self._chance.choice(others)
        listed = self._campaigns(victim)
        if view.id not in listed:
            return
        self._serial += 1
        insider = Insider(self.world, name, CampaignId(view.id), name=f"insider {self._serial}", forks=False)
        body = PostBody(at_ms=self.world.now_ms, channel=view.channels[0].id, text=self._text(), reply_to=b"")
        insider.vandalise(victim, self._chance, body)

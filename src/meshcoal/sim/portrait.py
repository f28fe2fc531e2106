"""Everything a node shows its user, in one value that can be compared.

Law: a portrait is taken by the commands a user has, and leaves out only what may differ between two nodes
that know the same: who is connected, when somebody was last seen, who is known to hold what.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from meshcoal.api.commands import (
    Command,
    ListAcquaintances,
    ListCampaigns,
    ListContacts,
    ListIntroductions,
    ListInvitations,
    ListMessages,
    ListStatements,
    ListWarnings,
    ShowCampaign,
    ShowIdentity,
    ShowStatement,
)
from meshcoal.api.views import (
    AcquaintancesView,
    CampaignSummaryView,
    CampaignsView,
    CampaignView,
    ContactsView,
    IdentityView,
    IntroductionsView,
    InvitationsView,
    MemberState,
    MessagesView,
    MessageView,
    StatementsView,
    StatementView,
    WarningsView,
)
from meshcoal.limits import API_PAGE_MAX
from meshcoal.log.changes import EraseDocument
from meshcoal.node.effects import Reply
from meshcoal.node.events import CommandReceived
from meshcoal.node.rolls import ROLLS
from meshcoal.node.shelf import OUTLINES
from meshcoal.sim.broken import Broken
from meshcoal.wire.record import Record

if TYPE_CHECKING:
    from meshcoal.sim.disk import MemoryDisk
    from meshcoal.sim.machine import Core
    from meshcoal.sim.world import World

V = TypeVar("V", bound=Record)

COPIES: Final = (ROLLS, OUTLINES)  # spaces of what is made anew from the log where it does not fit
# Known only while it runs (the shell says where it listens), or told by peers at moments of their own.
_PASSING: Final = (
    "hints",
    "connected",
    "last_seen_ms",
    "wrote_ms",
    "behind",
    "held_by",
    "gaps",
    "missing",
    "catching_up",
    "waits",
    "withheld",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """Views by what they are about; values are records with the passing fields blanked."""

    parts: dict[str, Any]

    def differences(self, other: Portrait) -> list[str]:
        """Names of the parts, with field, that are not the same."""
        found = []
        for key in [*self.parts, *[key for key in other.parts if key not in self.parts]]:
            mine, theirs = _in_force(self.parts.get(key)), _in_force(other.parts.get(key))
            if mine != theirs:
                found.append(f"{key} {_differing(mine, theirs)}")
        return found


def ask(core: Core, command: Command, view: type[V], now_ms: int) -> V:
    """Answer of a command that only reads. Raises what the node answers, or `Broken` if it did more."""
    effects = core.handle(CommandReceived(request=1, command=command), now_ms)
    if len(effects) != 1 or not isinstance(effects[0], Reply):
        raise Broken("reading changes nothing", f"{type(command).__name__} had effects beside its answer")
    answer = effects[0].answer
    if not isinstance(answer, view):
        assert not isinstance(answer, Record), f"{type(command).__name__} answered {type(answer).__name__}"
        raise answer
    return answer


def messages(core: Core, campaign: bytes, channel: bytes, now_ms: int) -> tuple[MessageView, ...]:
    """A whole channel, oldest first, over as many pages as it has."""
    found: tuple[MessageView, ...] = ()
    before = b""
    while True:
        command = ListMessages(campaign=campaign, channel=channel, before=before, limit=API_PAGE_MAX)
        page = ask(core, command, MessagesView, now_ms)
        found = (*page.messages, *found)
        if not page.more:
            return found
        before = page.messages[0].id


def portrait(core: Core, now_ms: int) -> Portrait:
    """All that a node shows."""
    parts: dict[str, Any] = {
        "identity": ask(core, ShowIdentity(), IdentityView, now_ms),
        "contacts": ask(core, ListContacts(), ContactsView, now_ms),
        "invitations": ask(core, ListInvitations(), InvitationsView, now_ms),
        "introductions": ask(core, ListIntroductions(), IntroductionsView, now_ms),
        "acquaintances": ask(core, ListAcquaintances(), AcquaintancesView, now_ms),
        "warnings": ask(core, ListWarnings(), WarningsView, now_ms),
    }
    campaigns = ask(core, ListCampaigns(), CampaignsView, now_ms)
    parts["campaigns"] = campaigns
    for summary in campaigns.campaigns:
        campaign = summary.id
        name = campaign[:4].hex()
        view = ask(core, ShowCampaign(campaign=campaign), CampaignView, now_ms)
        parts[f"campaign {name}"] = view
        for channel in view.channels:
            parts[f"channel {name} {channel.id[:4].hex()}"] = messages(core, campaign, channel.id, now_ms)
        statements = ask(core, ListStatements(campaign=campaign), StatementsView, now_ms)
        parts[f"statements {name}"] = statements
        for statement in statements.statements:
            command = ShowStatement(campaign=campaign, statement=statement.id)
            parts[f"statement {name} {statement.id[:4].hex()}"] = ask(core, command, StatementView, now_ms)
    return Portrait(parts={key: _still(value) for key, value in parts.items()})


def check_recovery(world: World, name: str) -> None:
    """A node that restarted now would show what this one shows, with and without its copies of the log.

    Raises `Broken`.
    """
    machine = world.machines[name]
    now_ms = world.clock_ms(machine)
    live = portrait(world.core(name), now_ms)
    again = portrait(world.recovered(machine.disk.copy(), name), now_ms)
    for difference in live.differences(again):
        raise Broken("recovery", f"at {name}: after recovering it would show otherwise: {difference}")
    anew = portrait(world.recovered(without_copies(machine.disk), name), now_ms)
    for difference in live.differences(anew):
        raise Broken("recovery", f"at {name}: its copies say otherwise than its log: {difference}")


def without_copies(disk: MemoryDisk) -> MemoryDisk:
    """The same content, less what is only a copy of what the log says."""
    bare = disk.copy()
    going = [(space, key) for space in COPIES for key, _ in bare.documents(space)]
    bare.commit([EraseDocument(space=space, key=key) for space, key in going])
    return bare


def _in_force(value: Any) -> Any:
    """The value without what a node knows by hearsay alone: that it was removed. A restart asks again."""
    if isinstance(value, CampaignsView):
        return CampaignsView(campaigns=tuple([_in_force(one) for one in value.campaigns]))
    if isinstance(value, (CampaignView, CampaignSummaryView)) and value.state is MemberState.REMOVED:
        return dataclasses.replace(value, state=MemberState.ACTIVE)
    return value


def _still(value: Any) -> Any:
    """The value with its passing fields blanked, all the way down."""
    if isinstance(value, tuple):
        return tuple([_still(item) for item in value])
    if not isinstance(value, Record):
        return value
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        new = type(old)() if field.name in _PASSING else _still(old)
        if new is not old:
            changes[field.name] = new
    return dataclasses.replace(value, **changes) if changes else value


def _differing(mine: Any, theirs: Any) -> str:
    """Which field differs, without its content."""
    if type(mine) is not type(theirs):
        return f"is {type(mine).__name__}, not {type(theirs).__name__}"
    if isinstance(mine, tuple):
        if len(mine) != len(theirs):
            return f"has {len(mine)} items, not {len(theirs)}"
        for index, (left, right) in enumerate(zip(mine, theirs, strict=True)):
            if left != right:
                return f"[{index}]{_differing(left, right)}"
    if isinstance(mine, Record):
        for field in dataclasses.fields(mine):
            left, right = getattr(mine, field.name), getattr(theirs, field.name)
            if left != right:
                return f".{field.name}{_differing(left, right)}"
    if isinstance(mine, (int, bytes)):
        return f" {mine!r:.40} not {theirs!r:.40}"
    return " differs"

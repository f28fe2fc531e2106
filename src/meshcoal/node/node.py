"""The one door to the core: an event and the time go in, effects come out.

Law: synchronous and total. `handle` has no clock, randomness, disk or socket of its own, and whatever a peer,
a user or a shell hands it, it returns; what a peer does wrong is counted, what a user does wrong is answered.
An exception that leaves it is a bug.
"""

from __future__ import annotations

from meshcoal.api.views import NoticeKind
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.errors import LocalError, OverLimit, RemoteError
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.node import (
    addendum_commands,
    asking_commands,
    attachment_commands,
    bundle_commands,
    call_commands,
    case_commands,
    contacts,
    counted_commands,
    drafts,
    history,
    nearby_commands,
    office_commands,
    paper_commands,
    people_commands,
    posture,
    profiles,
    reach_commands,
    relay_commands,
    saving_commands,
    seal_commands,
    search,
    statement_commands,
    steady_commands,
    talk_commands,
    today,
    ways_commands,
)
from meshcoal.node.choosing import apply_ways
from meshcoal.node.commands import Commands
from meshcoal.node.core import Core
from meshcoal.node.effects import Effect, must_last
from meshcoal.node.events import (
    CommandReceived,
    DialFailed,
    Event,
    FrameReceived,
    LinkDown,
    LinkUp,
    Listening,
    NearbyBegan,
    NearbyFailed,
    NearbyMoved,
    Refused,
    Sent,
    Sighted,
    TimerFired,
    Used,
)
from meshcoal.node.forks import want_halts
from meshcoal.node.pace import USUAL, Pace
from meshcoal.node.reached import known_in
from meshcoal.node.saving import SAVING_TIMER
from meshcoal.node.step import Step

assert people_commands, "imported so that its commands are answered"
assert statement_commands, "likewise"
assert case_commands, "likewise"
assert counted_commands, "likewise"
assert seal_commands, "likewise"
assert attachment_commands, "likewise"
assert bundle_commands, "likewise"
assert profiles, "likewise"
assert drafts, "likewise"
assert call_commands, "likewise"
assert office_commands, "likewise"
assert addendum_commands, "likewise"
assert asking_commands, "likewise"
assert nearby_commands, "likewise"
assert ways_commands, "likewise"
assert relay_commands, "likewise"
assert paper_commands, "likewise"
assert reach_commands, "likewise"
assert saving_commands, "likewise"
assert talk_commands, "likewise"
assert steady_commands, "likewise"
assert search, "likewise"
assert today, "likewise"
assert history, "likewise"
assert posture, "likewise"


class Node:
    """A member's node. Made by `recover`, from what is stored; moved by `handle` alone."""

    def __init__(self, core: Core, commands: Commands) -> None:
        self._core = core
        self._commands = commands

    @staticmethod
    def first_changes(*, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
        """What a fresh vault holds, for the shell to commit before the first `recover`."""
        return contacts.first_changes(name=name, entropy=entropy, now_ms=now_ms)

    @classmethod
    def recover(
        cls,
        *,
        reader: LogReader,
        entropy: Entropy,
        sealer: Sealer,
        kem: Kem,
        now_ms: int,
        pace: Pace = USUAL,
    ) -> tuple[Node, tuple[Effect, ...]]:
        """The node as it was when the last step was committed, and what it wants done first.

        Args:
            pace: how often keys change; other than the usual only to try it in little time.

        Raises:
            Corrupt: a stored record does not decode.
        """
        core = Core(reader=reader, entropy=entropy, sealer=sealer, kem=kem, pace=pace)
        core.opened_ms = now_ms
        node = cls(core, Commands(core, entropy))
        step = Step(now_ms)
        for campaign in core.campaigns.values():
            step.change(*campaign.mending)
            campaign.mending = []
            campaign.files.recover(now_ms)
            core.attachments.pump(step, campaign)
            campaign.review_retired(now_ms)
            core.upkeep.want_key(step, campaign)
            core.upkeep.keep(step, campaign, first=True)
            core.sealing.recover(step, campaign)
            campaign.controls_changed = True  # for copies that do not fit any more
            campaign.end_step(step)
            want_halts(campaign, step)
        core.members.catching.go_on(step, core.campaigns)
        core.saving.look(step)
        core.links.reached.tidy(step, known_in(core.campaigns, core.people.contacts))
        core.refresh_targets(step)
        core.look_at_names(step)
        return node, step.effects()

    @property
    def offered(self) -> int:
        """How many operations peers have brought, those that were here already counted as well."""
        return self._core.acceptor.offered

    def handle(self, event: Event, now_ms: int) -> tuple[Effect, ...]:
        """One step."""
        step = Step(now_ms)
        known = {campaign.id: campaign.count for campaign in self._core.campaigns.values()}
        match event:
            case CommandReceived():
                self._command(step, event)
            case FrameReceived():
                self._frame(step, event)
            case LinkUp():
                self._core.links.up(step, event.link, event.dial, event.transport)
            case LinkDown():
                self._core.lose(step, event.link, event.code)
                self._core.members.backlog.drop(event.link)
            case DialFailed():
                self._core.dial_failed(step, event.dial, event.code)
            case Sent():
                self._core.links.sent(step, event.link)
            case TimerFired(key=key) if key == SAVING_TIMER:
                self._core.saving.look(step)
            case TimerFired():
                if not self._core.links.timer(step, event.key):
                    self._core.timer(step, event.key)
            case Listening():
                self._listening(step, event)
            case NearbyBegan():
                self._core.nearby.began(step)
            case NearbyFailed():
                self._core.nearby.failed(step, event.code)
            case NearbyMoved():
                self._core.nearby.moved(step)
                self._core.links.afresh(step.now_ms)
                self._core.refresh_targets(step)
            case Used():
                self._core.saving.used(step, event.count_bytes)
            case Sighted():
                self._sighted(step, event)
            case Refused():
                self._core.acceptor.count(event.code, event.count)
        for campaign in list(self._core.campaigns.values()):
            self._core.after(step, campaign, known.get(campaign.id, 0))
            self._core.attachments.after(step, campaign)
            self._core.sealing.after(step, campaign)
            self._core.relays.after_items(step, campaign)
        self._core.look_at_names(step)
        return self._end(step)

    def _end(self, step: Step) -> tuple[Effect, ...]:
        """Write down what is written once a step; keys that move with every slice, once for several."""
        campaigns = list(self._core.campaigns.values())
        owing = not step.changes and any(campaign.owes_keys for campaign in campaigns)
        put_off = owing or any(campaign.midway for campaign in campaigns)
        for campaign in campaigns:
            campaign.end_step(step, put_off=put_off)
        if put_off and must_last(step.effects()):
            for campaign in campaigns:
                campaign.put_keys(step)
            step.whole = True
        return step.effects()

    def _command(self, step: Step, event: CommandReceived) -> None:
        try:
            answer = self._commands.answer(step, event.command)
        except (LocalError, OverLimit) as refusal:  # anything else is a bug or the disk's, not the user's
            step.reply(event.request, refusal)
        else:
            step.reply(event.request, answer)

    def _frame(self, step: Step, event: FrameReceived) -> None:
        core = self._core
        read = core.links.read(
            step,
            event.link,
            event.data,
            lambda: core.people.ways.answered(core.doors(step.now_ms), core.links.transport(event.link)),
        )
        if read is None:
            return
        link, messages, just_established = read
        core.alive(step, link)
        try:
            if just_established:
                core.established(step, link)
            for message in messages:
                if link.closing:
                    break
                core.hear(step, link, message)
        except RemoteError as refusal:
            core.links.refuse(step, link, refusal.code)

    def _sighted(self, step: Step, event: Sighted) -> None:
        try:
            seen = self._core.nearby.sighted(step, event.data, event.hints)
        except RemoteError as refusal:
            self._core.acceptor.count(refusal.code)
            return
        if seen:
            self._core.refresh_targets(step)
            step.notice(NoticeKind.PEERS)

    def _listening(self, step: Step, event: Listening) -> None:
        people = self._core.people
        people.listening, people.direct = event.hints, event.direct
        people.onions.switch(step, on=event.onion)
        self._core.links.ways(onion=event.onion, direct=event.direct, now_ms=step.now_ms)
        apply_ways(self._core, step)
        self._core.telling.switched(step)
        step.notice(NoticeKind.STATUS)

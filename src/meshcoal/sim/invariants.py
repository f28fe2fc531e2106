"""What must hold in every world: the cheap laws after each step, the costly ones when the world is calm.

Law: an invariant is judged from outside, by what reached the disk, the wire and the user; it asks the node
nothing a user could not ask. A broken one ends the world and names itself and the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from meshcoal.api.commands import (
    CommentStatement,
    DraftStatement,
    EnterAftermath,
    EnterCase,
    PostMessage,
    ShowCampaign,
    SignStatement,
)
from meshcoal.api.views import CampaignView, CaseView, MemberState, MessageView, Notice, StatementView
from meshcoal.crypto import signing
from meshcoal.errors import MeshcoalError, RemoteError
from meshcoal.ids import AuthorId, CampaignId, OperationId, short
from meshcoal.limits import FRAME_BYTES_MAX, OPERATION_BYTES_MAX
from meshcoal.log.changes import EraseCampaign, PutDocument, PutOperation
from meshcoal.node.effects import Effect, Persist
from meshcoal.node.round_records import ROUNDS, SEALED_ITEMS, UNSEALED, RoundRecord, UnsealedRecord
from meshcoal.sim.broken import Broken
from meshcoal.sim.portrait import check_recovery
from meshcoal.wire import record
from meshcoal.wire.operation import Operation, decode_operation, signing_input
from meshcoal.wire.sealed import SEALED, Envelope

if TYPE_CHECKING:
    from meshcoal.sim.machine import Machine, Request
    from meshcoal.sim.world import World

CANARY: Final = "kanarie"  # stands in every text a simulated user writes, and must stand in no frame
TIMERS_MAX: Final = 4_096
RECOVERIES_CHECKED_EVERY: Final = 4  # asking two nodes for all they show is costly


@dataclass(slots=True)
class Held:
    """Shadow of one disk: what its log must look like, built from the changes alone."""

    depths: dict[OperationId, int] = field(default_factory=dict)
    places: dict[OperationId, tuple[CampaignId, AuthorId, int]] = field(default_factory=dict)
    afloat: list[OperationId] = field(default_factory=list)  # committed, and may go with the power


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something a user was told is done."""

    machine: str
    operation: OperationId
    campaign: CampaignId
    what: str
    given_ms: int  # the world's time
    channel: bytes  # empty unless a message
    audience: frozenset[AuthorId]  # active members as the author saw them when posting
    out: frozenset[AuthorId]  # members whose removal or leave had reached the author by then


class Watch:
    """Looks at every step of a world and raises `Broken`. One for each world."""

    def __init__(self, *, recoveries_every: int = RECOVERIES_CHECKED_EVERY) -> None:
        self.promises: list[Promise] = []
        self.frames = 0
        self.notices = 0
        self.crashes = 0
        self.closings = 0  # signing keys that their owners closed
        self.largest_frame_bytes = 0
        self.estranged: set[str] = set()  # machines whose user refused a contact; never iterated
        self.suspects: set[AuthorId] = set()  # authors played by an adversary: may fork; never iterated
        self._recoveries_every = recoveries_every  # crashes; 0: never
        self._held: dict[str, Held] = {}
        self._signers: dict[OperationId, bytes] = {}  # the key that signs behind each operation
        self._signatures: set[bytes] = set()  # those that hold; never iterated
        self._written: dict[tuple[CampaignId, AuthorId, int], OperationId] = {}
        self._thresholds: dict[bytes, int] = {}  # of rounds of sealed sign-ons, by terms
        self._sealers: dict[bytes, set[bytes]] = {}  # tags of their envelopes; never iterated
        self._audiences: dict[int, tuple[frozenset[AuthorId], frozenset[AuthorId]]] = {}

    # --- Called by the world

    def given(self, world: World, machine: Machine, request: Request) -> None:
        """Before a command reaches the node: who should be able to read what it makes."""
        if isinstance(request.command, PostMessage):
            self._audiences[request.number] = _audience(world, machine, CampaignId(request.command.campaign))

    def committed(self, world: World, machine: Machine, effects: Iterable[Effect], *, lasting: bool) -> None:
        for effect in effects:
            if isinstance(effect, Persist):
                for change in effect.changes:
                    if isinstance(change, PutOperation):
                        self._inserted(machine, change)
                    elif isinstance(change, EraseCampaign):
                        self._erased(machine, change.campaign)
                    elif isinstance(change, PutDocument):
                        self._sealed(machine, change)
        if lasting:
            self._held.setdefault(machine.name, Held()).afloat.clear()

    def powerless(self, machine: Machine) -> None:
        """The power went: what need not last yet may never have happened; nobody heard of it from here."""
        held = self._held.setdefault(machine.name, Held())
        for operation in held.afloat:
            if machine.disk.reader.operation(operation) is not None:
                continue
            place = held.places.pop(operation, None)
            held.depths.pop(operation)
            elsewhere = any(operation in other.depths for other in self._held.values())
            if place is not None and not elsewhere:
                del self._written[place]
        held.afloat.clear()

    def sent(self, world: World, machine: Machine, link: int, data: bytes) -> None:
        self.frames += 1
        self.largest_frame_bytes = max(self.largest_frame_bytes, len(data))
        if not 0 < len(data) <= FRAME_BYTES_MAX:
            self._fail(machine, "limits", f"a frame of {len(data)} bytes")
        if CANARY.encode() in data:
            self._fail(machine, "no plaintext", "a text stands readable in a frame")

    def dialled(self, world: World, machine: Machine, dial: int) -> None:
        if dial in machine.dials:
            self._fail(machine, "numbers", "a dial number was used twice")
        machine.dials.add(dial)

    def answered(self, world: World, machine: Machine, request: Request) -> None:
        """The user has been told. From here on it may not be lost."""
        audience, out = self._audiences.pop(request.number, (frozenset(), frozenset()))
        match request.command, request.answer:
            case PostMessage() as command, MessageView() as view:
                channel = command.channel
                self._promise(
                    machine, request.given_ms, command.campaign, view.id, "message", channel, audience, out
                )
            case DraftStatement() as command, StatementView() as view:
                self._promise(machine, request.given_ms, command.campaign, view.id, "draft")
            case CommentStatement() as command, StatementView() as view:
                for comment in view.comments:
                    if comment.text == command.text:
                        self._promise(machine, request.given_ms, command.campaign, comment.id, "comment")
            case EnterAftermath() as command, StatementView() as view:
                for entry in view.aftermath:
                    if entry.mine and entry.text == command.text:
                        self._promise(machine, request.given_ms, command.campaign, entry.id, "entry")
            case EnterCase() as command, CaseView() as view:
                for told in view.entries:
                    if told.mine and told.text == command.text:
                        self._promise(machine, request.given_ms, command.campaign, told.id, "entry of a case")
            case SignStatement() as command, StatementView() as view if view.mine is None:
                self._fail(machine, "promises", "a signature was acknowledged and is not shown")
            case _:
                pass

    def published(self, world: World, machine: Machine, notice: Notice) -> None:
        self.notices += 1

    def crashing(self, world: World, machine: Machine) -> None:
        """Before memory is lost, and with the last step on disk: recovering would lead to the same views."""
        self.crashes += 1
        if self._recoveries_every and self.crashes % self._recoveries_every == 0:
            check_recovery(world, machine.name)

    def stepped(self, world: World, machine: Machine) -> None:
        if len(machine.timers) > TIMERS_MAX:
            self._fail(machine, "limits", f"{len(machine.timers)} timers are set")

    def started(self, world: World, machine: Machine) -> None:
        """After a node recovered: what was promised is there, and its log is what was committed."""
        reader = machine.disk.reader
        for promise in self.promises:
            if promise.machine == machine.name and reader.operation(promise.operation) is None:
                self._fail(machine, "promises", f"an acknowledged {promise.what} is gone after a restart")
        held = self._held.get(machine.name, Held())
        for operation, (campaign, author, seq) in held.places.items():
            if operation not in reader.operations_at(campaign, author, seq):
                self._fail(machine, "contiguous logs", f"{short(author)} lost its operation {seq}")

    # --- For worlds where disks are put back

    def shadow(self, name: str) -> Held:
        """What a machine's disk holds now."""
        held = self._held.setdefault(name, Held())
        return Held(depths=dict(held.depths), places=dict(held.places), afloat=list(held.afloat))

    def put_back(self, machine: Machine, held: Held) -> None:
        """A machine has an old disk again: what its user was told since is not on it."""
        self._held[machine.name] = Held(
            depths=dict(held.depths), places=dict(held.places), afloat=list(held.afloat)
        )
        reader = machine.disk.reader
        self.promises = [
            promise
            for promise in self.promises
            if promise.machine != machine.name or reader.operation(promise.operation) is not None
        ]

    # --- Its own

    def _sealed(self, machine: Machine, change: PutDocument) -> None:
        """No name comes out before as many have signed sealed, anywhere, as the terms ask."""
        if change.space == ROUNDS:
            terms = record.decode(RoundRecord, change.value).terms
            self._thresholds[terms.id] = terms.threshold
        elif change.space == SEALED_ITEMS:
            item = SEALED.decode(change.value)
            if isinstance(item, Envelope):
                self._sealers.setdefault(item.terms, set()).add(item.tag)
        elif change.space == UNSEALED:
            of = record.decode(UnsealedRecord, change.value).terms
            if len(self._sealers.get(of, ())) < self._thresholds[of]:
                self._fail(machine, "threshold", "a sealed name came out before enough had signed")

    def _promise(
        self,
        machine: Machine,
        given_ms: int,
        campaign: bytes,
        operation: bytes,
        what: str,
        channel: bytes = b"",
        audience: frozenset[AuthorId] = frozenset(),
        out: frozenset[AuthorId] = frozenset(),
    ) -> None:
        promise = Promise(
            machine=machine.name,
            operation=OperationId(operation),
            campaign=CampaignId(campaign),
            what=what,
            given_ms=given_ms,
            channel=channel,
            audience=audience,
            out=out,
        )
        if machine.disk.reader.operation(promise.operation) is None:
            self._fail(machine, "promises", f"a {what} was acknowledged before it was on disk")
        self.promises.append(promise)

    def _inserted(self, machine: Machine, change: PutOperation) -> None:
        held = self._held.setdefault(machine.name, Held())
        operation = decode_operation(change.encoded)
        header = operation.header
        place = f"{short(change.author)} {change.seq}"
        if operation.id != change.id or header.author != change.author or header.seq != change.seq:
            self._fail(machine, "contiguous logs", f"{place} is filed under another name")
        if operation.campaign != change.campaign:
            self._fail(machine, "contiguous logs", f"{place} is filed under another campaign")
        if change.id in held.depths:
            self._fail(machine, "contiguous logs", f"{place} was inserted twice")
        if len(change.encoded) > OPERATION_BYTES_MAX:
            self._fail(machine, "limits", f"{place} has {len(change.encoded)} bytes")
        before = held.places.get(OperationId(header.backlink))
        if header.backlink and before != (change.campaign, change.author, change.seq - 1):
            self._fail(machine, "contiguous logs", f"{place} does not link back to what is held")
        past = (*header.parents, OperationId(header.backlink)) if header.backlink else header.parents
        if any(parent not in held.depths for parent in past):
            self._fail(machine, "parents before children", f"{place} came before a parent")
        self._check_signature(machine, operation, place)
        depth = 1 + max([held.depths[parent] for parent in past], default=-1)
        if change.depth != depth:
            self._fail(machine, "parents before children", f"{place} has depth {change.depth}, not {depth}")
        held.depths[change.id] = depth
        held.afloat.append(change.id)
        held.places[change.id] = (change.campaign, change.author, change.seq)
        first = self._written.setdefault((change.campaign, change.author, change.seq), change.id)
        if first != change.id and change.author not in self.suspects:
            self._fail(machine, "one log", f"two operations of an honest node at {place}")

    def _check_signature(self, machine: Machine, operation: Operation, place: str) -> None:
        """By the key that stands in the chain of the author's operations, walked here once for each."""
        header = operation.header
        before = self._signers.get(OperationId(header.backlink), header.author)
        known = self._signers.get(operation.id)
        if known is None:
            self._signers[operation.id] = header.successor or before
            self.closings += bool(header.successor)
        elif operation.signature in self._signatures:
            return
        try:
            signing.verify(before, signing_input(operation.id), operation.signature)
        except RemoteError as refusal:
            self._fail(machine, "signatures", f"{place} is held and not truly signed: {refusal.code}")
        self._signatures.add(operation.signature)

    def _erased(self, machine: Machine, campaign: CampaignId) -> None:
        held = self._held.get(machine.name)
        if held is not None:
            held.places = {key: place for key, place in held.places.items() if place[0] != campaign}

    def _fail(self, machine: Machine, name: str, detail: str) -> NoReturn:
        raise Broken(name, f"at {machine.name}: {detail}")


def _audience(
    world: World, machine: Machine, campaign: CampaignId
) -> tuple[frozenset[AuthorId], frozenset[AuthorId]]:
    try:
        view = world.look(machine.name, ShowCampaign(campaign=campaign), CampaignView)
    except MeshcoalError:
        return frozenset(), frozenset()
    states = {AuthorId(member.author): member.state for member in view.members}
    return (
        frozenset([author for author, state in states.items() if state is MemberState.ACTIVE]),
        frozenset([author for author, state in states.items() if state is not MemberState.ACTIVE]),
    )

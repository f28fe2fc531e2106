"""Campaigns above the full-mesh limit: whom links are kept to, and along which what is new travels.

Law: `sync.overlay` and `sync.broadcast` decide; what they want is done here, on links that stand and whose
peers have said what they hold. What goes over a link is `Exchange`'s account all the same. A peer outside
(a newcomer, or one who takes the campaign for a small one) is pushed everything and told nothing else.
Specified in docs/protocol/gossip.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from meshcoal.api.views import MemberState
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import LinkClosed
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import RUN_OPERATIONS_MAX
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links, Target
from meshcoal.node.mesh import Active, Mesh, near_members
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome
from meshcoal.sync import broadcast, overlay, tree
from meshcoal.sync.broadcast import Broadcast
from meshcoal.sync.overlay import Overlay
from meshcoal.wire import frames
from meshcoal.wire.frames import Frontier, Message
from meshcoal.wire.operation import Operation, decode_operation

TREE_TIMER: Final = "tree"
VIEWS_TIMER: Final = "views"
_NOBODY: Final = AuthorId(b"")
_SENDING_MS: Final = 1_000  # since a peer that was asked for much last sent some of it
_HEAVY_OPERATIONS: Final = 16  # in one run: somebody catches up
_SILENT_MS: Final = 6_000  # of a link over which much is under way: then it is given up all the same
_HEAVY_MS: Final = 10_000  # since much was asked for or came: signs of life may lie behind it


class Gossip:
    """Drives the machines of all large campaigns of a node."""

    def __init__(
        self,
        *,
        links: Links,
        entropy: Entropy,
        sizes: overlay.Sizes,
        refresh_targets: Callable[[Step], None],
    ) -> None:
        self._links = links
        self._entropy = entropy
        self._sizes = sizes
        self._refresh_targets = refresh_targets
        self._meshes: dict[CampaignId, Mesh] = {}

    # --- Campaigns

    def review(self, step: Step, campaign: Campaign) -> None:
        """The roster may have changed, or the node begins: have machines where they are needed."""
        mesh = self._meshes.get(campaign.id)
        needed = campaign.relays and campaign.my_state is MemberState.ACTIVE
        if mesh is not None and (not needed or mesh.me != campaign.me):
            del self._meshes[campaign.id]
            mesh = None
        if not needed:
            return
        members = campaign.roster().active()
        if mesh is None:
            mesh = self._meshes[campaign.id] = self._begin(campaign, members)
        elif mesh.roster.members == tuple(members):
            return
        mesh.roster.become(members)
        self._tree(step, campaign, mesh, broadcast.Counted(len(members)))
        for link in list(self._links.by_number.values()):
            if link.campaign == campaign.id:
                self._meet(step, campaign, mesh, link)
        self._views(step, campaign, mesh, overlay.Changed())

    def _begin(self, campaign: Campaign, members: Sequence[AuthorId]) -> Mesh:
        roster = Active(members)
        passing = Broadcast(me=campaign.me, tops=campaign.spool, entropy=self._entropy)
        mesh = Mesh(
            me=campaign.me,
            roster=roster,
            broadcast=passing,
            overlay=Overlay(
                me=campaign.me,
                roster=roster,
                in_use=lambda peer: self._in_use(campaign, mesh, peer),
                entropy=self._entropy,
                sizes=self._sizes,
            ),
        )
        return mesh

    @staticmethod
    def _in_use(campaign: Campaign, mesh: Mesh, peer: AuthorId) -> bool:
        """Whether a link is not to be displaced: the tree runs over it, or somebody catches up on it."""
        link = mesh.linked.get(peer)
        used = peer in mesh.overlay.near or mesh.broadcast.in_use(peer)
        return used or (link is not None and _is_needed(link, campaign, mesh.now_ms))

    def wanted(
        self, campaign: Campaign, sighted: Callable[[Iterable[Target]], Sequence[Target]]
    ) -> tuple[AuthorId, ...] | None:
        """Whom a link is kept or tried to, some of those `sighted` among them; None: not decided here."""
        mesh = self._meshes.get(campaign.id)
        if mesh is None:
            return None
        near = mesh.overlay.near = near_members(campaign, sighted)
        wanted = mesh.overlay.wanted
        return (*wanted, *[author for author in near if author not in wanted])

    # --- Links

    def met(self, step: Step, campaign: Campaign, link: Link) -> None:
        """The peer has said what it holds; or who it is, is known by now."""
        mesh = self._meshes.get(campaign.id)
        if mesh is not None and self._meet(step, campaign, mesh, link):
            self._refresh_targets(step)

    def _meet(self, step: Step, campaign: Campaign, mesh: Mesh, link: Link) -> bool:
        peer, exchange = link.author, link.exchange
        if peer is None or exchange is None or not exchange.heard or link.closing:
            return False
        if mesh.linked.get(peer) is link:
            return False
        if peer in mesh.linked:
            self._tree(step, campaign, mesh, broadcast.LinkDown(peer))
        mesh.linked[peer] = link
        # What came while the peer had not said what it holds was pushed to nobody.
        self._links.say(step, link, exchange.announce(campaign.spool, lacking_only=True))
        self._tree(
            step,
            campaign,
            mesh,
            broadcast.LinkUp(peer, link.way_us),
            broadcast.Holds(peer, tuple(exchange.theirs.items())),
        )
        changed = self._views(step, campaign, mesh, overlay.Up(peer, link.way_us, link.target is not None))
        for message in list(link.kept.values()):
            self.hear(step, campaign, link, message)
        link.kept.clear()
        return changed

    def lost(self, step: Step, campaign: Campaign, link: Link) -> None:
        """A link is gone."""
        mesh = self._meshes.get(campaign.id)
        peer = mesh.peer_of(link) if mesh is not None else None
        if mesh is None or peer is None:
            return
        del mesh.linked[peer]
        self._tree(step, campaign, mesh, broadcast.LinkDown(peer))
        self._view(step, campaign, mesh, overlay.Down(peer))

    def dial_failed(self, step: Step, campaign: Campaign, target: Target) -> None:
        """A try came to nothing: somebody else, once all of the member's addresses have failed."""
        mesh = self._meshes.get(campaign.id)
        peer = campaign.member_by_link(target.remote)
        if mesh is None or peer is None or peer in mesh.overlay.active:
            return
        attempts = self._links.attempts.get(target.key)
        gone = attempts is None or attempts.all_failed(target.hints)
        if gone and self._links.link_to(target.key) is None:
            self._view(step, campaign, mesh, overlay.Failed(peer))

    def alive(self, step: Step, campaign: Campaign, link: Link) -> None:
        """Something came on a link."""
        mesh = self._meshes.get(campaign.id)
        peer = link.author
        if mesh is not None and peer is not None and mesh.linked.get(peer) is link:
            self._tree(step, campaign, mesh, broadcast.Alive(peer))

    # --- What peers say

    def hear(self, step: Step, campaign: Campaign, link: Link, message: Message) -> None:
        """Act on what only neighbours say; later, where the campaign is a small one as known here."""
        mesh = self._meshes.get(campaign.id)
        peer = mesh.peer_of(link) if mesh is not None else None
        if mesh is None or peer is None:
            if isinstance(message, frames.Standing | frames.Hello):  # not said again; the last one counts
                link.kept[type(message)] = message
            return
        match message:
            case frames.Standing(began_s=began_s, root=root, label_us=label_us, chosen=chosen):
                standing = tree.Standing(began_s=began_s, root=root, label_us=label_us, chosen=chosen)
                self._tree(step, campaign, mesh, broadcast.Heard(peer, standing))
            case frames.Lack(logs=logs):
                held = tuple([(AuthorId(one.author), one.first - 1) for one in logs])
                self._tree(step, campaign, mesh, broadcast.Heard(peer, broadcast.Lack(held)))
            case frames.Hello(links=count, drawn=drawn):
                self._view(step, campaign, mesh, overlay.Heard(peer, overlay.Hello(links=count, drawn=drawn)))
            case frames.Sample(peers=peers, answer=answer):
                sample = overlay.Sample(peers=_authors(peers), answer=answer)
                self._view(step, campaign, mesh, overlay.Heard(peer, sample))
            case frames.Spare(peers=peers):
                spare = overlay.Spare(peers=_authors(peers))
                self._view(step, campaign, mesh, overlay.Heard(peer, spare))

    def _view(self, step: Step, campaign: Campaign, mesh: Mesh, event: overlay.Event) -> None:
        """The same as `_views`, and do what follows."""
        if self._views(step, campaign, mesh, event):
            self._refresh_targets(step)

    def announced(self, step: Step, campaign: Campaign, link: Link, message: Frontier) -> bool:
        """A neighbour tells of what is new. True: what is lacking of it will be asked for from here."""
        mesh = self._meshes.get(campaign.id)
        peer = mesh.peer_of(link) if mesh is not None else None
        if mesh is None or peer is None:
            return False
        held = [(AuthorId(one.author), one.seq) for one in message.held]
        for start in range(0, len(held), broadcast.ENTRIES_MAX):
            part = broadcast.Announce(tuple(held[start : start + broadcast.ENTRIES_MAX]))
            self._tree(step, campaign, mesh, broadcast.Heard(peer, part))
        return True

    @staticmethod
    def weigh(step: Step, link: Link, operations: int) -> None:
        """So many came at once."""
        if operations > _HEAVY_OPERATIONS:
            link.heavy_ms = step.now_ms

    def took(
        self,
        step: Step,
        campaign: Campaign,
        link: Link,
        run: Sequence[bytes],
        outcomes: Sequence[object],
        taken: Iterable[Operation],
    ) -> None:
        """A peer sent a run, and this came of it. What was taken in is passed on by `spread`."""
        self.weigh(step, link, len(run))
        mesh = self._meshes.get(campaign.id)
        if mesh is None:
            return
        for operation in taken:
            mesh.brought[operation.id] = link.author or _NOBODY
        if link.author is None or mesh.linked.get(link.author) is not link:
            return
        if campaign.spool:  # what this waits for may be among that
            return
        for encoded, outcome in zip(run, outcomes, strict=True):
            if outcome is Outcome.WAITING:  # what stands before it in its log is wanted
                header = decode_operation(encoded).header
                said = broadcast.Announce(((header.author, header.seq),))
                self._tree(step, campaign, mesh, broadcast.Heard(link.author, said))
            elif outcome is Outcome.KNOWN and len(run) == 1:
                header = decode_operation(encoded).header
                known = broadcast.Arrived(link.author, header.author, header.seq, False)
                self._tree(step, campaign, mesh, known)

    # --- Passing on

    def spread(self, step: Step, campaign: Campaign) -> None:
        """Have what was taken in in this step passed on.

        In a small campaign its author sends it to all. Of a forked log a branch that does not go on where
        it ended here is sent to all by everybody.
        """
        mesh = self._meshes.get(campaign.id)
        links = [
            link
            for link in self._links.by_number.values()
            if link.campaign == campaign.id and link.exchange is not None and not link.closing
        ]
        tops: dict[AuthorId, int] = {}  # of what somebody else wrote in a row: told to each link at once
        for operation in campaign.taken_now:
            author = operation.header.author
            branch = operation.id in campaign.branched_now
            if author != campaign.me and not branch:
                tops[author] = max(operation.header.seq, tops.get(author, -1))
                continue
            for link in links:
                self._push_one(step, link, operation, branch=branch, wanted=mesh is None)
        for link in links:
            # Its author holds it.
            if link.author is not None and link.author in tops and link.exchange is not None:
                link.exchange.note_held(link.author, tops[link.author])
        if campaign.branched_now:
            for link in links:
                if link.exchange is not None:
                    link.exchange.end_step()
        if mesh is not None:
            plain = [one for one in campaign.taken_now if one.id not in campaign.branched_now]
            self._spread_far(step, campaign, mesh, plain)
            mesh.brought.clear()

    def _push_one(self, step: Step, link: Link, operation: Operation, *, branch: bool, wanted: bool) -> None:
        """Mine, or one that stands beside another: of these a copy of their author's device may lack some."""
        author, seq = operation.header.author, operation.header.seq
        assert link.exchange is not None
        if link.author == author and not branch:
            link.exchange.note_held(author, seq)
        elif branch or wanted:
            said = link.exchange.push(operation.encoded, author, seq, branch=branch)
            self._links.say(step, link, said)

    def _spread_far(
        self, step: Step, campaign: Campaign, mesh: Mesh, operations: Sequence[Operation]
    ) -> None:
        pushed: dict[int, list[Operation]] = {}
        outside = self._outside(campaign, mesh)
        caught_up: dict[AuthorId, list[Operation]] = {}
        for operation in operations:
            author, seq = operation.header.author, operation.header.seq
            source = mesh.brought.get(operation.id)
            if source is None and author != campaign.me:  # from the spool, as a rule
                caught_up.setdefault(author, []).append(operation)
                continue
            if source is None:
                event: broadcast.Event = broadcast.Wrote(author, seq)
            else:
                event = broadcast.Arrived(source, author, seq, True)
            self._pass_on(step, campaign, mesh, event, [operation], pushed)
        for author, some in caught_up.items():  # told once of all that one author wrote
            top = max([one.header.seq for one in some])
            event = broadcast.Arrived(_NOBODY, author, top, True)
            self._pass_on(step, campaign, mesh, event, some, pushed)
        for link in outside:
            others = [one for one in operations if one.header.author != link.author]
            if others:
                pushed[link.number] = others
        place = {operation.id: at for at, operation in enumerate(operations)}
        for number, some in pushed.items():
            some.sort(key=lambda one: place[one.id])  # the past first
            link = self._links.by_number[number]
            if link.exchange is not None and not link.closing:
                self._links.say(step, link, link.exchange.push_all(some))

    def _pass_on(
        self,
        step: Step,
        campaign: Campaign,
        mesh: Mesh,
        event: broadcast.Event,
        operations: Sequence[Operation],
        pushed: dict[int, list[Operation]],
    ) -> None:
        for peer in self._tree(step, campaign, mesh, event):
            link = mesh.linked.get(peer)
            if link is not None:
                pushed.setdefault(link.number, []).extend(operations)

    def _outside(self, campaign: Campaign, mesh: Mesh) -> list[Link]:
        inside = {link.number for link in mesh.linked.values()}
        return [
            link
            for link in self._links.by_number.values()
            if link.campaign == campaign.id and link.exchange is not None and link.number not in inside
        ]

    # --- Time

    def timer(self, step: Step, name: str, campaign: Campaign) -> None:
        """A timer of one of the machines."""
        mesh = self._meshes.get(campaign.id)
        if mesh is None:
            return
        if name == TREE_TIMER:
            self._tree(step, campaign, mesh, broadcast.TimerFired())
        else:
            self._view(step, campaign, mesh, overlay.TimerFired())

    # --- Driving

    def _tree(self, step: Step, campaign: Campaign, mesh: Mesh, *events: broadcast.Event) -> list[AuthorId]:
        """Returns to whom the operation that this is about is to be pushed."""
        pushed: list[AuthorId] = []
        for event in events:
            for effect in mesh.broadcast.handle(event, step.now_ms):
                match effect:
                    case broadcast.Push(peer=peer):
                        pushed.append(peer)
                    case broadcast.SetTimer(at_ms=at_ms):
                        step.timer(f"{TREE_TIMER}:{campaign.id.hex()}", at_ms)
                    case broadcast.Doubt(peer=peer):
                        self._view(step, campaign, mesh, overlay.Doubted(peer))
                    case broadcast.Trust(peer=peer):
                        self._view(step, campaign, mesh, overlay.Trusted(peer))
                    case broadcast.Say() | broadcast.Supply() | broadcast.Probe() | broadcast.Suspect():
                        link = mesh.linked.get(effect.peer)
                        if link is not None and link.exchange is not None:
                            self._to_peer(step, campaign, link, effect)
        return pushed

    def _to_peer(
        self,
        step: Step,
        campaign: Campaign,
        link: Link,
        effect: broadcast.Say | broadcast.Supply | broadcast.Probe | broadcast.Suspect,
    ) -> None:
        exchange = link.exchange
        assert exchange is not None
        match effect:
            case broadcast.Say(said=tree.Standing() as said):
                standing = frames.Standing(
                    began_s=said.began_s, root=said.root, label_us=said.label_us, chosen=said.chosen
                )
                self._links.say(step, link, [standing])
            case broadcast.Say(said=broadcast.Announce() as said):
                authors = [author for author, _ in said.held]
                self._links.say(step, link, exchange.announce(campaign.dag, authors=authors))
            case broadcast.Say(said=broadcast.Lack() as said):
                self._lack(step, campaign, link, said)
            case broadcast.Supply(author=author, after=after):
                self._links.say(step, link, exchange.supply(campaign.dag, author, after))
            case broadcast.Probe():
                self._links.say(step, link, [frames.Ping()])
            case broadcast.Suspect():
                # Where much is under way, a sign of life may lie behind it; not for ever.
                much = link.outbox.asked_ms >= 0 or _is_heavy(link, step.now_ms)
                silent_ms = max(_SILENT_MS, 3_000 * link.steady_s)
                if not much or step.now_ms - link.heard_ms >= silent_ms:
                    self._links.cut(step, link, LinkClosed.code)
                    self.lost(step, campaign, link)

    def _lack(self, step: Step, campaign: Campaign, link: Link, said: broadcast.Lack) -> None:
        """Ask for what is new; where much is lacking, as whoever catches up does."""
        exchange = link.exchange
        assert exchange is not None
        if campaign.spool:  # it may be among that
            return
        near = [
            frames.Lacking(author=author, first=after + 1)
            for author, after in said.held
            if exchange.theirs.get(author, -1) - after <= RUN_OPERATIONS_MAX
        ]
        if len(near) < len(said.held) or step.now_ms - campaign.asked_ms < _SENDING_MS:
            step.timer(f"lack:{link.number}", step.now_ms + 1)
        elif near:
            self._links.say(step, link, [frames.Lack(logs=tuple(near))])

    def _views(self, step: Step, campaign: Campaign, mesh: Mesh, event: overlay.Event) -> bool:
        """Returns whether it is wanted otherwise than before whom links are kept to."""
        mesh.now_ms = step.now_ms
        before = mesh.overlay.wanted
        events = deque([event])
        while events:
            for effect in mesh.overlay.handle(events.popleft(), step.now_ms):
                match effect:
                    case overlay.SetTimer(at_ms=at_ms):
                        step.timer(f"{VIEWS_TIMER}:{campaign.id.hex()}", at_ms)
                    case overlay.Say(peer=peer, said=said):
                        if (link := mesh.linked.get(peer)) is not None:
                            self._links.say(step, link, [_in_frames(said)])
                    case overlay.Dial(peer=peer):
                        if not campaign.hints_of(peer):
                            events.append(overlay.Failed(peer))
                    case overlay.Close(peer=peer):
                        if (link := mesh.linked.pop(peer, None)) is not None:
                            self._links.cut(step, link, LinkClosed.code)
                            self._tree(step, campaign, mesh, broadcast.LinkDown(peer))
        return mesh.overlay.wanted != before


def _is_needed(link: Link, campaign: Campaign, now_ms: int) -> bool:
    """Whether one of the two lacks something that this link can bring, or is about to say so."""
    exchange = link.exchange
    assert exchange is not None
    if _is_heavy(link, now_ms) or exchange.lacking(campaign.spool):
        return True
    lacks = any(
        campaign.dag.top(author) > exchange.theirs.get(author, -1) for author in campaign.dag.authors()
    )
    return lacks and now_ms - link.opened_ms < _HEAVY_MS


def _is_heavy(link: Link, now_ms: int) -> bool:
    """Whether somebody catches up over this link."""
    assert link.exchange is not None
    asked = now_ms - link.exchange.wanted_at_ms < _HEAVY_MS
    return asked or link.exchange.sending or now_ms - link.heavy_ms < _HEAVY_MS


def _authors(peers: Iterable[bytes]) -> tuple[AuthorId, ...]:
    return tuple([AuthorId(peer) for peer in peers])


def _in_frames(said: overlay.Said) -> Message:
    match said:
        case overlay.Hello(links=links, drawn=drawn):
            return frames.Hello(links=links, drawn=drawn)
        case overlay.Sample(peers=peers, answer=answer):
            return frames.Sample(peers=peers, answer=answer)
        case overlay.Spare(peers=peers):
            return frames.Spare(peers=peers)

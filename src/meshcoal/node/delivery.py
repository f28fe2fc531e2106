"""Views of what has arrived where: who holds what, what is missing here, and who keeps it back.

Law: what is not known is shown as not known. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from meshcoal.api.views import (
    GapView,
    HeldProof,
    HoldersView,
    HolderView,
    ShownBy,
    WaitView,
    WithheldView,
)
from meshcoal.errors import Unknown
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import AUTHORS_MAX, WAITS_SHOWN_MAX, WITHHELD_SHOWN_MAX
from meshcoal.log.reader import Place
from meshcoal.node.campaign import Campaign
from meshcoal.node.watch import Debt
from meshcoal.wire.operation import decode_operation

_GAP_MAX: Final = 1_000_000  # a peer may claim any number; nobody has written more than this
_NAMED_MAX: Final = 8  # members, where several are named in one line


class Delivery:
    """Builds views. Holds no state of its own."""

    def __init__(
        self,
        *,
        name_of: Callable[[Campaign, AuthorId], str],
        connected: Callable[[Campaign, AuthorId], bool],
    ) -> None:
        self._name_of = name_of
        self._connected = connected

    # --- Who holds what

    def held(self, campaign: Campaign) -> Callable[[Iterable[OperationId]], tuple[int, int]]:
        """How many members are known to hold all of some operations, and of how many."""
        active = campaign.roster().active()

        def held(operations: Iterable[OperationId]) -> tuple[int, int]:
            places = [place for one in operations if (place := campaign.dag.place(one)) is not None]
            return len(active) - sum(bool(_lacking(campaign, member, places)) for member in active), len(
                active
            )

        return held

    def holders(self, campaign: Campaign, operations: Sequence[OperationId]) -> HoldersView:
        """Who is known to hold all of some operations, the first of which the view is named by.

        Raises `Unknown` where the first is not held here.
        """
        places = [place for one in operations if (place := campaign.dag.place(one)) is not None]
        first = campaign.dag.place(operations[0])
        encoded = campaign.reader.operation(operations[0])
        operation = decode_operation(encoded) if encoded is not None else None
        if first is None or operation is None or operation.campaign != campaign.id:
            raise Unknown("There is no such message or signature here.")
        active = campaign.roster().active()
        concerned = campaign.concerned(operation.header.kind, first.context)
        members = [self._holder(campaign, member, places) for member in concerned]
        return HoldersView(
            campaign=campaign.id,
            operation=operations[0],
            author=first.author,
            name=self._name_of(campaign, first.author),
            operations=len(places),
            held_by=sum(not one.lacking for one in members),
            held_of=len(members),
            newcomers=len(active) - len(concerned),
            members=tuple(members),
        )

    def _holder(self, campaign: Campaign, member: AuthorId, places: Sequence[Place]) -> HolderView:
        proofs = [campaign.holders.proof(member, place.author, place.seq, me=campaign.me) for place in places]
        lacking = proofs.count(HeldProof.NONE)
        me = member == campaign.me
        return HolderView(
            author=member,
            name=self._name_of(campaign, member),
            me=me,
            # Of several the weakest tells by what all of them are known.
            proof=max(proofs, key=list(HeldProof).index),
            lacking=lacking,
            connected=me or self._connected(campaign, member),
            last_seen_ms=campaign.holders.seen_ms.get(member, -1),
            wrote_ms=campaign.holders.wrote_ms.get(member, -1),
        )

    # --- What is not here

    def gaps(self, campaign: Campaign) -> tuple[GapView, ...]:
        """What is known to exist, or said to, and is not here, by whose it is."""
        return tuple(
            [
                GapView(
                    author=author,
                    name=self._name_of(campaign, author),
                    missing=min(missing, _GAP_MAX),
                    since_ms=campaign.watch.behind_ms.get(author, -1),
                    said_by=self._names(
                        campaign,
                        [
                            member
                            for member in campaign.roster().active()
                            if campaign.holders.said.get(member, {}).get(author, -1)
                            > campaign.dag.top(author)
                        ],
                    ),
                )
                for author, missing in list(_gaps(campaign).items())[:AUTHORS_MAX]
            ]
        )

    @staticmethod
    def missing(campaign: Campaign) -> int:
        """How many operations are in all gaps together."""
        return sum([min(missing, _GAP_MAX) for missing in list(_gaps(campaign).values())[:AUTHORS_MAX]])

    def _names(self, campaign: Campaign, authors: Iterable[AuthorId]) -> tuple[str, ...]:
        return tuple(
            [self._name_of(campaign, author) for author in list(dict.fromkeys(authors))[:_NAMED_MAX]]
        )

    def waits(self, campaign: Campaign) -> tuple[WaitView, ...]:
        """What is here and waits for something that nobody here has sent, by whose that is."""
        since_ms: dict[AuthorId, int] = {}
        waiting: dict[AuthorId, dict[OperationId, AuthorId]] = {}
        direct = campaign.pending.waited_for()
        for missing in campaign.pending.absent(direct):
            operations = direct[missing]
            after = [one for one in operations if one.header.backlink == missing]
            author = after[0].header.author if after else AuthorId(b"")
            waiting.setdefault(author, {}).update({one.id: one.header.author for one in operations})
            noticed_ms = campaign.watch.missing_ms.get(missing, -1)
            if noticed_ms >= 0:
                since_ms[author] = min(noticed_ms, since_ms.get(author, noticed_ms))
        return tuple(
            [
                WaitView(
                    author=author,
                    name=self._name_of(campaign, author) if author else "",
                    operations=len(waiting[author]),
                    since_ms=since_ms.get(author, -1),
                    cited_by=self._names(campaign, waiting[author].values()),
                )
                for author in sorted(waiting)[:WAITS_SHOWN_MAX]
            ]
        )

    def withheld(self, campaign: Campaign) -> tuple[WithheldView, ...]:
        """Members' nodes that do not pass on what they show to hold: what is certain first."""
        watch = campaign.watch
        found = [
            self._withheld(
                campaign,
                peer,
                author,
                count=len(verdict.places),
                shown_by=verdict.shown_by,
                certain=True,
                since_ms=verdict.since_ms,
                came_ms=verdict.until_ms,
            )
            for (peer, author), verdict in sorted(watch.verdicts.items())
        ]
        late: dict[tuple[AuthorId, AuthorId, ShownBy, bool], list[Debt]] = {}
        for debt in watch.debts:
            if debt.late_ms >= 0:
                key = debt.peer, debt.author, debt.shown_by, debt.certain
                late.setdefault(key, []).append(debt)
        found += [
            self._withheld(
                campaign,
                peer,
                author,
                count=min(sum(debt.count for debt in debts), _GAP_MAX),
                shown_by=shown_by,
                certain=certain,
                since_ms=min(debt.first_ms for debt in debts),
                came_ms=-1,
            )
            for (peer, author, shown_by, certain), debts in sorted(late.items())
        ]
        return tuple(found[:WITHHELD_SHOWN_MAX])

    def _withheld(
        self,
        campaign: Campaign,
        peer: AuthorId,
        author: AuthorId,
        *,
        count: int,
        shown_by: ShownBy,
        certain: bool,
        since_ms: int,
        came_ms: int,
    ) -> WithheldView:
        return WithheldView(
            peer=peer,
            peer_name=self._name_of(campaign, peer),
            author=author,
            name=self._name_of(campaign, author) if author else "",
            count=count,
            shown_by=shown_by,
            certain=certain,
            since_ms=since_ms,
            came_ms=came_ms,
        )


def _lacking(campaign: Campaign, member: AuthorId, places: Iterable[Place]) -> int:
    """How many of these a member is not known to hold."""
    if member == campaign.me:
        return 0
    return sum(
        place.author != member and campaign.holders.upto(member, place.author) < place.seq for place in places
    )


def _gaps(campaign: Campaign) -> dict[AuthorId, int]:
    """How many operations of each author are known to exist and are not in the log here."""
    claimed = dict(campaign.claimed)
    for author, seq in campaign.pending.highest().items():
        claimed[author] = max(seq, claimed.get(author, -1))
    found = {}
    for author, seq in sorted(claimed.items()):
        held = campaign.dag.top(author)
        if seq > held:
            found[author] = seq - held
    return found

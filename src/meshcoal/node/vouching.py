"""On whose word operations of a run are taken: one signature for all that one author wrote in a row.

Law: an operation counts as its author's if its own signature holds, or if that of a later one holds which
commits to it: by backlinks alone, under the same key, and taken in with it: in the same step, or in a later
one until which it is on disk. So whoever holds a vouched operation holds the one that vouches. What names a
successor ends its key's chain, and speaks for itself.

Ours, unreviewed. docs/design/0014-runs.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meshcoal.crypto import signing
from meshcoal.errors import BadKey, BadSignature, MalformedOperation
from meshcoal.ids import OperationId
from meshcoal.log.dag import Dag
from meshcoal.node.campaign import Campaign
from meshcoal.wire.operation import Operation, signing_input

_ROUNDS_MAX: Final = 8  # of a run that holds false signatures; what is left then is checked one by one


@dataclass(slots=True)
class _Chain:
    """What one author wrote in a row under one key; all of it can be taken in."""

    key: bytes
    last: OperationId
    places: list[int]  # in the run


class _Checks:
    """The signatures of a run, each checked at most once."""

    def __init__(self, run: Sequence[Operation]) -> None:
        self._run = run
        self._known: dict[int, bool] = {}

    def hold(self, place: int, key: bytes) -> bool:
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = signs(key, self._run[place])
        return known


def signs(key: bytes, operation: Operation) -> bool:
    """Whether an operation's own signature is by this key."""
    try:
        signing.verify(key, signing_input(operation.id), operation.signature)
    except (BadSignature, BadKey):
        return False
    return True


def verify(campaign: Campaign, operation: Operation) -> bytes:
    """Check an operation's signature by the key that signs at its place.

    Returns:
        That key; empty where it is not known yet, because the operation before is nowhere here.

    Raises:
        BadKey, BadSignature: it is not by that key.
        MalformedOperation: the backlink is another author's, or of another place.
    """
    header = operation.header
    last = OperationId(header.backlink)
    before = campaign.dag.place(last) if last else None
    waiting = campaign.pending.get(last) or campaign.pending.parked(last)
    # Behind another's operation, or one of another place, nobody's log goes on: only the first key is there.
    key: bytes = header.author
    sound = not last
    if before is not None:
        sound = (before.author, before.seq) == (header.author, header.seq - 1)
        if sound:
            key = campaign.dag.signers.behind(header.author, last)
    elif waiting is not None:
        ahead = waiting.operation.header
        sound = (ahead.author, ahead.seq) == (header.author, header.seq - 1)
        if sound:
            key = ahead.successor or waiting.key
    elif last:
        return b""
    signing.verify(key, signing_input(operation.id), operation.signature)
    if not sound:
        raise MalformedOperation("a backlink names an operation of another place")
    return key


def vouched(dag: Dag, run: Sequence[Operation]) -> list[bytes | None]:
    """By which key each operation of a run is known to be its author's.

    Returns:
        For each the key; empty where it could be taken in but for its signature, which is false and which
        nobody vouches for; None where it is to be looked at by itself: its past is not here, or it stands
        here twice.
    """
    words: list[bytes | None] = [None] * len(run)
    false: set[int] = set()
    checks = _Checks(run)
    for _ in range(_ROUNDS_MAX):
        chains = _chains(dag, run, false)
        before = len(false)
        for chain in chains:
            places = chain.places
            while places and not checks.hold(places[-1], chain.key):
                false.add(places.pop())
        if len(false) == before:
            for chain in chains:
                for place in chain.places:
                    words[place] = chain.key
            break
    for place in false:
        words[place] = b""
    return words


def _chains(dag: Dag, run: Sequence[Operation], false: set[int]) -> list[_Chain]:
    """The run without the false ones, as far as its past is here or comes in the run itself."""
    chains: list[_Chain] = []
    coming: dict[bytes, tuple[_Chain, Operation]] = {}
    for place, operation in enumerate(run):
        identifier = operation.id
        if place in false or identifier in coming:
            continue
        header = operation.header
        for parent in header.parents:
            if parent not in coming and not dag.holds(parent):
                break
        else:
            chain = _chain_of(dag, operation, coming)
            if chain is None:
                continue
            if not chain.places:
                chains.append(chain)
            chain.places.append(place)
            chain.last = identifier
            coming[identifier] = chain, operation
    return chains


def _chain_of(dag: Dag, operation: Operation, coming: dict[bytes, tuple[_Chain, Operation]]) -> _Chain | None:
    """The chain that an operation goes on with, or a new one; None where its log before it is not here."""
    header = operation.header
    last = OperationId(header.backlink)
    if not last:
        return _Chain(key=header.author, last=last, places=[])
    found = coming.get(last)
    if found is not None:
        chain, before = found
        ahead = before.header
        if ahead.author != header.author or ahead.seq != header.seq - 1:
            return None
        if chain.last == last and not ahead.successor:
            return chain
        return _Chain(key=ahead.successor or chain.key, last=last, places=[])
    held = dag.place(last)
    if held is None or held.author != header.author or held.seq != header.seq - 1:
        return None
    return _Chain(key=dag.signers.behind(header.author, last), last=last, places=[])

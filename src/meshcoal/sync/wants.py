"""What a node knows to exist and lacks, and whom it asks for it.

Law: each thing is asked of one peer at a time, of those first who were not asked in vain lately, of nobody
more than twice. What peers claim can fill this list, and no more than it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Protocol

from meshcoal.ids import AuthorId

WANTED_MAX: Final = 256  # authors; the oldest goes first
ASK_AGAIN_MS: Final = 800
ASKED_MAX: Final = 2  # times that one peer is asked for one thing
VAIN_MAX: Final = 100  # questions in a row that a peer did not answer, as far as they are counted


class Tops(Protocol):
    """How far logs are held; `log.dag.Dag` is one."""

    def top(self, author: AuthorId) -> int:
        """The highest place held; -1: none."""


@dataclass(slots=True)
class Wanted:
    """Something of one author that others say they hold and I do not."""

    seq: int
    due_ms: int
    sources: dict[AuthorId, int] = field(default_factory=dict)  # who says so -> how often I asked
    last: AuthorId | None = None  # whom I asked last


class Wants:
    """All that is lacking, by author. Peers here are those with a link; `lost` removes one."""

    def __init__(self, tops: Tops) -> None:
        self._tops = tops
        self._wanted: OrderedDict[AuthorId, Wanted] = OrderedDict()
        self._vain: dict[AuthorId, int] = {}  # questions not answered, since a peer last brought something

    @property
    def due_ms(self) -> int:
        """When somebody is to be asked; -1: never."""
        return min([wanted.due_ms for wanted in self._wanted.values()], default=-1)

    def claimed(self, peer: AuthorId, author: AuthorId, seq: int, due_ms: int) -> None:
        """A peer says that it holds what I lack."""
        wanted = self._wanted.get(author)
        if wanted is None:
            if len(self._wanted) >= WANTED_MAX:
                self._wanted.popitem(last=False)
            wanted = self._wanted[author] = Wanted(seq=seq, due_ms=due_ms)
        wanted.seq = max(wanted.seq, seq)
        wanted.sources.setdefault(peer, 0)

    def came(self, peer: AuthorId, author: AuthorId, seq: int) -> bool:
        """Something new came. True if I had to ask for it."""
        self._vain.pop(peer, None)
        wanted = self._wanted.get(author)
        if wanted is None:
            return False
        if seq >= wanted.seq:
            del self._wanted[author]
        return wanted.last is not None

    def lost(self, peer: AuthorId) -> None:
        """A link is gone."""
        self._vain.pop(peer, None)
        for wanted in self._wanted.values():
            wanted.sources.pop(peer, None)
            if wanted.last == peer:
                wanted.last = None

    def ask(self, now_ms: int) -> dict[AuthorId, list[tuple[AuthorId, int]]]:
        """Whom to ask now, and for what: how far I hold the logs whose rest I want."""
        asked: dict[AuthorId, list[tuple[AuthorId, int]]] = {}
        for author, wanted in list(self._wanted.items()):
            top = self._tops.top(author)
            if top >= wanted.seq:
                del self._wanted[author]
            elif wanted.due_ms <= now_ms:
                if wanted.last is not None:
                    self._vain[wanted.last] = min(self._vain.get(wanted.last, 0) + 1, VAIN_MAX)
                best = [(times, self._vain.get(peer, 0)) for peer, times in wanted.sources.items()]
                if not best or min(best)[0] >= ASKED_MAX:
                    del self._wanted[author]  # nobody who claims to hold it sends it
                    continue
                peer = list(wanted.sources)[best.index(min(best))]
                wanted.sources[peer] += 1
                wanted.last = peer
                wanted.due_ms = now_ms + ASK_AGAIN_MS
                asked.setdefault(peer, []).append((author, top))
        return asked

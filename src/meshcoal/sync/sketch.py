"""Sketches of sets: cells of which as many are sent as the two sets differ by, whatever their size.

Law: a sketch is the XOR of its elements, cell by cell, so the difference of two sketches is the sketch of the
difference. Which cells an element is in follows from its handle and a key that is fresh for the session:
nobody can have made elements that stand in each other's way. What a peer sends costs bounded work.

Rateless invertible Bloom lookup tables, with the mapping of Yang, Gilad and Alizadeh, "Practical Rateless Set
Reconciliation" (SIGCOMM 2024), sections 4 and 5. Ours, unreviewed: handles, checks, and cells without a
count. Specified in docs/protocol/reconciliation.md.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from math import ceil, sqrt
from typing import Final

from meshcoal.crypto.sealing import derive
from meshcoal.errors import MalformedFrame
from meshcoal.wire.reconciling import CHECK_BYTES

_PRIME: Final = 2**64 - 59
_MASK_64: Final = 2**64 - 1
_CHECK_BITS: Final = 8 * CHECK_BYTES
_CHECK_MASK: Final = 2**_CHECK_BITS - 1
_MULTIPLIER: Final = 0xDA942042E4DD58B5  # of the paper's published code
_RATIO: Final = 2.0**32
_CHECK: Final = b"meshcoal cell check 1"
_STEPS_PER_CELL_MAX: Final = 64  # peeling takes some 20 a cell


class State(enum.Enum):
    """How far peeling has come."""

    DONE = "done"
    MORE = "more"  # more cells are needed
    VAIN = "vain"  # nothing will help: these are no cells of two sets


class Scheme:
    """How elements become cells under one key. An element is a handle: a number of a fixed count of bytes."""

    __slots__ = ("handle_bytes", "multiplier")

    def __init__(self, key: bytes, handle_bytes: int) -> None:
        self.handle_bytes = handle_bytes
        self.multiplier = int.from_bytes(derive(key, _CHECK, b"", 8), "big") | 1

    @property
    def cell_bytes(self) -> int:
        return self.handle_bytes + CHECK_BYTES

    def pack(self, cells: Iterable[int]) -> bytes:
        size = self.cell_bytes
        return b"".join([cell.to_bytes(size, "big") for cell in cells])

    def unpack(self, packed: bytes) -> list[int]:
        """Inverse of `pack`. Raises `MalformedFrame` where a cell is cut off."""
        size = self.cell_bytes
        if len(packed) % size:
            raise MalformedFrame(f"cells are {size} bytes each")
        return [int.from_bytes(packed[at : at + size], "big") for at in range(0, len(packed), size)]

    def fill(self, cells: list[int], handles: Iterable[int], *, start: int = 0) -> None:
        """XOR elements into all their cells from `start` on. Twice is not at all.

        An element is in cell 0, and in cell i with probability 1 / (1 + i / 2): in 2 ln(1 + m / 2) of m.
        """
        end, multiplier = len(cells), self.multiplier
        for handle in handles:
            seed = handle * multiplier % _PRIME
            word = handle << _CHECK_BITS | (seed * seed >> 32 & _CHECK_MASK)
            at = 0
            while at < end:
                if at >= start:
                    cells[at] ^= word
                seed = seed * _MULTIPLIER & _MASK_64
                at += ceil((at + 1.5) * (_RATIO / sqrt(seed + 1) - 1.0)) or 1


class Sketch:
    """Cells of one set, as many as were asked for; kept true while elements come and go."""

    __slots__ = ("cells", "scheme")

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.cells: list[int] = []

    def extend(self, count: int, handles: Iterable[int]) -> None:
        """Grow to at least `count` cells; `handles` are all elements."""
        held = len(self.cells)
        if count > held:
            self.cells.extend([0] * (count - held))
            self.scheme.fill(self.cells, handles, start=held)

    def toggle(self, handle: int) -> None:
        """Take in an element, or out."""
        self.scheme.fill(self.cells, (handle,))


class Peeling:
    """Cells of a difference, from which elements are taken one by one until nothing is left."""

    __slots__ = ("_cells", "_scheme", "_steps_left", "found", "state")

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._cells: list[int] = []
        self._steps_left = 0
        self.found: dict[int, None] = {}  # handles that are in one of the two sets only
        self.state = State.MORE

    def __len__(self) -> int:
        return len(self._cells)

    def add(self, theirs: list[int], mine: list[int]) -> State:
        """The next cells of both sketches; what can be told from all so far."""
        assert len(theirs) == len(mine), "cells are compared one to one"
        if self.state is not State.MORE:
            return self.state
        held = len(self._cells)
        self._cells.extend([one ^ other for one, other in zip(theirs, mine, strict=True)])
        self._scheme.fill(self._cells, self.found, start=held)
        self._steps_left += _STEPS_PER_CELL_MAX * len(theirs)
        self.state = self._peel(list(range(held, len(self._cells))))
        return self.state

    def _peel(self, waiting: list[int]) -> State:
        cells, multiplier, end = self._cells, self._scheme.multiplier, len(self._cells)
        while waiting:
            word = cells[waiting[-1]]
            handle = word >> _CHECK_BITS
            seed = handle * multiplier % _PRIME
            if not word or (seed * seed >> 32 & _CHECK_MASK) != word & _CHECK_MASK:
                waiting.pop()
                continue
            if handle in self.found:
                return State.VAIN
            self.found[handle] = None
            origin = waiting[-1]
            at = 0
            while at < end:
                cells[at] ^= word
                waiting.append(at)
                self._steps_left -= 1
                seed = seed * _MULTIPLIER & _MASK_64
                at += ceil((at + 1.5) * (_RATIO / sqrt(seed + 1) - 1.0)) or 1
            if cells[origin] or self._steps_left < 0:
                # An element that is not in the cell it was read from, or no end of elements.
                return State.VAIN
        if cells[0]:
            return State.MORE
        # Every element is in cell 0: nothing is left, unless somebody made cells that are no sketch.
        return State.VAIN if any(cells) else State.DONE

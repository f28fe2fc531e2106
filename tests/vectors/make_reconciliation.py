"""Makes `reconciliation.json`: digests, names, cells and buckets of two small stores, and all they say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId, OperationId
from meshcoal.sync.loose import (
    LooseSet,
    bucket_digests,
    buckets_of,
    handles_of,
    loose_scheme,
)
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.sync.sketch import Sketch
from meshcoal.wire.frames import Message
from meshcoal.wire.reconciling import (
    RECONCILING,
    Agreed,
    Behind,
    Buckets,
    Cells,
    Listed,
    Missing,
    More,
    Outline,
    Rung,
    Rungs,
    Subject,
)
from meshcoal.wire.record import to_json

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("reconciliation.json")
SECRET: Final = fixed("session secret", 32)
KEY: Final = fixed("sketch key", 16)
CELLS: Final = 24


class Logs:
    """Logs, plain but for branches named beside an author; marks follow from author, seq and branch."""

    def __init__(self, lengths: dict[AuthorId, int], branches: dict[AuthorId, tuple[int, str]]) -> None:
        self._lengths = lengths
        self._branches = branches

    def authors(self) -> list[AuthorId]:
        return sorted(self._lengths)

    def top(self, author: AuthorId) -> int:
        return self._lengths.get(author, 0) - 1

    def mark(self, author: AuthorId, seq: int) -> bytes:
        start, branch = self._branches.get(author, (0, ""))
        return fixed(f"{author.hex()} {seq} {branch if seq >= start else ''}", 16)


def author(number: int) -> AuthorId:
    return AuthorId(fixed(f"author {number}", 32))


def ids(first: int, last: int) -> list[OperationId]:
    return [OperationId(fixed(f"loose {number}", 32)) for number in range(first, last)]


def conversation(authors: int) -> list[dict[str, Any]]:
    """Two stores: longer logs on either side, one forked, one known to Ben alone; ten loose ids differ."""
    lengths = {author(number): 20 + number for number in range(authors)}
    ana = Logs({**lengths, author(0): 25}, {author(2): (9, "a")})
    ben = Logs({**lengths, author(1): 30, author(authors): 3}, {author(2): (9, "b")})
    machines = {
        "ana": Reconciliation(
            ana, LooseSet(ids(0, 94)), operations=500, secret=SECRET, dialled=True,
            entropy=SeededEntropy(b"ana"),
        ),
        "ben": Reconciliation(
            ben, LooseSet(ids(4, 100)), operations=509, secret=SECRET, dialled=False,
            entropy=SeededEntropy(b"ben"),
        ),
    }  # fmt: skip
    said = []
    waiting: list[tuple[str, Message]] = [(name, machines[name].digest) for name in ("ana", "ben")]
    while waiting:
        name, message = waiting.pop(0)
        data = RECONCILING.encode(message)
        said.append({"from": name, "message": type(message).__name__, "encoded": data.hex()})
        other = "ben" if name == "ana" else "ana"
        waiting += [(other, answer) for answer in machines[other].hear(message).say]
    return said


def messages() -> tuple[Message, ...]:
    """Those that the conversations lack, and the packed ones with something in each field."""
    return (
        Outline(names=fixed("two names", 12), seqs=(0, 70_000), tags=fixed("two tags", 12)),
        Behind(places=(), names=fixed("name", 6), lengths=(0,), tags=bytes(6)),
        Behind(places=(3, 200), names=b"", lengths=(1, 2), tags=fixed("two tags", 12)),
        Rungs(rungs=(Rung(name=fixed("name", 6), seq=4, tags=fixed("three tags", 18)),)),
        Agreed(names=fixed("name", 6), lengths=(3,)),
        Cells(subject=Subject.LOGS, key=b"", count=70, start=0, cells=fixed("cells of logs", 44)),
        Cells(subject=Subject.LOOSE, key=KEY, count=3, start=16, cells=fixed("loose cells", 24)),
        More(subject=Subject.LOGS, upto=0),
        More(subject=Subject.LOOSE, upto=300),
        Missing(shorts=fixed("two shorts", 8), last=True),
        Buckets(digests=fixed("four digests", 24)),
        Listed(differing=b"\xa0", handles=fixed("two handles", 16), last=False),
    )


def build() -> dict[str, Any]:
    held = ids(0, 40)
    loose = LooseSet(held)
    scheme = loose_scheme(KEY)
    sketch = Sketch(scheme)
    handles = handles_of(held, KEY)
    sketch.extend(CELLS, handles)
    return {
        "about": "docs/protocol/reconciliation.md. Bytes in hex. They are SHAKE256 of labels: "
        "the ids of 'loose 0', 'loose 1' and so on, the authors of 'author 0' and so on.",
        "secret": SECRET.hex(),
        "key": KEY.hex(),
        "ids": [one.hex() for one in held],
        "digest": loose.digest().hex(),
        "lanes": loose.lanes().hex(),
        "handles": [handle.to_bytes(8, "big").hex() for handle in handles],
        "cells": scheme.pack(sketch.cells).hex(),
        "bucket_digests": [one.hex() for one in bucket_digests(buckets_of(held, 2), KEY)],
        "messages": [
            {
                "message": type(one).__name__,
                "number": RECONCILING.number(type(one)),
                "fields": to_json(one),
                "encoded": RECONCILING.encode(one).hex(),
            }
            for one in messages()
        ],
        "few_logs": conversation(5),
        "many_logs": conversation(70),
    }


if __name__ == "__main__":
    run(FILE, build)

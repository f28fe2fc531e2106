"""Two sessions over a pipe in memory, with keys that are the same in every run."""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.sync.session import Door, Pattern, Session

CODE = bytes(range(16))


def key(name: str) -> AgreementKey:
    return AgreementKey.from_private(SeededEntropy(name.encode()).take(32))


ANA, BEN, MALLORY = key("ana"), key("ben"), key("mallory")


def door(pattern: Pattern, *, code: bytes = CODE, static: AgreementKey = BEN) -> Door:
    return Door(
        name=("door", b"1"),
        pattern=pattern,
        static=static,
        code=code if pattern is Pattern.INVITATION else b"",
    )


@dataclass
class Pair:
    """Ana dialled Ben."""

    ana: Session
    ben: Session

    def both(self) -> tuple[tuple[Session, Session], tuple[Session, Session]]:
        return (self.ana, self.ben), (self.ben, self.ana)


def knock(
    pattern: Pattern,
    *,
    remote: AgreementKey = BEN,
    code: bytes = CODE,
    static: AgreementKey = ANA,
    seed: str = "",
) -> tuple[Session, bytes]:
    return Session.dial(
        name=("door", b"1"),
        pattern=pattern,
        static=static,
        remote=remote.public,
        code=code if pattern is Pattern.INVITATION else b"",
        entropy=SeededEntropy(f"{seed} dials".encode()),
    )


def pair(pattern: Pattern = Pattern.KNOWN, *, seed: str = "") -> Pair:
    ana, first = knock(pattern, seed=seed)
    ben, second = Session.answer(
        first, doors=[door(pattern)], entropy=SeededEntropy(f"{seed} answers".encode())
    )
    (third,), none = ana.read(second)
    assert not none
    assert ben.read(third) == ([], [])
    return Pair(ana, ben)

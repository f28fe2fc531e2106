"""Two sessions over a pipe in memory, with keys that are the same in every run."""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.sync.knock import Door, Knocks, Pattern, contact_psk, invitation_psk
from meshcoal.sync.session import Session, Tools

CODE = bytes(range(16))
PAIR = bytes(range(32))
NOW_MS = 20_000 * DAY_MS + DAY_MS // 2  # at noon


def key(name: str) -> AgreementKey:
    return AgreementKey.from_private(SeededEntropy(name.encode()).take(32))


ANA, BEN, MALLORY = key("ana"), key("ben"), key("mallory")


def tools(seed: str = "ben", *, knocks: Knocks | None = None) -> Tools:
    entropy = SeededEntropy(seed.encode())
    return Tools(
        entropy=entropy, kem=DeterministicKem(entropy), knocks=Knocks() if knocks is None else knocks
    )


def psk_of(pattern: Pattern, code: bytes = CODE, pair_secret: bytes = PAIR) -> bytes:
    return invitation_psk(code) if pattern is Pattern.INVITATION else contact_psk(pair_secret)


def door(
    pattern: Pattern,
    *,
    code: bytes = CODE,
    pair_secret: bytes = PAIR,
    static: AgreementKey = BEN,
    name: bytes = b"1",
) -> Door:
    return Door(name=("door", name), pattern=pattern, static=static, psk=psk_of(pattern, code, pair_secret))


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
    remote: bytes = BEN.public,
    code: bytes = CODE,
    pair_secret: bytes = PAIR,
    static: AgreementKey = ANA,
    seed: str = "",
    now_ms: int = NOW_MS,
    with_tools: Tools | None = None,
) -> tuple[Session, bytes]:
    return Session.dial(
        name=("door", b"1"),
        pattern=pattern,
        static=static,
        remote=remote,
        psk=psk_of(pattern, code, pair_secret),
        tools=with_tools or tools(f"{seed} dials"),
        now_ms=now_ms,
    )


def shake(
    pattern: Pattern = Pattern.KNOWN, *, seed: str = "", with_tools: Tools | None = None
) -> tuple[Pair, list[bytes]]:
    """Two sessions that stand, and the three frames that brought them there."""
    ana, first = knock(pattern, seed=seed, with_tools=with_tools)
    ben, second = Session.answer(
        first, doors=[door(pattern)], tools=with_tools or tools(f"{seed} answers"), now_ms=NOW_MS
    )
    (third,), none = ana.read(second, NOW_MS)
    assert not none
    assert ben.read(third, NOW_MS) == ([], [])
    return Pair(ana, ben), [first, second, third]


def pair(pattern: Pattern = Pattern.KNOWN, *, seed: str = "") -> Pair:
    return shake(pattern, seed=seed)[0]

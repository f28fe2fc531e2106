"""What a link costs: handshakes a second beside plain XX, sealed frames beside the bare AEAD.

Law: everything compared runs in one process, in turns, with the same keys and the same bytes; the ratios are
the result, the rates are of this machine and moment. A handshake is both sides of it, from fresh keys to two
ciphers. A frame is one of the 16 KiB class, sealed and opened; the bare AEAD seals and opens as many bytes.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

from common import arguments, report
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.handshake import CipherState, Handshake
from meshcoal.crypto.kem import MLKEM768
from meshcoal.sync.framing import HEAD_BYTES, Incoming, Outgoing
from meshcoal.sync.knock import Door, Knocks, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.frames import Run

FRAME_BYTES = 16_384
ROUNDS = 9
NOW_MS = 20_000 * DAY_MS

ANA, BEN = AgreementKey(os.urandom(32)), AgreementKey(os.urandom(32))
PSK = os.urandom(32)
TOOLS = Tools(entropy=OsEntropy(), kem=MLKEM768(), knocks=Knocks())


def noise(pattern: str) -> None:
    """One handshake of the engine alone: no knock, no mask, no padding."""
    hybrid = "hfs" in pattern
    sides = [
        Handshake(
            pattern=pattern,
            initiator=initiator,
            prologue=b"bench",
            static=ANA if initiator else BEN,
            ephemeral=AgreementKey(os.urandom(32)),
            remote_static=BEN.public if initiator and pattern[1] == "K" else None,
            psk=PSK if "psk" in pattern else None,
            kem=TOOLS.kem if hybrid else None,
            kem_seed=os.urandom(64) if hybrid and initiator else None,
        )
        for initiator in (True, False)
    ]
    writer, reader = sides
    while not writer.finished:
        reader.read(writer.write())
        writer, reader = reader, writer
    for side in sides:
        side.split()


def link(pattern: Pattern) -> tuple[Session, Session]:
    """One opening of a link as nodes do it."""
    ana, first = Session.dial(
        name=("", b""), pattern=pattern, static=ANA, remote=BEN.public, psk=PSK, tools=TOOLS, now_ms=NOW_MS
    )
    door = Door(name=("", b""), pattern=pattern, static=BEN, psk=PSK)
    ben, second = Session.answer(first, doors=[door], tools=TOOLS, now_ms=NOW_MS)
    (third,), _ = ana.read(second, NOW_MS)
    ben.read(third, NOW_MS)
    return ana, ben


def rates(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """How often a second each can be done: the median of rounds in which all take their turn."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            began = time.perf_counter()
            for _ in range(repeats):
                work()
            found[name].append(repeats / (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in found.items()}


def frames() -> dict[str, Callable[[], object]]:
    part = os.urandom(FRAME_BYTES - HEAD_BYTES)
    plain = os.urandom(FRAME_BYTES)
    key = os.urandom(32)
    bare = ChaCha20Poly1305(key)
    nonce = bytes(12)
    outgoing, incoming = Outgoing(CipherState(key), 0), Incoming(CipherState(key))
    ana, ben = link(Pattern.KNOWN)
    message = Run(operations=(os.urandom(FRAME_BYTES - HEAD_BYTES - 8),))
    assert [len(frame) for frame in ana.write(message, NOW_MS)] == [FRAME_BYTES + 16]
    ana, ben = link(Pattern.KNOWN)

    def sealed() -> None:
        for frame in outgoing.seal(part, 0):
            incoming.open(frame)

    def said() -> None:
        for frame in ana.write(message, NOW_MS):
            ben.read(frame, NOW_MS)

    return {
        "aead": lambda: bare.decrypt(nonce, bare.encrypt(nonce, plain, b""), b""),
        "frame": sealed,
        "message": said,
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--handshakes", type=int, default=40, help="of each kind and round")
    parser.add_argument("--frames", type=int, default=1_000, help="of each kind and round")
    chosen = parser.parse_args()
    shaken = rates(
        {
            "xx": lambda: noise("XX"),
            "xk_hfs_psk0": lambda: noise("XKhfs+psk0"),
            "xx_hfs_psk0": lambda: noise("XXhfs+psk0"),
            "link_known": lambda: link(Pattern.KNOWN),
            "link_invitation": lambda: link(Pattern.INVITATION),
        },
        chosen.handshakes,
    )
    carried = rates(frames(), chosen.frames)
    report(
        "handshake",
        **{f"{name}_per_s": value for name, value in shaken.items()},
        **{f"{name}_to_xx": value / shaken["xx"] for name, value in shaken.items() if name != "xx"},
        frame_bytes=FRAME_BYTES,
        **{f"{name}_mib_per_s": value * FRAME_BYTES / 2**20 for name, value in carried.items()},
        **{f"{name}_to_aead": value / carried["aead"] for name, value in carried.items() if name != "aead"},
    )


if __name__ == "__main__":
    main()

"""Makes `invitation.json`: invitations as records and as text, and texts that are refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.wire import record
from meshcoal.wire.invitation import Invitation, encode_invitation
from meshcoal.wire.record import to_json

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("invitation.json")
EXPIRES_MS: Final = 1_800_000_000_000


def made() -> tuple[Invitation, ...]:
    return tuple(
        [
            Invitation(
                code=fixed(f"{name} code", 16),
                person=AgreementKey(fixed(f"{name} link", 32)).public,
                hints=hints,
                expires_ms=EXPIRES_MS,
            )
            for name, hints in (
                ("Ana", ()),
                ("Ben", ("192.0.2.7:7600",)),
                ("Chi", ("192.0.2.7:7600", "[2001:db8::7]:7600", "abcdefghijklmnop.example:443")),
            )
        ]
    )


def build() -> dict[str, Any]:
    invitations = made()
    text = encode_invitation(invitations[1])
    return {
        "about": "Invitations. docs/protocol/invitation.md, 'The text'. Bytes in hex.",
        "invitations": [
            {"fields": to_json(one), "record": record.encode(one).hex(), "text": encode_invitation(one)}
            for one in invitations
        ],
        "the_same": [
            text.lower(),
            "-".join(text[at : at + 5] for at in range(0, len(text), 5)),
            f" {text}\n",
        ],
        "refused": [text[:-1], text[:20] + "AAAA" + text[24:], text[1:], text + "A", "MESHCOAL1", ""],
    }


if __name__ == "__main__":
    run(FILE, build)

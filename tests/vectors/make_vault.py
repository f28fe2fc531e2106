"""Makes `vault.json`: a passphrase, its slot, and the vault file around it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.passphrase import SlotParameters, slot_key, wrap
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.store.vault import pack

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("vault.json")
# One phrase as two keyboards spell it: composed, and with the accent by itself and a full-width digit.
PHRASES: Final = ("seven hérons over the reservoir 4", "seven he\u0301rons over the reservoir \uff14")


class Given:
    """The nonce, decided beforehand."""

    def take(self, count: int, /) -> bytes:
        return fixed("nonce", count)


def build() -> dict[str, Any]:
    data_key = fixed("data key", 32)
    parameters = SlotParameters(
        salt=fixed("salt", 16), memory_kib=ARGON2_MEMORY_MIN_KIB, passes=ARGON2_PASSES_MIN
    )
    slot = wrap(PHRASES[0], data_key, parameters, Given())
    return {
        "about": "A slot and a vault file. docs/protocol/vault-key.md and vault-file.md. Bytes in hex.",
        "passphrases": list(PHRASES),
        "normal": PHRASES[0].encode().hex(),
        "salt": parameters.salt.hex(),
        "memory_kib": parameters.memory_kib,
        "passes": parameters.passes,
        "slot_key": slot_key(PHRASES[0], parameters).hex(),
        "nonce": Given().take(12).hex(),
        "data_key": data_key.hex(),
        "slot": slot.hex(),
        "vault_file": pack(slot).hex(),
    }


if __name__ == "__main__":
    run(FILE, build)

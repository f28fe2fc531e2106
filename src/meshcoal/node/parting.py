"""What a file with one part is called.

Law: a name is all chance: no two have anything in common, and none says what is in the file.
"""

from __future__ import annotations

import base64

from meshcoal.crypto.entropy import Entropy
from meshcoal.wire.bundle import PART_NAME_CHARS


def part_name(entropy: Entropy) -> str:
    """`PART_NAME_CHARS` letters and digits of base 32 (RFC 4648), small."""
    return base64.b32encode(entropy.take(PART_NAME_CHARS * 5 // 8)).decode().lower()

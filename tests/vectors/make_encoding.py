"""Makes `encoding.json`: values and their one spelling, and spellings that are refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.wire import canonical
from meshcoal.wire.canonical import Value

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import run

FILE: Final = Path(__file__).with_name("encoding.json")

# Bytes stand as {"bytes": hex}; arrays as arrays; everything else as JSON has it.
VALUES: Final[tuple[Value, ...]] = (
    None,
    False,
    True,
    *(0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63, 2**64 - 1),
    *(-1, -32, -33, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**63)),
    *(b"", b"\x01", bytes(255), bytes(256)),
    *("", "a", "é", "م", "a" * 31, "a" * 32, "a" * 255, "a" * 256),
    *((), (1,), ((), (None, (b"", "")))),
    tuple(range(15)),
    tuple(range(16)),
)
REFUSED: Final = (
    ("cut off", "92c0"),
    ("bytes left over", "c0c0"),
    ("a longer form of 0", "cc00"),
    ("a longer form of 255", "cd00ff"),
    ("signed form of a number that is not negative", "d001"),
    ("bin 16 for one byte", "c5000101"),
    ("str 8 for one character", "d90161"),
    ("array 16 of none", "dc0000"),
    ("text that is not UTF-8", "a1ff"),
    ("half of a surrogate pair", "a3eda080"),
    ("a map", "80"),
    ("a float", "cb3ff0000000000000"),
    ("an extension", "d4007f"),
    ("a type that is never used", "c1"),
    ("nothing", ""),
    ("nested too deep", "91" * 17 + "c0"),
)


def shown(value: Value) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    return value


def build() -> dict[str, Any]:
    return {
        "about": "Values and their spelling. docs/protocol/encoding.md. Bytes stand as an object.",
        "values": [{"value": shown(value), "encoded": canonical.encode(value).hex()} for value in VALUES],
        "refused": [{"why": why, "encoded": encoded} for why, encoded in REFUSED],
    }


if __name__ == "__main__":
    run(FILE, build)

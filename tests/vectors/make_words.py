"""Makes `words.json`: words of keys, and words that two people compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.fingerprint import LANGUAGES, comparison_words, fingerprint

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("words.json")


def build() -> dict[str, Any]:
    ana, ben, handshake_hash = fixed("Ana link", 32), fixed("Ben link", 32), fixed("handshake hash", 32)
    return {
        "about": "Words of a key, and of a meeting. docs/protocol/handshake.md. Bytes in hex.",
        "fingerprints": [
            {"key": key.hex(), "language": language, "words": list(fingerprint(key, language))}
            for key in (ana, ben)
            for language in LANGUAGES
        ],
        "comparisons": [
            {
                "handshake_hash": handshake_hash.hex(),
                "keys": [ana.hex(), ben.hex()],
                "language": language,
                "words": list(comparison_words(handshake_hash, ana, ben, language)),
            }
            for language in LANGUAGES
        ],
    }


if __name__ == "__main__":
    run(FILE, build)

"""What the scripts that make vectors share: fixed bytes, one spelling of a file, and making it again.

Every script has a `FILE` and a `build()`, and is run as `PYTHONPATH=src python tests/vectors/make_NAME.py`:
the file comes out as it was, or the protocol has changed. `--check` compares and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def fixed(label: str, size: int) -> bytes:
    """Bytes that follow from a label: SHAKE256 of it."""
    return hashlib.shake_256(label.encode()).digest(size)


def spelled(vectors: dict[str, Any]) -> str:
    """A file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


def run(file: Path, build: Callable[[], dict[str, Any]]) -> None:
    """Write the file, or compare it with what comes out now."""
    made = spelled(build())
    if "--check" not in sys.argv:
        file.write_text(made, encoding="utf-8")
    elif file.read_text(encoding="utf-8") != made:
        raise SystemExit(f"{file.name} is not what comes out now")

"""Goal: foreign bytes do no more than raise `RemoteError`. Method: the fuzzer's table, by Hypothesis."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import RemoteError

ROOT = Path(__file__).parents[2]


def _load() -> Any:
    path = ROOT / "fuzz" / "decoders.py"
    spec = importlib.util.spec_from_file_location("fuzz_decoders", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


DECODERS = _load()
NAMES = [target.__name__ for target in DECODERS.TARGETS]


def feed(name: str, data: bytes) -> None:
    """Raises whatever the decoder should not raise."""
    DECODERS.one_input(bytes([NAMES.index(name)]) + data)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=1_500))
@settings(max_examples=60, deadline=None)
def test_noise_raises_remote_errors_only(name: str, data: bytes) -> None:
    """Goal: totality. Method: random bytes into each decoder."""
    feed(name, data)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.binary(max_size=70)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=8).map(tuple),
    max_leaves=30,
)
STRUCTURED = (
    "plain_value", "header", "operation", "body", "message", "packed_run", "inside_message",
    "handed", "handed_inside", "bundle", "attached", "chunk", "reconciling", "reconciled",
    "bundle_content",
)  # fmt: skip


@pytest.mark.parametrize("name", STRUCTURED)
@given(value=VALUES, head=st.sampled_from([b"", *[bytes([n]) for n in [*range(20), 200]]]))
@settings(max_examples=80, deadline=None)
def test_well_spelt_nonsense_raises_remote_errors_only(name: str, value: object, head: bytes) -> None:
    """Goal: the checks behind the spelling are total too. Method: canonical bytes of arbitrary values."""
    feed(name, head + DECODERS.canonical.encode(value))


def test_a_bug_would_be_seen() -> None:
    """Goal: the harness swallows nothing. Method: a decoder that raises something else."""
    assert issubclass(DECODERS.RemoteError, RemoteError)
    broken = DECODERS.TARGETS
    try:
        DECODERS.TARGETS = (lambda data: data.decode("ascii"),)
        with pytest.raises(UnicodeDecodeError):
            DECODERS.one_input(b"\x00\xff")
    finally:
        DECODERS.TARGETS = broken


def test_the_group_s_decoders_are_reached() -> None:
    """Goal: the harness gets past the seals. Method: the true message alone opens, and handed keys that are
    well spelt are taken."""
    courier, keyring, message = DECODERS._pairwise()
    DECODERS._take(courier, keyring, message)
    epoch = (b"e" * 32, b"r" * 32, ((b"a" * 32, 7, b"k" * 32),))
    DECODERS.handed_inside(DECODERS.canonical.encode(((epoch,),)))
    with pytest.raises(RemoteError):
        DECODERS.handed_inside(DECODERS.canonical.encode(((),)))


def test_every_decoder_of_wire_is_in_the_table() -> None:
    """Goal: a new decoder is fuzzed. Method: every `decode_*` and `parse_*` of `wire` is used there."""
    source = (ROOT / "fuzz" / "decoders.py").read_text(encoding="utf-8")
    missing = []
    for path in sorted((ROOT / "src" / "meshcoal" / "wire").glob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for prefix in ("def decode_", "def parse_"):
                if line.startswith(prefix):
                    name = line[4 : line.index("(")]
                    if f"{name}(" not in source:
                        missing.append(name)
    assert missing == []

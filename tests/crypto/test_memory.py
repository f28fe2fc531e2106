"""Secrets in locked memory: read while open, wiped when closed."""

from __future__ import annotations

import pytest

from meshcoal.crypto.memory import SecretBytes


def test_a_secret_reads_until_it_is_closed() -> None:
    """Goal: a life with an end. Method: read, leave the context, read again."""
    with SecretBytes(b"secret" * 5) as secret:
        assert secret.read() == b"secret" * 5
        assert len(secret) == 30
    assert secret.closed
    with pytest.raises(AssertionError):
        secret.read()
    secret.close()  # again is allowed


def test_closing_wipes_the_memory() -> None:
    """Goal: nothing stays behind. Method: keep a view of the buffer and look after closing."""
    secret = SecretBytes(b"\xaa" * 32)
    buffer = secret._buffer
    assert bytes(buffer) == b"\xaa" * 32
    secret.close()
    assert bytes(buffer) == bytes(32)


def test_an_empty_secret_and_its_text_form() -> None:
    """Goal: edges. Method: no bytes at all; the text form tells nothing."""
    secret = SecretBytes(b"")
    assert secret.read() == b""
    assert repr(secret) == "SecretBytes(...)"
    secret.close()

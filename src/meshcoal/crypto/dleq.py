"""A proof that two logarithms are equal, without telling them: RFC 9497, section 2.2 (Chaum-Pedersen 1992).

Law: the proof says that one secret k stands behind B = k*A and behind each D = k*C, in one context, and
nothing else of k. Verified against the RFC's own vectors, of which it is the part that its VOPRF needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ristretto import (
    SCALAR_BYTES,
    Element,
    hash_to_scalar,
    is_scalar,
    multiply,
    random_scalar,
    subtract,
)
from meshcoal.errors import BadSignature

PROOF_BYTES: Final = 2 * SCALAR_BYTES  # challenge, response

Pairs = Sequence[tuple[Element, Element]]


def prove(
    secret: bytes, base: Element, public: Element, pairs: Pairs, context: bytes, entropy: Entropy
) -> bytes:
    """64 bytes that prove `public` = `secret` * `base`, and the same of each pair (C, secret * C).

    GenerateProof of section 2.2.1, with ComputeCompositesFast. `context` is the RFC's contextString.
    """
    m, _ = _composites(public, pairs, context)
    nonce = random_scalar(entropy)
    challenge = _challenge(public, m, m.times(secret), base.times(nonce), m.times(nonce), context)
    return challenge + subtract(nonce, multiply(challenge, secret))


def verify(base: Element, public: Element, pairs: Pairs, context: bytes, proof: bytes) -> None:
    """VerifyProof of section 2.2.2.

    Raises:
        BadSignature: not 64 bytes, a scalar not in its one spelling, or not a proof of this.
    """
    challenge, response = proof[:SCALAR_BYTES], proof[SCALAR_BYTES:]
    if len(proof) != PROOF_BYTES or not is_scalar(challenge) or not is_scalar(response):
        raise BadSignature("a proof is two scalars in their one spelling")
    m, z = _composites(public, pairs, context)
    t2 = base.times(response) + public.times(challenge)
    t3 = m.times(response) + z.times(challenge)
    if _challenge(public, m, z, t2, t3, context) != challenge:
        raise BadSignature("the proof does not hold")


def _composites(public: Element, pairs: Pairs, context: bytes) -> tuple[Element, Element]:
    """ComputeComposites of section 2.2.1: one pair that stands for all."""
    assert pairs, "there is something to prove"
    seed = hashlib.sha512(_sized(public.encode()) + _sized(b"Seed-" + context)).digest()
    m = z = Element.identity()
    for index, (c, d) in enumerate(pairs):
        transcript = _sized(seed) + index.to_bytes(2, "big") + _sized(c.encode()) + _sized(d.encode())
        weight = _to_scalar(transcript + b"Composite", context)
        m, z = c.times(weight) + m, d.times(weight) + z
    return m, z


def _challenge(public: Element, m: Element, z: Element, t2: Element, t3: Element, context: bytes) -> bytes:
    parts = [_sized(element.encode()) for element in (public, m, z, t2, t3)]
    return _to_scalar(b"".join(parts) + b"Challenge", context)


def _to_scalar(transcript: bytes, context: bytes) -> bytes:
    return hash_to_scalar(transcript, b"HashToScalar-" + context)


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part

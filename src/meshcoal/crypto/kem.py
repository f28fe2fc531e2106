"""Key encapsulation for the links' handshake: ML-KEM-768 (FIPS 203), behind a port.

Law: a public key that is not in its one canonical spelling is refused; a ciphertext of the right length
always gives a secret, and the wrong secret if it was not made for this key (FIPS 203, section 6.3, "implicit
rejection"), so that nobody learns from a refusal. A key serves one handshake.

Encapsulation draws its chance inside OpenSSL, where no seed reaches: the simulator uses
`crypto.deterministic.DeterministicKem`, which passes the same contract (tests/contract/test_kem.py).
"""

from __future__ import annotations

from typing import Final, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey

from meshcoal.errors import BadKey, Unsupported

KEM_SEED_BYTES: Final = 64  # d and z, FIPS 203 section 7.1
KEM_PUBLIC_BYTES: Final = 1184
KEM_CIPHERTEXT_BYTES: Final = 1088
KEM_SECRET_BYTES: Final = 32


class KemKey(Protocol):
    """A decapsulation key and its public half."""

    public: bytes

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """The 32-byte secret of a ciphertext of `KEM_CIPHERTEXT_BYTES`.

        A ciphertext for another key, or a changed one, gives another secret.

        Raises:
            BadKey: of another length.
        """


class Kem(Protocol):
    """Makes keys and encapsulates to them. Contract: tests/contract/test_kem.py."""

    name: str  # as it stands in a Noise protocol name

    def key_of(self, seed: bytes) -> KemKey:
        """The key of 64 uniform bytes."""

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        """(ciphertext, 32-byte secret) for the holder of `public`. Raises `BadKey`."""


class _MLKEM768Key:
    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        self._key = MLKEM768PrivateKey.from_seed_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        # The length is the only thing that may be wrong with a ciphertext (FIPS 203, section 7.3).
        if len(ciphertext) != KEM_CIPHERTEXT_BYTES:
            raise BadKey(f"a KEM ciphertext is {KEM_CIPHERTEXT_BYTES} bytes")
        return self._key.decapsulate(ciphertext)

    def __repr__(self) -> str:
        return "KemKey(...)"


class MLKEM768:
    """ML-KEM-768 by OpenSSL: public key 1,184 bytes, ciphertext 1,088, secret 32, seed 64.

    Raises:
        Unsupported: on construction, when the installed OpenSSL has no ML-KEM.
    """

    name: str = "MLKEM768"

    def __init__(self) -> None:
        try:
            MLKEM768PrivateKey.from_seed_bytes(bytes(KEM_SEED_BYTES))
        except UnsupportedAlgorithm as exc:
            raise Unsupported(
                "This machine's OpenSSL has no ML-KEM. Install the official `cryptography` wheel,"
                " or OpenSSL 3.5 or later."
            ) from exc

    def key_of(self, seed: bytes) -> KemKey:
        assert len(seed) == KEM_SEED_BYTES, "a KEM seed is 64 bytes"
        return _MLKEM768Key(seed)

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        if len(public) != KEM_PUBLIC_BYTES:
            raise BadKey(f"a KEM key is {KEM_PUBLIC_BYTES} bytes")
        try:
            # Refuses coefficients not below q (FIPS 203, section 7.2, "modulus check").
            secret, ciphertext = MLKEM768PublicKey.from_public_bytes(public).encapsulate()
        except ValueError as exc:
            raise BadKey("the KEM key is not in its one canonical spelling") from exc
        return ciphertext, secret

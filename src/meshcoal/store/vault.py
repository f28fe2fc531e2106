"""The vault: the file that holds the data key, shut with the passphrase.

Law: the vault file is written last, so that where it exists there is a store under its key. It is replaced
whole or not at all, and a file that cannot be read is left as it is. Whoever creates or changes a vault
holds the home's lock. Layout: docs/protocol/vault-file.md. Ours, unreviewed.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Final

from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.memory import SecretBytes
from meshcoal.crypto.passphrase import (
    DATA_KEY_BYTES,
    SALT_BYTES,
    SlotParameters,
    unwrap,
    wrap,
)
from meshcoal.errors import Corrupt, NoVault, SchemaTooNew, VaultExists
from meshcoal.store import files
from meshcoal.store.store import STORE_NAME, Store

VAULT_NAME: Final = "vault"
VAULT_BYTES_MAX: Final = 64 * 1024
VERSION: Final = 1

_MAGIC: Final = b"meshcoal vault\r\n"  # the line end shows when a file went through a text converter
_HEAD: Final = struct.Struct(f">{len(_MAGIC)}sHH")  # magic, version, bytes of the slot
_DIGEST_BYTES: Final = 32


class Vault:
    """The files of one home directory: `vault`, `store.db` and, while it is open, `store.db-wal`.

    Every method may raise `ReadOnly`, `DiskFull` or `StoreError`.
    """

    @staticmethod
    def exists(home: Path) -> bool:
        with files.disk_errors(home.name):
            return (home / VAULT_NAME).exists()

    @staticmethod
    def create(home: Path, passphrase: str, entropy: Entropy, *, memory_kib: int, passes: int) -> SecretBytes:
        """Makes a home with a new data key and an empty store.

        Takes as long as Argon2id takes with these parameters.

        Returns:
            The data key, 32 bytes. Close it when the store is closed.

        Raises:
            VaultExists: there is one; it was not touched.
            BadArgument: the passphrase is too short or too long.
            Unsupported: not enough free memory.
        """
        files.make_private_directory(home)
        if Vault.exists(home):
            raise _exists()
        data_key = entropy.take(DATA_KEY_BYTES)
        packed = _wrapped(passphrase, data_key, entropy, memory_kib=memory_kib, passes=passes)
        _set_orphan_aside(home)
        Store.create(home, data_key)
        if not files.write_whole(home / VAULT_NAME, packed, replace=False):
            raise _exists()
        return SecretBytes(data_key)

    @staticmethod
    def open(home: Path, passphrase: str) -> SecretBytes:
        """The data key, 32 bytes. Close it when the store is closed.

        Raises:
            NoVault: there is none.
            WrongPassphrase: the file is sound and the passphrase does not open it.
            Corrupt: the file is truncated or damaged.
            SchemaTooNew: the file was written by a newer meshcoal.
            Unsupported: not enough free memory.
        """
        return SecretBytes(unwrap(passphrase, _slot(home)))

    @staticmethod
    def change_passphrase(
        home: Path, old: str, new: str, entropy: Entropy, *, memory_kib: int, passes: int
    ) -> None:
        """Shuts the same data key with another passphrase; the store is not touched.

        The old slot is overwritten as far as the disk allows. A copy of the vault file made earlier still
        opens with the old passphrase.

        Raises:
            What `open` raises for the old passphrase and `create` for the new one.
        """
        with Vault.open(home, old) as data_key:
            packed = _wrapped(new, data_key.read(), entropy, memory_kib=memory_kib, passes=passes)
        files.write_whole(home / VAULT_NAME, packed, replace=True)


def pack(slot: bytes) -> bytes:
    """A vault file around a passphrase slot."""
    body = _HEAD.pack(_MAGIC, VERSION, len(slot)) + slot
    return body + hashlib.sha256(body).digest()


def unpack(data: bytes) -> bytes:
    """The passphrase slot in a vault file.

    Raises:
        Corrupt: truncated, damaged, or no vault file.
        SchemaTooNew: sound, but of a newer version.
    """
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    # Without this sum a damaged file would look like a wrong passphrase.
    sound = len(body) >= _HEAD.size and hashlib.sha256(body).digest() == digest
    if not sound or not body.startswith(_MAGIC):
        raise _corrupt()
    _, version, slot_bytes = _HEAD.unpack_from(body)
    if version > VERSION:
        raise SchemaTooNew(
            "The vault was written by a newer meshcoal. Nothing was changed; install the newer version again."
        )
    slot = body[_HEAD.size :]
    if version < 1 or len(slot) != slot_bytes:
        raise _corrupt()
    return slot


def _wrapped(passphrase: str, data_key: bytes, entropy: Entropy, *, memory_kib: int, passes: int) -> bytes:
    parameters = SlotParameters(salt=entropy.take(SALT_BYTES), memory_kib=memory_kib, passes=passes)
    return pack(wrap(passphrase, data_key, parameters, entropy))


def _slot(home: Path) -> bytes:
    with files.disk_errors(VAULT_NAME):
        try:
            with (home / VAULT_NAME).open("rb") as file:
                data = file.read(VAULT_BYTES_MAX + 1)
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise NoVault(
                "There is no vault in this folder yet. Make an identity first, or point to the right folder."
            ) from exc
    if len(data) > VAULT_BYTES_MAX:
        raise _corrupt()
    return unpack(data)


def _set_orphan_aside(home: Path) -> None:
    # A store without a vault file: left by a creation that was cut short, or its vault was lost. Only the
    # lost vault file could open it, so it is moved out of the way and never overwritten.
    with files.disk_errors(STORE_NAME):
        for suffix in ("", "-wal"):
            path = home / (STORE_NAME + suffix)
            if not path.exists():
                continue
            number = 1
            while (aside := home / f"{STORE_NAME}.orphan-{number}{suffix}").exists():
                number += 1
            path.rename(aside)


def _exists() -> VaultExists:
    return VaultExists("There is a vault in this folder already. It was not touched; unlock it instead.")


def _corrupt() -> Corrupt:
    return Corrupt(
        "The vault file is damaged or cut short, and was left as it is. "
        "Put back the vault file from your last backup; the store beside it needs no repair."
    )

"""What stands behind a home's passphrase: the vault's key, the store it opens, the node the store holds.

Law: a vault appears in its home whole, with the identity in it, or not at all: it is made in a folder beside
and moved in, the vault file last. Everything here waits (Argon2id takes a second), so nothing of it runs on
the loop's thread.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.memory import SecretBytes
from meshcoal.daemon.runtime import Core, StepStore
from meshcoal.errors import VaultExists
from meshcoal.limits import ARGON2_MEMORY_DEFAULT_KIB, ARGON2_PASSES_MIN
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Effect
from meshcoal.store import files
from meshcoal.store.store import STORE_NAME, Store
from meshcoal.store.vault import VAULT_NAME, Vault

if TYPE_CHECKING:
    from meshcoal.node.node import Node

NURSERY: Final = "vault.new"


class Secret(Protocol):
    """A key that is wiped when closed."""

    def read(self) -> bytes: ...

    def close(self) -> None: ...


class Backing(Protocol):
    """What the daemon needs of a home."""

    def exists(self) -> bool: ...

    def create(self, *, name: str, passphrase: str, now_ms: int) -> Secret:
        """Make the vault. Raises `VaultExists`, `BadArgument`, `Unsupported`, `StoreError`."""

    def unwrap(self, passphrase: str) -> Secret:
        """The vault's key. Raises `NoVault`, `WrongPassphrase`, `Unsupported`, `StoreError`."""

    def change_passphrase(self, old: str, new: str) -> None:
        """Raises what `unwrap` and `create` raise for the old and the new one."""

    def open(self, key: Secret) -> StepStore:
        """The store; on the thread that will use it. Closes the key. Raises `StoreError`."""

    def recover(self, reader: LogReader, now_ms: int) -> tuple[Core, tuple[Effect, ...]]:
        """The node that the store holds. Raises `StoreError`."""


class HomeBacking:
    """The files of a home directory."""

    def __init__(
        self,
        home: Path,
        *,
        memory_kib: int = ARGON2_MEMORY_DEFAULT_KIB,
        passes: int = ARGON2_PASSES_MIN,
    ) -> None:
        """Raises `Unsupported`: this machine's OpenSSL lacks what sealing needs."""
        self._home = home
        self._memory_kib = memory_kib
        self._passes = passes
        self._entropy = OsEntropy()
        self._sealer = XWingSealer()
        self._kem = MLKEM768()

    def exists(self) -> bool:
        return Vault.exists(self._home)

    def create(self, *, name: str, passphrase: str, now_ms: int) -> SecretBytes:
        if self.exists():
            raise VaultExists(
                "There is an identity in this home already. It was not touched; unlock it instead."
            )
        nursery = self._home / NURSERY
        with files.disk_errors(NURSERY):
            shutil.rmtree(nursery, ignore_errors=True)  # of a creation that was interrupted
        try:
            key = Vault.create(
                nursery, passphrase, self._entropy, memory_kib=self._memory_kib, passes=self._passes
            )
            try:
                self._fill(nursery, key, name, now_ms)
                self._move_in(nursery)
            except BaseException:
                key.close()
                raise
        finally:
            shutil.rmtree(nursery, ignore_errors=True)
        return key

    def unwrap(self, passphrase: str) -> SecretBytes:
        return Vault.open(self._home, passphrase)

    def change_passphrase(self, old: str, new: str) -> None:
        Vault.change_passphrase(
            self._home, old, new, self._entropy, memory_kib=self._memory_kib, passes=self._passes
        )

    def open(self, key: Secret) -> Store:
        try:
            return Store.open(self._home, key.read())
        finally:
            key.close()

    def recover(self, reader: LogReader, now_ms: int) -> tuple[Node, tuple[Effect, ...]]:
        return _node().recover(
            reader=reader, entropy=self._entropy, sealer=self._sealer, kem=self._kem, now_ms=now_ms
        )

    def _fill(self, folder: Path, key: SecretBytes, name: str, now_ms: int) -> None:
        store = Store.open(folder, key.read())
        try:
            store.commit(_node().first_changes(name=name, entropy=self._entropy, now_ms=now_ms))
        finally:
            store.close()

    def _move_in(self, nursery: Path) -> None:
        with files.disk_errors(STORE_NAME):
            for path in sorted(nursery.iterdir(), key=lambda path: path.name == VAULT_NAME):
                target = self._home / path.name
                number = 1
                while target.exists():  # a store whose vault file was lost: only that file could open it
                    aside = target.with_name(f"{target.name}.orphan-{number}")
                    if not aside.exists():
                        target.rename(aside)
                    number += 1
                path.rename(target)
                files.sync_directory(self._home)


def _node() -> type[Node]:
    """What a node consists of takes 7 MiB: loaded when Argon2 has given back what it needed."""
    from meshcoal.node.node import Node

    return Node

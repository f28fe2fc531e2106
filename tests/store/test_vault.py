"""The vault file: opened by its passphrase only, never harmed, and silent about the rest."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import (
    BadArgument,
    Corrupt,
    NoVault,
    SchemaTooNew,
    VaultExists,
    WrongPassphrase,
)
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.log.changes import PutDocument
from meshcoal.store.store import Store
from meshcoal.store.vault import VAULT_BYTES_MAX, Vault, pack, unpack

PHRASE = "seven herons over the reservoir"
NEW_PHRASE = "nine quiet bicycles in the rain"


def names(home: Path) -> list[str]:
    return sorted(entry.name for entry in home.iterdir())


def create(home: Path, passphrase: str = PHRASE, seed: bytes = b"vault") -> bytes:
    with Vault.create(
        home, passphrase, SeededEntropy(seed), memory_kib=ARGON2_MEMORY_MIN_KIB, passes=ARGON2_PASSES_MIN
    ) as data_key:
        return data_key.read()


def opened(home: Path, passphrase: str) -> bytes:
    with Vault.open(home, passphrase) as data_key:
        return data_key.read()


def change(home: Path, old: str, new: str) -> None:
    entropy = SeededEntropy(b"change")
    Vault.change_passphrase(
        home, old, new, entropy, memory_kib=ARGON2_MEMORY_MIN_KIB, passes=ARGON2_PASSES_MIN
    )


def contents(home: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in home.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """One vault for the tests that only damage a copy of it; Argon2id is slow on purpose."""
    home = tmp_path_factory.mktemp("made") / "home"
    return home, create(home)


@pytest.fixture
def home(made: tuple[Path, bytes], tmp_path: Path) -> Path:
    shutil.copytree(made[0], tmp_path / "home")
    return tmp_path / "home"


def test_create_and_open(home: Path, made: tuple[Path, bytes]) -> None:
    """Goal: the passphrase leads to the key of the store. Method: open the vault, then the store with it."""
    assert Vault.exists(home)
    key = opened(home, PHRASE)
    assert key == made[1]
    store = Store.open(home, key)
    store.commit([PutDocument(space="settings", key=b"k", value=b"v")])
    store.close()
    assert names(home) == ["store.db", "vault"]
    for entry in home.iterdir():
        assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o700


def test_wrong_passphrase(home: Path) -> None:
    """Goal: a wrong passphrase is told apart from damage, and changes nothing. Method: three wrong ones."""
    before = contents(home)
    for wrong in (PHRASE + "x", "", "x" * 5000):
        with pytest.raises(WrongPassphrase):
            Vault.open(home, wrong)
    assert contents(home) == before


def test_exists_already(home: Path) -> None:
    """Goal: a vault is never overwritten. Method: create again in the same folder."""
    before = contents(home)
    with pytest.raises(VaultExists):
        create(home, NEW_PHRASE)
    assert contents(home) == before


def test_no_vault(tmp_path: Path) -> None:
    """Goal: an empty or missing folder says so, and stays. Method: open in both."""
    for home in (tmp_path, tmp_path / "nowhere", tmp_path / "nowhere" / "deeper"):
        assert not Vault.exists(home)
        with pytest.raises(NoVault):
            Vault.open(home, PHRASE)
    assert names(tmp_path) == []


def test_short_passphrase_makes_nothing(tmp_path: Path) -> None:
    """Goal: a refused passphrase leaves no half of a vault. Method: seven characters."""
    with pytest.raises(BadArgument):
        create(tmp_path, "sevench")
    assert names(tmp_path) == []


def test_change_passphrase(home: Path, made: tuple[Path, bytes]) -> None:
    """Goal: the new passphrase opens the same key, the old one nothing. Method: change; compare."""
    store_before = (home / "store.db").read_bytes()
    with (home / "vault").open("rb") as old_file:
        old_slot = old_file.read()
        change(home, PHRASE, NEW_PHRASE)
        old_file.seek(0)
        assert old_file.read() == bytes(len(old_slot))
    assert opened(home, NEW_PHRASE) == made[1]
    with pytest.raises(WrongPassphrase):
        Vault.open(home, PHRASE)
    assert (home / "store.db").read_bytes() == store_before
    assert names(home) == ["store.db", "vault"]
    assert stat.S_IMODE((home / "vault").stat().st_mode) == 0o600


def test_change_needs_both(home: Path) -> None:
    """Goal: a change that cannot be made changes nothing. Method: a wrong old one, a new one too short."""
    before = contents(home)
    with pytest.raises(WrongPassphrase):
        change(home, "not the passphrase", NEW_PHRASE)
    with pytest.raises(BadArgument):
        change(home, PHRASE, "short")
    assert contents(home) == before


def test_every_truncation(home: Path) -> None:
    """Goal: a file cut anywhere is Corrupt and stays as it is. Method: cut after every byte."""
    path = home / "vault"
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(Corrupt, match="backup"):
            Vault.open(home, PHRASE)
        assert path.read_bytes() == whole[:size]


def test_every_flipped_bit(made: tuple[Path, bytes]) -> None:
    """Goal: damage is never taken for a wrong passphrase or a newer version. Method: flip each bit."""
    whole = (made[0] / "vault").read_bytes()
    for index in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[index // 8] ^= 1 << index % 8
        with pytest.raises(Corrupt):
            unpack(bytes(damaged))


def test_huge_file(home: Path) -> None:
    """Goal: a file that grew is refused without reading it all. Method: one byte over the bound."""
    (home / "vault").write_bytes(bytes(VAULT_BYTES_MAX + 1))
    with pytest.raises(Corrupt):
        Vault.open(home, PHRASE)


def test_newer_version(home: Path) -> None:
    """Goal: a sound file of a later version is told apart from damage. Method: version 2, other length."""
    body = b"meshcoal vault\r\n\x00\x02" + b"what comes after is not ours to judge"
    newer = body + hashlib.sha256(body).digest()
    (home / "vault").write_bytes(newer)
    with pytest.raises(SchemaTooNew, match="newer meshcoal"):
        Vault.open(home, PHRASE)
    with pytest.raises(SchemaTooNew):
        change(home, PHRASE, NEW_PHRASE)
    assert (home / "vault").read_bytes() == newer


def test_slot_of_wrong_length(home: Path) -> None:
    """Goal: a sound sum over a wrong length is Corrupt. Method: pack, lengthen, sum again; and version 0."""
    body = pack(b"slot")[:-32] + b"!"
    version_zero = b"meshcoal vault\r\n\x00\x00\x00\x04slot"
    for wrong in (body, version_zero, b"", b"meshcoal vault\r\n"):
        with pytest.raises(Corrupt):
            unpack(wrong + hashlib.sha256(wrong).digest())


@given(st.binary(max_size=200))
def test_pack_unpack(slot: bytes) -> None:
    """Goal: what is packed comes back. Method: any slot."""
    assert unpack(pack(slot)) == slot


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, with_sum: bool) -> None:
    """Goal: no bytes make the reader fail in its own way. Method: any bytes, with a right sum or without."""
    if with_sum:
        data = b"meshcoal vault\r\n" + data
        data += hashlib.sha256(data).digest()
    with contextlib.suppress(Corrupt, SchemaTooNew):
        assert pack(unpack(data)) == data


def test_orphan_is_set_aside(home: Path, tmp_path: Path) -> None:
    """Goal: a store without its vault is moved, not overwritten. Method: take the vault away, twice."""
    lost = (home / "store.db").read_bytes()
    for number in (1, 2):
        (home / "vault").unlink()
        key = create(home, seed=b"again %d" % number)
        Store.open(home, key).close()
        assert (home / f"store.db.orphan-{number}").exists()
    assert (home / "store.db.orphan-1").read_bytes() == lost


def test_layout_of_the_file(made: tuple[Path, bytes]) -> None:
    """Goal: the file is as docs/protocol/vault-file.md says. Method: take it apart by hand."""
    data = (made[0] / "vault").read_bytes()
    assert data[:16] == b"meshcoal vault\r\n"
    assert data[16:18] == b"\x00\x01"
    slot_bytes = int.from_bytes(data[18:20], "big")
    assert len(data) == 20 + slot_bytes + 32
    assert data[-32:] == hashlib.sha256(data[:-32]).digest()
    assert made[1] not in data

"""The real vault behind the daemon: whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshcoal.api.commands import ShowIdentity
from meshcoal.api.views import IdentityView
from meshcoal.daemon.backing import NURSERY, HomeBacking
from meshcoal.errors import BadArgument, DiskFull, VaultExists, WrongPassphrase
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB
from meshcoal.node.effects import Reply
from meshcoal.node.events import CommandReceived

PHRASE = "correct horse battery"


@pytest.fixture
def backing(tmp_path: Path) -> HomeBacking:
    return HomeBacking(tmp_path, memory_kib=ARGON2_MEMORY_MIN_KIB)


def test_what_was_created_recovers_as_a_node_with_its_name(backing: HomeBacking) -> None:
    """Goal: create, open, be somebody. Method: the real vault, store and node; ask it for its name."""
    store = backing.open(backing.create(name="Ana", passphrase=PHRASE, now_ms=1))
    node, _ = backing.recover(store.reader, 2)
    (answer,) = [
        effect.answer
        for effect in node.handle(CommandReceived(request=1, command=ShowIdentity()), 3)
        if isinstance(effect, Reply)
    ]
    assert isinstance(answer, IdentityView)
    assert answer.name == "Ana"
    store.close()
    with pytest.raises(WrongPassphrase):
        backing.unwrap("not the passphrase")
    backing.open(backing.unwrap(PHRASE)).close()


def test_an_identity_is_never_overwritten(backing: HomeBacking, tmp_path: Path) -> None:
    """Goal: `create` harms nothing. Method: create twice, compare the files."""
    backing.create(name="Ana", passphrase=PHRASE, now_ms=1).close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(VaultExists):
        backing.create(name="Ben", passphrase=PHRASE, now_ms=1)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_creation_that_fails_leaves_nothing(
    backing: HomeBacking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: no vault without an identity. Method: fail at each stage; then create as if nothing had been."""
    with pytest.raises(BadArgument):
        backing.create(name="Ana", passphrase="short", now_ms=1)
    for stage in ("_fill", "_move_in"):
        with monkeypatch.context() as patch:

            def fail(*_: object) -> None:
                raise DiskFull("full")

            patch.setattr(HomeBacking, stage, fail)
            with pytest.raises(DiskFull):
                backing.create(name="Ana", passphrase=PHRASE, now_ms=1)
        assert list(tmp_path.iterdir()) == []
        assert not backing.exists()
    backing.create(name="Ana", passphrase=PHRASE, now_ms=1).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store.db", "vault"]


def test_a_crash_while_creating_is_swept_up(backing: HomeBacking, tmp_path: Path) -> None:
    """Goal: remains never block a creation, and are not destroyed. Method: a half-made nursery and store."""
    (tmp_path / NURSERY).mkdir()
    (tmp_path / NURSERY / "vault").write_bytes(b"half")
    (tmp_path / "store.db").write_bytes(b"of a vault that was lost")
    backing.create(name="Ana", passphrase=PHRASE, now_ms=1).close()
    assert not (tmp_path / NURSERY).exists()
    assert (tmp_path / "store.db.orphan-1").read_bytes() == b"of a vault that was lost"
    backing.open(backing.unwrap(PHRASE)).close()

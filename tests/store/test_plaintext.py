"""Nothing readable reaches the disk: canaries go in by every change and are searched for in every file."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, ARGON2_PASSES_MIN
from meshcoal.log.changes import (
    Change,
    EraseCampaign,
    EraseDocument,
    MarkOpened,
    PutBody,
    PutDocument,
    PutMessage,
    PutOperation,
)
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault

PHRASE = "canary passphrase of the vault"
NEW_PHRASE = "canary passphrase, the second"


def padded(name: str, size: int = 32) -> bytes:
    return f"CANARY-{name}-".encode().ljust(size, b"=")


CAMPAIGN = CampaignId(padded("campaign"))
AUTHOR = AuthorId(padded("author"))
IDS = [OperationId(padded(f"id-{number}")) for number in range(400)]
TEXT = "CANARY-text of a message that nobody else may read"


def changes() -> list[Change]:
    """Every kind of change, with a canary in every field that can hold one."""
    found: list[Change] = []
    for seq, id_ in enumerate(IDS):
        found += [
            PutOperation(
                campaign=CAMPAIGN,
                id=id_,
                author=AUTHOR,
                seq=seq,
                depth=seq,
                context=0,
                kind=16,
                epoch=EpochId(padded("epoch")),
                encoded=padded("encoded", 600),
                opened=False,
            ),
            MarkOpened(id=id_),
            PutBody(campaign=CAMPAIGN, id=id_, kind=16, about=b"", body=padded("body", 100)),
            PutMessage(
                campaign=CAMPAIGN,
                channel=padded("chan", 16),
                id=id_,
                author=AUTHOR,
                seq=seq,
                depth=seq,
                context=0,
                at_ms=0,
                received_ms=0,
                text=TEXT,
                reply_to=padded("reply"),
            ),
            PutDocument(space="canaryspace", key=b"%d-" % seq + padded("key"), value=padded("value", 50)),
        ]
    return found


def spellings(secret: bytes) -> Iterator[bytes]:
    """The ways in which a careless program might have written it."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    text = secret.decode("latin-1")
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    for shift in range(3):  # base64 looks different for each place in a group of three
        yield base64.b64encode(bytes(shift) + secret)[4:-4]


def leaks(home: Path, secrets: list[bytes]) -> list[tuple[str, bytes]]:
    return [
        (entry.name, secret)
        for entry in sorted(home.iterdir())
        for secret in secrets
        for spelling in spellings(secret)
        if spelling in entry.read_bytes()
    ]


@pytest.mark.parametrize("erase", [False, True])
def test_no_plaintext(tmp_path: Path, erase: bool) -> None:
    """Goal: no file of a home holds anything readable. Method: all changes; search while open and closed."""
    entropy = SeededEntropy(b"plaintext")
    costs = {"memory_kib": ARGON2_MEMORY_MIN_KIB, "passes": ARGON2_PASSES_MIN}
    with Vault.create(tmp_path, PHRASE, entropy, **costs) as secret:
        key = secret.read()
    Vault.change_passphrase(tmp_path, PHRASE, NEW_PHRASE, entropy, **costs)
    canaries = [b"CANARY-", b"canaryspace", TEXT.encode(), PHRASE.encode(), NEW_PHRASE.encode(), key]
    store = Store.open(tmp_path, key)
    store.commit(changes())
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["store.db", "store.db-wal", "vault"]
    assert leaks(tmp_path, canaries) == []
    store.begin()
    store.apply([PutDocument(space="canaryspace", key=padded("undone"), value=padded("undone", 300_000))])
    assert leaks(tmp_path, canaries) == []
    store.rollback()
    if erase:
        store.commit([EraseDocument(space="canaryspace", key=b"0-" + padded("key"))])
        store.commit([EraseCampaign(campaign=CAMPAIGN)])
        store.tidy()
        assert leaks(tmp_path, canaries) == []
    store.close()
    assert leaks(tmp_path, canaries) == []


def test_the_search_works(tmp_path: Path) -> None:
    """Goal: the search sees each spelling. Method: write one file for each."""
    secret = TEXT.encode()
    written = [secret, secret.hex().encode(), TEXT.encode("utf-16"), base64.b64encode(b"{x:" + secret + b"}")]
    for number, content in enumerate(written):
        (tmp_path / f"{number}").write_bytes(b"noise" + content + b"noise")
    assert {name for name, _ in leaks(tmp_path, [secret])} == {"0", "1", "2", "3"}

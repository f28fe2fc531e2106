"""`meshcoal fork verify` on real proofs, sound and damaged."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from meshcoal.crypto.signing import SigningKey
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import FORK_BYTES_MAX
from meshcoal.log.fork import decode_fork, encode_fork, prove_fork
from meshcoal.wire.operation import (
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
    signing_input,
)

KEY = SigningKey.from_seed(bytes(range(32)))


def signed(body: bytes) -> Operation:
    header = Header(
        campaign=CampaignId(b"c" * 32),
        author=AuthorId(KEY.public),
        seq=4,
        backlink=b"b" * 32,
        parents=(OperationId(b"p" * 32),),
        kind=Kind.POST,
        epoch=EpochId(b"e" * 32),
        salt=bytes(16),
        index=0,
        successor=b"",
        body_hash=body_hash(body),
        directs_hash=directs_hash(()),
    )
    unsigned = Operation(header=header, sealed_body=body, directs=(), signature=bytes(64))
    return dataclasses.replace(unsigned, signature=KEY.sign(signing_input(unsigned.id)))


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "proof"
    path.write_bytes(encode_fork(prove_fork(signed(b"yes"), signed(b"no"))))
    return path


def test_a_proof_is_proven(run: Callable[..., Result], proof: Path) -> None:
    """Goal: anybody can check it. Method: for people and for programs."""
    result = run("fork", "verify", str(proof))
    assert result.exit_code == 0, result.output
    assert "PROVEN" in result.stdout
    assert KEY.public.hex() in result.stdout
    told = json.loads(run("fork", "verify", str(proof), "--json").stdout)
    assert (told["proven"], told["author"], told["seq"]) == (True, KEY.public.hex(), 4)
    assert len(set(told["body_hashes"])) == 2


def test_what_proves_nothing_says_so(run: Callable[..., Result], proof: Path) -> None:
    """Goal: exit code 1, with a reason. Method: another signature, a cut file, another file."""
    sound = decode_fork(proof.read_bytes())
    forged = encode_fork(dataclasses.replace(sound, second_signature=sound.first_signature))
    for data, code in ((forged, "bad-signature"), (proof.read_bytes()[:-1], "malformed-fork"), (b"no", "")):
        proof.write_bytes(data)
        result = run("fork", "verify", str(proof))
        assert result.exit_code == 1, result.output
        assert "NOT PROVEN" in result.stdout
        told = json.loads(run("fork", "verify", str(proof), "--json").stdout)
        assert not told["proven"]
        assert code in told["code"]


def test_what_cannot_be_read_is_told_apart(run: Callable[..., Result], proof: Path) -> None:
    """Goal: exit code 2 is not a verdict. Method: no such file; one that is too long."""
    assert run("fork", "verify", str(proof.with_name("none"))).exit_code == 2
    proof.write_bytes(bytes(FORK_BYTES_MAX + 1))
    assert run("fork", "verify", str(proof)).exit_code == 2

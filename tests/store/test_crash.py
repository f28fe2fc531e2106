"""What was acknowledged outlives kill -9: a real process is killed in the middle of its commits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import meshcoal
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.store.store import Store

KEY = bytes(range(32))
SOURCE = Path(meshcoal.__file__).parents[1]
CAMPAIGN = CampaignId(b"c" * 32)
AUTHOR = AuthorId(b"a" * 32)

WRITER = """
import hashlib, pathlib, sys
from meshcoal.log.changes import EraseDocument, PutDocument, PutMessage, PutOperation
from meshcoal.store.store import Store

home = pathlib.Path(sys.argv[1])
store = Store.open(home, bytes(range(32)))
campaign, author = b"c" * 32, b"a" * 32
seq = store.reader.operation_count(campaign)
while True:
    changes = []
    for _ in range(7):
        id = hashlib.sha256(b"%d" % seq).digest()
        changes.append(PutOperation(campaign=campaign, id=id, author=author, seq=seq, depth=seq, context=0,
            kind=16, epoch=b"e" * 32, encoded=id * 19, opened=True))
        changes.append(PutMessage(campaign=campaign, channel=b"h" * 16, id=id, author=author, seq=seq,
            depth=seq, context=0, at_ms=0, received_ms=0, text=id.hex(), reply_to=b""))
        seq += 1
    changes.append(PutDocument(space="state", key=b"next", value=b"%d" % seq))
    changes.append(PutDocument(space="secrets", key=b"%d" % seq, value=bytes(500)))
    changes.append(EraseDocument(space="secrets", key=b"%d" % (seq - 7)))
    store.commit(changes)
    print(seq, flush=True)
"""


@pytest.mark.parametrize("rounds", [(1, 2, 5, 13, 60, 150)], ids=str)
def test_killed_between_commits(tmp_path: Path, rounds: tuple[int, ...]) -> None:
    """Goal: no acknowledged step is lost, none is half there. Method: kill the writer after N lines."""
    Store.create(tmp_path, KEY)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    for lines in rounds:
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=environment, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            for line in writer.stdout:  # what was said before the signal came through
                if line.endswith("\n"):
                    acknowledged = int(line)
        store = Store.open(tmp_path, KEY)
        reader = store.reader
        held = reader.operation_count(CAMPAIGN)
        assert acknowledged <= held <= acknowledged + 7
        assert reader.document("state", b"next") == b"%d" % held
        assert [key for key, _ in reader.documents("secrets")] == [b"%d" % held]
        assert reader.frontier(CAMPAIGN)[AUTHOR][0] == held - 1
        assert reader.message_count(CAMPAIGN, b"h" * 16) == held
        assert all(len(reader.operations_at(CAMPAIGN, AUTHOR, seq)) == 1 for seq in range(held))
        assert store._database.rows("PRAGMA integrity_check") == [("ok",)]
        assert store._database.rows("PRAGMA cipher_integrity_check") == []
        store.close()

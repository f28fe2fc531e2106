"""SQLCipher beside sqlite3mc with AEGIS, under our own store: runs, lone messages, reading, opening.

Each runs in a process of its own, turn by turn; medians, of CPU time except where the disk is waited for.
sqlite3mc (`apsw-sqlite3mc`) is installed into a folder of its own in the user's cache, from pinned hashes,
and is no part of meshcoal. What follows from the figures is in docs/design/0018-store-cipher.md.

    python bench/cipher.py [--operations N] [--lone N] [--rounds N] [--quick]
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import PASSPHRASE, Maker, arguments, median, report
from platformdirs import user_cache_path
from taking_in import runs_of

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.node.core import Core
from meshcoal.node.effects import Persist
from meshcoal.node.step import Step
from meshcoal.store import database
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault

CIPHERS = ("sqlcipher", "aegis")
FOLDER = Path(__file__).parent / "ciphers"
RUN = 512


def environment() -> Path:
    """Where the other cipher's package is; installed when it is first asked for."""
    pinned = FOLDER / "requirements.txt"
    digest = hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]
    target = user_cache_path("meshcoal-bench") / f"ciphers-{digest}"
    if not (target / "complete").exists():
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        pins = ["--require-hashes", "--only-binary", ":all:", "-r", str(pinned)]
        subprocess.run([*command, "--target", str(target), *pins], check=True)
        (target / "complete").touch()
    return target


def one(cipher: str, operations: int, lone: int) -> dict[str, float]:
    """Everything with one cipher, in this process."""
    if cipher == "aegis":
        sys.path.insert(0, str(FOLDER))
        import aegis

        vars(database)["dbapi2"] = aegis
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        maker = Maker(Path(folder), members=50, ports=[1, 2])
        maker.write(operations + 2 * lone)
        maker.finish()
        source_home, home = maker.homes
        source = _open(source_home)
        began = time.process_time()
        runs = runs_of(source.reader, maker.campaign, RUN)
        scan_s = time.process_time() - began
        source.close()
        encoded = [operation for run in runs for operation in run]
        store = _open(home)
        core = Core(reader=store.reader, entropy=OsEntropy(), sealer=XWingSealer(), kem=MLKEM768())
        campaign = core.campaigns[maker.campaign]

        def take(batches: list[list[bytes]], *, lasting: bool) -> tuple[float, float]:
            """Seconds in all, and of these in the store: of CPU, or where it lasts, on the clock."""
            clock = time.perf_counter if lasting else time.process_time
            began, stored_s = clock(), 0.0
            for batch in batches:
                step = Step(int(time.time() * 1000))
                store.begin()
                core.acceptor.receive_run(campaign, step, batch)
                campaign.end_step(step)
                at_s = clock()
                for effect in step.effects():
                    if isinstance(effect, Persist):
                        store.apply(effect.changes)
                store.commit_step(lasting=lasting)
                stored_s += clock() - at_s
            return clock() - began, stored_s

        many = len(encoded) - 2 * lone
        by_runs = [encoded[start : min(start + RUN, many)] for start in range(0, many, RUN)]
        runs_s, runs_store_s = take(by_runs, lasting=False)
        live_s, live_store_s = take([[data] for data in encoded[many : many + lone]], lasting=False)
        kept_s, kept_store_s = take([[data] for data in encoded[many + lone :]], lasting=True)
        began, read, before = time.process_time(), 0, None
        while page := store.reader.messages(maker.campaign, maker.channel, before=before, limit=100):
            read += len(page)
            before = (page[0].depth, page[0].id)
        pages_s = time.process_time() - began
        store.close()
        stored = sum(path.stat().st_size for path in home.iterdir() if path.is_file())
        opening_s = []
        key = Vault.open(home, PASSPHRASE).read()
        for _ in range(5):
            began = time.process_time()
            Store.open(home, key).close()
            opening_s.append(time.process_time() - began)
    return {
        "runs_us": runs_s / many * 1e6,
        "runs_store_us": runs_store_s / many * 1e6,
        "lone_us": live_s / lone * 1e6,
        "lone_store_us": live_store_s / lone * 1e6,
        "lone_lasting_us": kept_s / lone * 1e6,
        "lone_lasting_store_us": kept_store_s / lone * 1e6,
        "send_scan_us": scan_s / len(encoded) * 1e6,
        "page_of_100_us": pages_s / max(1, read) * 100 * 1e6,
        "open_ms": median(opening_s) * 1000,
        "stored_bytes_per_operation": stored / len(encoded),
    }


def _open(home: Path) -> Store:
    return Store.open(home, Vault.open(home, PASSPHRASE).read())


def _in_a_process(cipher: str, target: Path, told: list[str]) -> dict[str, float]:
    path = os.pathsep.join([str(target), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, __file__, "--only", cipher, *told]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, default=20_000, help="in runs")
    parser.add_argument("--lone", type=int, default=500, help="one by one, of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=CIPHERS, help="in this process, for one round")
    parser.add_argument("--quick", action="store_true", help="2,000 operations, one round")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.operations, chosen.lone, chosen.rounds = 2_000, 100, 1
    if chosen.only:
        sys.stdout.write(json.dumps(one(chosen.only, chosen.operations, chosen.lone)) + "\n")
        return
    target = environment()
    told = ["--operations", str(chosen.operations), "--lone", str(chosen.lone)]
    rounds = [
        {cipher: _in_a_process(cipher, target, told) for cipher in CIPHERS} for _ in range(chosen.rounds)
    ]
    middle: Callable[[str, str], float] = lambda cipher, key: median(  # noqa: E731
        [found[cipher][key] for found in rounds]
    )
    figures: dict[str, float] = {}
    for key in rounds[0][CIPHERS[0]]:
        for cipher in CIPHERS:
            figures[f"{cipher}_{key}"] = middle(cipher, key)
        # The larger, the better AEGIS is; of pairs in one round, since the machine's load goes up and down.
        figures[f"{key}_ratio"] = median([found["sqlcipher"][key] / found["aegis"][key] for found in rounds])
    report("cipher", operations=chosen.operations, lone=chosen.lone, **figures)


if __name__ == "__main__":
    main()

"""Taking in: what it costs a node to check, open, reduce and store a campaign that arrives in runs, in one
process and without a wire: the receiving half of `catchup.py`.

    python bench/taking_in.py [--operations N] [--authors N] [--bytes N] [--run N] [--slice N] [--encoded]
        [--profile]
"""

from __future__ import annotations

import cProfile
import gc
import io
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from common import PASSPHRASE, Maker, arguments, progress, quantile, report

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.ids import CampaignId
from meshcoal.log.reader import LogReader
from meshcoal.node.core import Core
from meshcoal.node.effects import Persist
from meshcoal.node.step import Step
from meshcoal.node.taking import SLICE_WEIGHT, Outcome
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault
from meshcoal.wire.operation import Operation
from meshcoal.wire.packing import pack, unpack

RUN_BYTES = 256 * 1024
AT_ONCE = 1_024  # operations that are vouched for together, as in `node.catching`


def runs_of(reader: LogReader, campaign: CampaignId, size: int) -> list[list[bytes]]:
    """All operations of a campaign as a peer would send them."""
    found: list[list[bytes]] = []
    row = 0
    while True:
        run, row = reader.after(campaign, {}, row=row, operations_max=size, bytes_max=RUN_BYTES)
        if not run:
            return found
        found.append(run)


def steps_of(
    runs: list[list[bytes]], wire: list[bytes | None]
) -> Iterator[list[tuple[list[bytes], bytes | None]]]:
    """Runs as the daemon takes them in from its spool: as many together as `AT_ONCE` allows."""
    some: list[tuple[list[bytes], bytes | None]] = []
    count = 0
    for run, packed in zip(runs, wire, strict=True):
        if some and count + len(run) > AT_ONCE:
            yield some
            some, count = [], 0
        some.append((run, packed))
        count += len(run)
    yield some


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--authors", type=int, default=50)
    parser.add_argument("--bytes", type=int, default=300, help="of each message")
    parser.add_argument("--run", type=int, default=512, help="operations of a run")
    parser.add_argument("--slice", type=int, default=SLICE_WEIGHT, help="messages of a slice")
    parser.add_argument("--encoded", action="store_true", help="runs come unpacked, each operation whole")
    parser.add_argument("--profile", action="store_true", help="print the top 20 to stderr")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        maker = Maker(Path(folder), members=chosen.authors, ports=[1, 2])
        maker.write(chosen.operations, bytes_each=chosen.bytes, tell=progress("writing"))
        maker.finish()
        source_home, late_home = maker.homes
        source = _open(source_home)
        runs = runs_of(source.reader, maker.campaign, chosen.run)
        source.close()
        wire = [None if chosen.encoded else pack(run) for run in runs]
        store = _open(late_home)
        core = Core(reader=store.reader, entropy=OsEntropy(), sealer=XWingSealer(), kem=MLKEM768())
        campaign = core.campaigns[maker.campaign]
        profile = cProfile.Profile()
        took_s = core_s = 0.0
        each_us = []
        parts_ms = []
        new = 0
        if chosen.profile:
            profile.enable()
        gc.collect()
        gc.freeze()  # as the daemon does
        for some in steps_of(runs, wire):
            began = time.thread_time()
            brought: list[bytes | Operation] = []
            for run, packed in some:
                read = time.thread_time()
                brought += run if packed is None else unpack(maker.campaign, packed).decoded()
                parts_ms.append((time.thread_time() - read) * 1000)
            vouching = time.thread_time()
            taking = core.acceptor.gather(campaign, brought)
            parts_ms.append((time.thread_time() - vouching) * 1000)
            core_s += time.thread_time() - began
            while not taking.done:
                sliced = time.thread_time()
                step = Step(int(time.time() * 1000))
                store.begin()
                core.acceptor.take_slice(step, taking, weight_max=chosen.slice)
                campaign.end_step(step, put_off=not taking.done)
                core_s += time.thread_time() - sliced
                for effect in step.effects():
                    if isinstance(effect, Persist):
                        store.apply(effect.changes)
                store.commit_step(lasting=False, whole=step.whole)
                parts_ms.append((time.thread_time() - sliced) * 1000)
            new += sum(outcome is Outcome.NEW for outcome in taking.became())
            took = time.thread_time() - began
            took_s += took
            each_us.append(took / len(brought) * 1e6)
        if chosen.profile:
            profile.disable()
            told = io.StringIO()
            pstats.Stats(profile, stream=told).sort_stats("tottime").print_stats(20)
            sys.stderr.write(told.getvalue())
        total = sum(map(len, runs))
        messages = store.reader.message_count(maker.campaign, maker.channel)
        stored = sum(path.stat().st_size for path in late_home.iterdir() if path.is_file())
        store.close()
        compact = sum(path.stat().st_size for path in late_home.iterdir() if path.is_file())
        report(
            "taking_in",
            operations=total,
            new=new,
            messages=messages,
            cpu_us_per_operation=took_s / total * 1e6,
            quick_steps_us_per_operation=quantile(each_us, 0.1),  # on a busy machine the nearest to the truth
            core_us_per_operation=core_s / total * 1e6,
            store_us_per_operation=(took_s - core_s) / total * 1e6,
            step_ms_p50=quantile(parts_ms, 0.5),
            step_ms_p99=quantile(parts_ms, 0.99),
            step_ms_most=max(parts_ms),
            encoded_bytes_per_operation=sum(sum(map(len, run)) for run in runs) / total,
            packed_bytes_per_operation=sum(len(packed) for packed in wire if packed is not None) / total,
            stored_bytes_per_operation=stored / total,
            closed_bytes_per_operation=compact / total,
            peak_rss_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


def _open(home: Path) -> Store:
    return Store.open(home, Vault.open(home, PASSPHRASE).read())


if __name__ == "__main__":
    main()

"""Catch-up: a node that joins late fetches a whole campaign from one peer, over loopback, into an empty
encrypted store. Real daemons, real sockets; every operation is checked, opened and stored. Two figures count:
when all is on disk, so that a crash loses nothing and nothing is sent again; and when all is taken in.

In the same run: `git clone --bare` of as many blobs of the same size over `file://`, and what a bare
pipeline in Python takes: the same packed runs unpacked, one signature checked for each, one row for each in
SQLCipher. All of it in turns, `--rounds` times; medians are told, and of rates the range.

CPU is counted from when the vault is open; what unlocking takes is told beside it. Memory is the most that
was ever resident, unlocking (64 MiB of Argon2) included, and the most that was seen while catching up.

    python bench/catchup.py [--operations N] [--authors N] [--bytes N] [--rounds N]
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from common import (
    PASSPHRASE,
    Daemon,
    Maker,
    arguments,
    daemons,
    free_ports,
    median,
    progress,
    quantile,
    report,
)

from meshcoal.api.commands import ListCampaigns
from meshcoal.api.views import CampaignSummaryView, CampaignsView
from meshcoal.crypto import signing
from meshcoal.ids import CampaignId
from meshcoal.limits import PAGE_BYTES_MAX, RUN_OPERATIONS_MAX
from meshcoal.store.database import Database
from meshcoal.store.store import Store
from meshcoal.store.vault import Vault
from meshcoal.wire.operation import signing_input
from meshcoal.wire.packing import pack, unpack

LOOK_EVERY_S = 0.1


def summary(daemon: Daemon) -> CampaignSummaryView:
    view = daemon.send(ListCampaigns())
    assert isinstance(view, CampaignsView)
    return view.campaigns[0]


def sent_bytes(daemon: Daemon) -> int:
    """What a daemon has sent over its links so far, as the kernel counts it; 0 without `ss`."""
    if shutil.which("ss") is None:
        return 0
    told = subprocess.run(["ss", "-tinpO"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in told.splitlines() if f"pid={daemon.process.pid}," in line]
    return sum(int(found) for line in lines for found in re.findall(r"bytes_sent:(\d+)", line))


def catch_up(source: Daemon, late: Daemon, campaign: bytes) -> dict[str, Any]:
    """The catch-up itself, watched from outside by a user's program that asks how far it is."""
    source.unlock()
    total = source.campaign(campaign).operations
    locked_cpu_s, source_cpu_s = late.cpu_s(), source.cpu_s()
    tell = progress("catching up")
    late.unlock()
    late_cpu_s = late.cpu_s()
    began = durable_s = shown_s = durable_cpu_s = resident_mib = 0.0
    wire_bytes = 0
    waits_ms: list[float] = []
    while True:
        asked_s = time.perf_counter()
        summed = summary(late)
        now_s = time.perf_counter()
        waits_ms.append((now_s - asked_s) * 1000)
        seen = summed.catching_up
        received = seen.waiting + seen.taken
        if not began and (received or seen.coming):
            began = now_s
        if began and not shown_s and summed.name:
            shown_s = now_s - began
        if began and received + 3 >= total and not durable_s:  # the first few come before anything is counted
            durable_s = now_s - began
            durable_cpu_s = late.cpu_s() - late_cpu_s
            wire_bytes = sent_bytes(source)
        resident_mib = max(resident_mib, late.rss_mib())
        tell(received)
        if durable_s and not seen.coming and not seen.waiting:
            break
        time.sleep(LOOK_EVERY_S)
    taken_s = time.perf_counter() - began
    here, there = source.campaign(campaign), late.campaign(campaign)
    return {
        "operations": total,
        "durable_s": durable_s,
        "durable_per_s": total / durable_s,
        "taken_in_s": taken_s,
        "taken_in_per_s": total / taken_s,
        "shown_s": shown_s,
        "question_ms_p50": quantile(waits_ms, 0.5),
        "question_ms_p99": quantile(waits_ms, 0.99),
        "question_ms_most": max(waits_ms),
        "wire_bytes_per_operation": wire_bytes / total,
        "unlock_cpu_ms": (late_cpu_s - locked_cpu_s) * 1000,
        "durable_cpu_us_per_operation": durable_cpu_s / total * 1e6,
        "cpu_us_per_operation": (late.cpu_s() - late_cpu_s) / total * 1e6,
        "source_cpu_us_per_operation": (source.cpu_s() - source_cpu_s) / total * 1e6,
        "peak_rss_mib": late.peak_rss_mib(),
        "catching_up_rss_mib": resident_mib,
        "source_peak_rss_mib": source.peak_rss_mib(),
        "equal": here.heads_digest == there.heads_digest,
    }


def clone(folder: Path, count: int, size: int) -> dict[str, Any]:
    """`git clone --bare` of `count` blobs of `size` bytes of chance."""
    source = folder / "blobs.git"
    subprocess.run(["git", "init", "-q", "--bare", str(source)], check=True)
    commands = [b"blob\nmark :%d\ndata %d\n%s\n" % (n, size, os.urandom(size)) for n in range(1, count + 1)]
    commands.append(b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 1\nx\n")
    commands += [b"M 100644 :%d %d/%d\n" % (n, n // 1000, n) for n in range(1, count + 1)]
    subprocess.run(["git", "-C", str(source), "fast-import", "--quiet"], input=b"".join(commands), check=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    target = folder / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", source.as_uri(), str(target)], check=True)
    took_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    stored = sum(path.stat().st_size for path in target.rglob("*.pack"))
    return {
        "git_per_s": count / took_s,
        "git_cpu_us_per_blob": cpu_s / count * 1e6,
        "git_bytes_per_blob": stored / count,
    }


def floor(folder: Path, home: Path, campaign: CampaignId) -> dict[str, Any]:
    """Unpack, one signature a run, one row a run and transaction: nothing of a node around it."""
    source = Store.open(home, Vault.open(home, PASSPHRASE).read())
    runs: list[bytes] = []
    row = 0
    while True:
        page, row = source.reader.after(
            campaign, {}, row=row, operations_max=RUN_OPERATIONS_MAX, bytes_max=PAGE_BYTES_MAX
        )
        if not page:
            break
        packed = pack(page)
        assert packed is not None
        runs.append(packed)
    source.close()
    database = Database.create(folder / "floor.db", bytes(32))
    database.write("CREATE TABLE runs (row INTEGER PRIMARY KEY, packed BLOB)")
    key = signing.SigningKey.from_seed(bytes(32))
    count = 0
    cpu_s, began = time.process_time(), time.perf_counter()
    for packed in runs:
        run = unpack(campaign, packed)
        count += len(run)
        signed = signing_input(run.ids[-1])
        signing.verify(key.public, signed, key.sign(signed))
        database.begin()
        database.write("INSERT INTO runs (packed) VALUES (?)", (packed,))
        database.commit()
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    database.close()
    return {
        "floor_per_s": count / took_s,
        "floor_cpu_us_per_operation": cpu_s / count * 1e6,
        "packed_bytes_per_operation": sum(map(len, runs)) / count,
    }


def one_round(folder: Path, maker: Maker, count: int, size: int) -> dict[str, Any]:
    """Everything once, on copies of the homes."""
    homes = [folder / home.name for home in maker.homes]
    for home, copy in zip(maker.homes, homes, strict=True):
        shutil.copytree(home, copy)
    figures = clone(folder, count, size)
    with daemons(homes, maker.hints) as (source, late):
        figures |= catch_up(source, late, maker.campaign)
    figures |= floor(folder, homes[0], maker.campaign)
    figures["durable_to_git"] = figures["durable_per_s"] / figures["git_per_s"]
    figures["taken_in_to_git"] = figures["taken_in_per_s"] / figures["git_per_s"]
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--authors", type=int, default=50)
    parser.add_argument("--bytes", type=int, default=300, help="of each message")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as place:
        folder = Path(place)
        maker = Maker(folder, members=chosen.authors, ports=free_ports(2))
        maker.write(chosen.operations, bytes_each=chosen.bytes, tell=progress("writing"))
        maker.finish()
        for number in range(chosen.rounds):
            with tempfile.TemporaryDirectory(prefix=f"round{number}-", dir=folder) as apart:
                rounds.append(one_round(Path(apart), maker, chosen.operations, chosen.bytes))
    figures = {key: median([one[key] for one in rounds]) for key in rounds[0] if key != "equal"}
    ranges = {
        f"{key}_{name}": pick([one[key] for one in rounds])
        for key in ("durable_per_s", "taken_in_per_s", "git_per_s")
        for name, pick in (("least", min), ("most", max))
    }
    equal = all(one["equal"] for one in rounds)
    report(
        "catchup",
        authors=chosen.authors,
        message_bytes=chosen.bytes,
        rounds=chosen.rounds,
        equal=equal,
        **figures,
        **ranges,
    )


if __name__ == "__main__":
    main()

"""Catch-up: a node that joins late fetches a whole campaign from one peer, over loopback, into an empty
encrypted store. Real daemons, real sockets; every operation is checked, opened and stored.

    python bench/catchup.py [--operations N] [--authors N] [--bytes N]
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from common import Maker, arguments, daemons, free_ports, progress, report


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--authors", type=int, default=50)
    parser.add_argument("--bytes", type=int, default=300, help="of each message")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        ports = free_ports(2)
        maker = Maker(Path(folder), members=chosen.authors, ports=ports)
        maker.write(chosen.operations, bytes_each=chosen.bytes, tell=progress("writing"))
        maker.finish()
        tell = progress("catching up")
        with daemons(maker.homes, maker.hints) as (source, late):
            source.unlock()
            late.unlock()
            total = source.campaign(maker.campaign).operations
            cpu_s = late.cpu_s()
            source_cpu_s = source.cpu_s()
            while not late.campaign(maker.campaign).operations:
                time.sleep(0.005)
            began = time.perf_counter()
            held = late.campaign(maker.campaign).operations
            first = held
            while held < total:
                time.sleep(0.05)
                held = late.campaign(maker.campaign).operations
                tell(held)
            took_s = time.perf_counter() - began
            stored = sum(path.stat().st_size for path in maker.homes[1].iterdir() if path.is_file())
            equal = source.campaign(maker.campaign).heads_digest == late.campaign(maker.campaign).heads_digest
            report(
                "catchup",
                operations=total,
                authors=chosen.authors,
                message_bytes=chosen.bytes,
                took_s=took_s,
                operations_per_s=(total - first) / took_s,
                cpu_us_per_operation=(late.cpu_s() - cpu_s) / total * 1e6,
                source_cpu_us_per_operation=(source.cpu_s() - source_cpu_s) / total * 1e6,
                stored_bytes_per_operation=stored / total,
                peak_rss_mib=late.peak_rss_mib(),
                source_peak_rss_mib=source.peak_rss_mib(),
                equal=equal,
            )


if __name__ == "__main__":
    main()

"""Sign-ons from outside: reading, checking, accepting and counting thousands of replies; and the public file.

    python bench/signons.py [--replies 1000 10000] [--no-page]

Law: a real daemon on a real store, asked over its socket as the command line asks it, by the same finder of
replies over one file that holds them all. Sealing the replies, which is done by those who sign, is not timed.
`import_cpu_s`, `accept_cpu_s` and `tally_cpu_s` are processor time of daemon and client together;
`import_check_tally_cpu_s` is their sum. `growth_mib` is how much higher the daemon's memory stood at its
highest than before the import, `verify_s` is `meshcoal verify` less the start of Python, `page_ms` is what
Chromium took from opening the page to its verdict. Times on the wall are told beside them.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import Daemon, Maker, arguments, daemons, free_ports, median, progress, report

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "export"))

from browserwork import chromium

from meshcoal.api.commands import (
    DecideReplies,
    Decision,
    DraftStatement,
    ExportStatement,
    FreezeStatement,
    ImportReplies,
    ListReplies,
    OpenCall,
    ReleaseStatement,
    ShowStatement,
)
from meshcoal.api.views import (
    CallsView,
    FilesView,
    Imported,
    ImportedView,
    RepliesView,
    StatementView,
)
from meshcoal.clock import DAY_MS, to_second
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.export.files import exports
from meshcoal.limits import KIB, REPLIES_COMMAND_MAX
from meshcoal.statement import replies
from meshcoal.wire.call import Call, parse_call
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.record import Record
from meshcoal.wire.reply import Pile, reply_file
from meshcoal.wire.terms import Capacity

NOW_MS = to_second(int(time.time() * 1000))
ENTROPY = OsEntropy()
SEALER = XWingSealer()


class Watch:
    """Processor time of daemon and client together, and time on the wall."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._cpu_s = self._used()
        self._wall_s = time.perf_counter()

    def _used(self) -> float:
        return self._daemon.cpu_s() + time.process_time()

    def lap(self) -> tuple[float, float]:
        """Processor and wall seconds since the last lap."""
        used, wall = self._used(), time.perf_counter()
        told = used - self._cpu_s, wall - self._wall_s
        self._cpu_s, self._wall_s = used, wall
        return told


def asked(daemon: Daemon, command: Any, kind: type[Any]) -> Any:
    view: Record = daemon.send(command)
    assert isinstance(view, kind), view
    return view


def sealed_pile(call: Call, count: int, path: Path) -> None:
    """What came back: one file with a reply of each of so many organisations."""
    tell = progress("sealed")
    with path.open("wb") as file:
        for number in range(count):
            fields = SignOnFields(
                capacity=Capacity.ORGANISATION if number % 3 else Capacity.INDIVIDUAL,
                name=f"Organisation number {number} of the region",
                title="",
                affiliation="",
                country="Kenya",
                languages_read=("en",),
                signed_ms=NOW_MS,
            )
            said = replies.make_sign_on(call, SigningKey.from_seed(ENTROPY.take(32)), fields)
            file.write(b"Dear all, this is ours:\n" + reply_file(replies.seal_reply(call, said, SEALER)))
            tell(number + 1)


def imported(daemon: Daemon, place: dict[str, Any], path: Path) -> int:
    """Hand over what is found in a file, as `meshcoal statement import` does. How many were new."""
    new, pile = 0, Pile()
    waiting: list[bytes] = []

    def send() -> int:
        view = asked(daemon, ImportReplies(**place, replies=tuple(waiting)), ImportedView)
        waiting.clear()
        return sum(one.outcome is Imported.NEW for one in view.outcomes)

    with path.open("rb") as file:
        while part := file.read(64 * KIB):
            for found in pile.feed(part.decode("latin-1")):
                waiting.append(found.sealed)
                if len(waiting) == REPLIES_COMMAND_MAX:
                    new += send()
    waiting += [found.sealed for found in pile.finish()]
    return new + (send() if waiting else 0)


def accepted(daemon: Daemon, place: dict[str, Any]) -> int:
    """Look at all that wait, and accept them."""
    ids: list[bytes] = []
    more = True
    while more:
        page = asked(daemon, ListReplies(**place, after=ids[-1] if ids else b""), RepliesView)
        ids += [one.id for one in page.replies]
        more = page.more
    for at in range(0, len(ids), REPLIES_COMMAND_MAX):
        chosen = tuple(ids[at : at + REPLIES_COMMAND_MAX])
        daemon.send(DecideReplies(**place, replies=chosen, decision=Decision.ACCEPT))
    return len(ids)


def verify_s(package: Path) -> float:
    """`meshcoal verify`, less an interpreter that starts and ends."""

    def took(*arguments_: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments_], check=True, capture_output=True)
        return time.perf_counter() - began

    whole = median([took("-m", "meshcoal", "verify", str(package)) for _ in range(3)])
    return whole - median([took("-c", "pass") for _ in range(3)])


async def page_ms(page: Path, program: str, profile: Path) -> float:
    async with chromium(program, profile) as browser:
        took = []
        for _ in range(3):
            tab = await browser.tab()
            await tab.open_checked(page)
            took.append(float(await tab.evaluate("document.documentElement.dataset.checkedMs")))
        return median(took)


def measured(folder: Path, count: int, *, with_page: bool) -> dict[str, Any]:
    hint = f"127.0.0.1:{free_ports(1)[0]}"
    maker = Maker(folder, members=3, ports=[int(hint.rpartition(":")[2])])
    maker.finish()
    with daemons(maker.homes, [hint]) as (daemon,):
        daemon.unlock()
        letter = asked(
            daemon,
            DraftStatement(campaign=maker.campaign, language="en", title="Free them", text="We ask you."),
            StatementView,
        )
        place: dict[str, Any] = {"campaign": maker.campaign, "statement": letter.id}
        frozen = asked(
            daemon,
            FreezeStatement(
                **place, revisions=(), addressees=("The Minister",), deadline_ms=NOW_MS + 30 * DAY_MS
            ),
            StatementView,
        )
        calls = asked(
            daemon,
            OpenCall(**place, digest=frozen.digest, asks="The coalition", reply_to=("here",)),
            CallsView,
        )
        pile = folder / "pile.txt"
        sealed_pile(parse_call(calls.calls[-1].text), count, pile)
        before_mib = daemon.rss_mib()
        watch = Watch(daemon)
        assert imported(daemon, place, pile) == count
        import_cpu_s, import_s = watch.lap()
        import_mib = daemon.peak_rss_mib() - before_mib
        assert accepted(daemon, place) == count
        accept_cpu_s, accept_s = watch.lap()
        view = asked(daemon, ShowStatement(**place), StatementView)
        assert view.tally.counted == count
        tally_cpu_s, tally_s = watch.lap()
        growth_mib = daemon.peak_rss_mib() - before_mib
        daemon.send(ReleaseStatement(**place))
        files = asked(daemon, ExportStatement(**place), FilesView)
        release_cpu_s, _ = watch.lap()
    package = next(one.data for one in files.files if one.name.endswith(".meshcoal.json"))
    path = folder / "letter.meshcoal.json"
    path.write_bytes(package)
    figures = {
        "import_s": import_s,
        "import_cpu_s": import_cpu_s,
        "import_growth_mib": import_mib,
        "accept_s": accept_s,
        "accept_cpu_s": accept_cpu_s,
        "tally_s": tally_s,
        "tally_cpu_s": tally_cpu_s,
        "import_check_tally_cpu_s": import_cpu_s + accept_cpu_s + tally_cpu_s,
        "growth_mib": growth_mib,
        "release_cpu_s": release_cpu_s,
        "pile_mib": pile.stat().st_size / 1024**2,
        "package_mib": len(package) / 1024**2,
        "verify_s": verify_s(path),
    }
    program = shutil.which("chromium")
    if with_page and program is not None and count <= 1_000:
        page = folder / "letter.html"
        page.write_bytes(next(data for name, data in exports(package) if name.endswith(".html")))
        figures["page_ms"] = asyncio.run(page_ms(page, program, folder / "profile"))
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--replies", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--no-page", action="store_true", help="do not start a browser")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    for count in options.replies:
        with tempfile.TemporaryDirectory() as folder:
            told = measured(Path(folder), count, with_page=not options.no_page)
            found |= {f"{name}_{count}": figure for name, figure in told.items()}
    report("signons", **found)


if __name__ == "__main__":
    main()

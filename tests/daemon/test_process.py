"""Real daemons as real processes: started, killed, doubled, broken, flooded."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.api.commands import (
    CreateVault,
    GetCounters,
    GetStatus,
    Lock,
    SetName,
    ShowIdentity,
    StopDaemon,
    Unlock,
)
from meshcoal.api.views import CountersView, Done, IdentityView, NoticeKind, StatusView, VaultState
from meshcoal.client.autostart import answers, ensure_daemon
from meshcoal.client.blocking import BlockingClient
from meshcoal.daemon.main import BUG_EXIT_CODE
from meshcoal.errors import (
    AlreadyRunning,
    BadArgument,
    DaemonUnreachable,
    Locked,
    MeshcoalError,
    NoVault,
    OverLimit,
    ReadOnly,
    Unsupported,
)
from meshcoal.home import socket_path
from meshcoal.limits import LINKS_PER_ADDRESS_MAX
from meshcoal.net import address

pytestmark = pytest.mark.e2e

PHRASE = "correct horse battery"


class Running:
    """A daemon in the foreground of its own process."""

    def __init__(self, home: Path, *options: str, python: tuple[str, ...] = ("-P",)) -> None:
        ready, told = os.pipe()
        try:
            command = [sys.executable, *python, "-m", "meshcoal.daemon", "--home", str(home)]
            self.process = subprocess.Popen(
                [*command, "--ready-fd", str(told), *options], pass_fds=(told,), stderr=subprocess.PIPE
            )
        finally:
            os.close(told)
        with os.fdopen(ready, encoding="utf-8") as pipe:
            self.word = pipe.readline().strip()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        _, said = self.process.communicate()
        self.said = said.decode()
        return self.process.returncode


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@contextlib.contextmanager
def daemon(home: Path, *options: str) -> Iterator[Running]:
    running = Running(home, *options)
    try:
        assert running.word == "ready"
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGKILL)


def status(client: BlockingClient) -> StatusView:
    view = client.send(GetStatus())
    assert isinstance(view, StatusView)
    return view


def name(client: BlockingClient) -> str:
    view = client.send(ShowIdentity())
    assert isinstance(view, IdentityView)
    return view.name


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(home: Path, number: signal.Signals) -> None:
    """Goal: exit 0, nothing left but files of the owner. Method: a signal, with a client connected."""
    with daemon(home) as running, BlockingClient(home) as client:
        assert status(client).vault is VaultState.ABSENT
        assert running.end(number) == 0
        assert running.said == ""
        with pytest.raises(DaemonUnreachable):
            client.send(GetStatus())
    assert not socket_path(home).exists()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    assert (home / "daemon.log").read_text().splitlines()[-1].endswith(" stopped")


def test_a_home_has_one_daemon(home: Path) -> None:
    """Goal: two daemons never share a store. Method: a second, by itself and by `ensure_daemon`."""
    with daemon(home) as running:
        second = Running(home)
        assert second.word.startswith("error already-running ")
        assert second.wait() == AlreadyRunning.exit_code
        assert "runs for this home already" in second.said
        ensure_daemon(home)
        with BlockingClient(home) as client:
            assert status(client).process == running.process.pid


def test_two_who_start_it_at_once_get_the_same_daemon(home: Path) -> None:
    """Goal: a race to start has one winner and no loser. Method: four threads at once."""
    failures: list[MeshcoalError] = []

    def start() -> None:
        try:
            ensure_daemon(home)
        except MeshcoalError as exc:
            failures.append(exc)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with BlockingClient(home) as client:
        assert client.send(StopDaemon()) == Done()


def test_it_is_started_where_none_runs_and_outlives_its_starter(home: Path) -> None:
    """Goal: autostart. Method: start it, look at its session, stop it, start it on another address."""
    assert not answers(home)
    ensure_daemon(home)
    with BlockingClient(home) as client:
        process = status(client).process
        assert os.getsid(process) != os.getsid(0)
        assert os.getppid() != process
        with pytest.raises(NoVault):
            client.send(ShowIdentity())
        assert client.send(StopDaemon()) == Done()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _until_gone(home)
    ensure_daemon(home, f"127.0.0.1:{port}")
    with BlockingClient(home) as client:
        made = client.send(CreateVault(name="Ana", passphrase=PHRASE))
        assert isinstance(made, StatusView)
        assert made.listening == (f"127.0.0.1:{port}",)
        assert client.send(StopDaemon()) == Done()


def test_why_it_does_not_start_reaches_the_person(home: Path, tmp_path: Path) -> None:
    """Goal: a failure is a sentence. Method: a false address, a file for a home, asserts switched off."""
    with pytest.raises(BadArgument, match="host:port"):
        ensure_daemon(home, "nonsense")
    occupied = tmp_path / "file"
    occupied.write_text("mine")
    with pytest.raises(ReadOnly):
        ensure_daemon(occupied)
    assert occupied.read_text() == "mine"
    blind = Running(home, python=("-O", "-P"))
    assert blind.word.startswith("error unsupported ")
    assert blind.wait() == Unsupported.exit_code


def test_what_was_acknowledged_survives_kill_9(home: Path) -> None:
    """Goal: disk before answer, in a real process. Method: kill it while names change, four times over."""
    with daemon(home), BlockingClient(home) as client:
        client.send(CreateVault(name="Ana", passphrase=PHRASE))
        assert client.send(StopDaemon()) == Done()
    acknowledged = asked = "Ana"
    for round_number in range(4):
        _until_gone(home)
        with daemon(home) as running, BlockingClient(home) as client:
            client.send(Unlock(passphrase=PHRASE))
            # The last one asked may have been written without its answer getting out.
            assert name(client) in (acknowledged, asked)
            killer = threading.Timer(0.05 * round_number, running.process.kill)
            killer.start()
            with contextlib.suppress(DaemonUnreachable):
                for count in range(1_000_000):
                    asked = f"Ana {round_number} {count}"
                    client.send(SetName(name=asked))
                    acknowledged = asked
            killer.join()
            running.wait()
    with daemon(home), BlockingClient(home) as client:
        client.send(Unlock(passphrase=PHRASE))
        assert name(client) in (acknowledged, asked)


def test_lock_hangs_up_and_unlock_listens_again(home: Path) -> None:
    """Goal: a locked node is not on the network. Method: dial it while unlocked, locked, unlocked again."""
    with daemon(home), BlockingClient(home) as client:
        made = client.send(CreateVault(name="Ana", passphrase=PHRASE))
        assert isinstance(made, StatusView)
        host, port = address.parse(made.listening[0])
        with socket.create_connection((host, port)) as open_link:
            client.send(Lock())
            assert open_link.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port)).close()
        with pytest.raises(Locked):
            client.send(ShowIdentity())
        assert status(client).vault is VaultState.LOCKED
        client.send(Unlock(passphrase=PHRASE))
        socket.create_connection((host, port)).close()
        assert name(client) == "Ana"


def test_a_flood_of_strangers_is_counted_and_users_are_served(home: Path) -> None:
    """Goal: garbage from the network never ends or starves it. Method: 300 raw connections with noise."""
    with daemon(home), BlockingClient(home) as client:
        made = client.send(CreateVault(name="Ana", passphrase=PHRASE))
        assert isinstance(made, StatusView)
        place = address.parse(made.listening[0])
        crowd = []
        for _ in range(300):
            stranger = socket.create_connection(place)
            with contextlib.suppress(OSError):
                stranger.sendall(b"\x00\xff garbage")
            crowd.append(stranger)
        for stranger in crowd:
            stranger.close()
        assert name(client) == "Ana"
        counters = client.send(GetCounters())
        assert isinstance(counters, CountersView)
        over = {counter.code: counter.count for counter in counters.counters}.get(OverLimit.code, 0)
        assert over <= 300 - LINKS_PER_ADDRESS_MAX


def test_a_bug_ends_it_with_70_and_the_log_says_where(home: Path) -> None:
    """Goal: a failed assertion stops everything and tells no content. Method: a core that fails."""
    script = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from stand import Cabinet
from meshcoal.daemon.main import run
from meshcoal.node.events import CommandReceived
def do(event, now_ms):
    assert not isinstance(event, CommandReceived), "the secret of Ana"
    return ()
cabinet = Cabinet(do, passphrase="p")
sys.exit(run(Path(sys.argv[2]), backing=lambda home: cabinet, ready=lambda: print("ready", flush=True)))
"""
    arguments = [sys.executable, "-c", script, str(Path(__file__).parent), str(home)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        with BlockingClient(home) as client, pytest.raises(DaemonUnreachable):
            client.send(Unlock(passphrase="p"))
        _, said = process.communicate()
        assert said == b""
        assert process.returncode == BUG_EXIT_CODE
    log = (home / "daemon.log").read_text()
    assert "bug AssertionError" in log
    assert "Ana" not in log


def test_notices_end_when_the_daemon_does(home: Path) -> None:
    """Goal: a follower notices the end. Method: follow, lock state changes, stop from another client."""
    with daemon(home), BlockingClient(home) as follower, BlockingClient(home) as other:
        notices = follower.notices()
        begun = threading.Thread(target=other.send, args=(CreateVault(name="Ana", passphrase=PHRASE),))
        begun.start()
        assert next(notices).kind is NoticeKind.STATUS
        begun.join()
        other.send(StopDaemon())
        assert {notice.kind for notice in notices} <= {NoticeKind.STATUS, NoticeKind.PEERS}


def _until_gone(home: Path) -> None:
    while socket_path(home).exists() and answers(home):
        os.sched_yield()


def test_what_only_links_need_waits_until_argon2_gave_its_memory_back() -> None:
    """Goal: the peak of unlocking stays low. Method: load a locked daemon's code; no WebSocket library."""
    program = "import sys, meshcoal.daemon.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "meshcoal.daemon.runtime" in loaded.stdout.split()
    assert not {"aiohttp", "zeroconf", "textual"} & set(loaded.stdout.split())

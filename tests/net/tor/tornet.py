"""A private Tor network on loopback: authorities, relays, an obfs4 bridge, and tors for clients.

Nothing leaves 127.0.0.1, or the one address in a network namespace that is named instead: every address in
every torrc is there, and only this network's authorities are known. `python tests/net/tor/tornet.py FOLDER`
brings one up and keeps it until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

AUTHORITIES = 3
RELAYS = 4
PATIENCE_S = 150.0  # a machine may have much else to do
LOOK_S = 0.1

_COMMON = """\
TestingTorNetwork 1
AssumeReachable 1
PathsNeededToBuildCircuits 0.25
TestingDirAuthVoteExit *
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
V3AuthNIntervalsValid 2
GeoIPFile
GeoIPv6File
"""
_NODE = """\
DataDirectory {folder}
Nickname {name}
Address {address}
ShutdownWaitLength 0
NumCPUs 1
Log notice file {folder}/notice.log
ControlSocket unix:{folder}/control
CookieAuthentication 1
__OwningControllerProcess {owner}
"""
_RELAY = """\
SocksPort 0
OrPort {address}:{or_port} IPv4Only
ExitRelay 0
ExitPolicy reject *:*
PublishServerDescriptor v3
"""
_AUTHORITY = """\
DirPort {address}:{dir_port} IPv4Only
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo {name}@test.invalid
TestingV3AuthInitialVotingInterval 5
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
"""
_BRIDGE = """\
BridgeRelay 1
BridgeDistribution none
ServerTransportPlugin obfs4 exec {obfs4}
ServerTransportListenAddr obfs4 {address}:{obfs4_port}
ExtORPort auto
"""
_CLIENT = """\
SocksPort 127.0.0.1:{or_port} IsolateSOCKSAuth ExtendedErrors
"""


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


@dataclass
class TorNode:
    """One tor of the network. A client's `or_port` is its SOCKS port."""

    name: str
    kind: str
    folder: Path
    or_port: int = 0
    dir_port: int = 0
    obfs4_port: int = 0
    authority: str = ""
    fingerprint: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def control(self) -> Path:
        return self.folder / "control"

    def log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "notice.log").read_text(errors="replace")
        return ""

    def values(self) -> dict[str, object]:
        return {
            "name": self.name,
            "folder": self.folder,
            "owner": os.getpid(),
            "or_port": self.or_port,
            "dir_port": self.dir_port,
            "obfs4_port": self.obfs4_port,
        }


@dataclass
class TorNet:
    """The network. `up` before use, `down` after; a context manager does both."""

    root: Path
    tor: str = "tor"
    gencert: str = "tor-gencert"
    obfs4: str | None = None  # the program; None: no bridge
    address: str = "127.0.0.1"  # of all its tors but clients
    inside: tuple[str, ...] = ()  # what to put before a command so that it runs where that address is
    nodes: list[TorNode] = field(default_factory=list)
    bridge_line: str = ""

    def __enter__(self) -> TorNet:
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def settings(self) -> Path:
        """What a tor of anybody's needs in its torrc to be in this network."""
        return self.root / "network"

    def up(self) -> TorNet:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / "empty").write_text("")
        kinds = ["authority"] * AUTHORITIES + ["relay"] * RELAYS + (["bridge"] if self.obfs4 else [])
        ports = iter(free_ports(3 * len(kinds)))
        for number, kind in enumerate(kinds):
            node = self._new(f"{kind}{number}", kind)
            node.or_port, node.dir_port, node.obfs4_port = next(ports), next(ports), next(ports)
        for node in self.nodes:
            self._make_keys(node)
        lines = [
            f"DirAuthority {one.name} orport={one.or_port} no-v2 v3ident={one.authority} "
            f"{self.address}:{one.dir_port} {one.fingerprint}\n"
            for one in self._of("authority")
        ]
        self.settings.write_text(_COMMON + "".join(lines))
        for node in self.nodes:
            self._write(node)
            self._start(node)
        self._wait(self._complete, "a complete consensus")
        if self.obfs4:
            self._wait(self._read_bridge_line, "the bridge's line")
        return self

    def client(self, name: str) -> TorNode:
        """A tor as a system has it, ready for use."""
        node = self._new(name, "client")
        node.or_port = free_ports(1)[0]
        self._write(node)
        self.restart(node)
        return node

    def restart(self, node: TorNode) -> None:
        """Start a client that is not running, and wait until it is ready."""
        self.start(node)
        self._wait(lambda: "Bootstrapped 100%" in node.log(), f"{node.name} to bootstrap")

    def start(self, node: TorNode) -> None:
        (node.folder / "notice.log").unlink(missing_ok=True)
        self._start(node)

    def kill(self, node: TorNode) -> None:
        assert node.process is not None
        node.process.kill()
        node.process.wait()

    def down(self) -> None:
        """End every process that was started here, and remove the folder."""
        running = [node.process for node in self.nodes if node.process is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    # --- One node

    def _new(self, name: str, kind: str) -> TorNode:
        folder = self.root / name
        folder.mkdir(mode=0o700)
        node = TorNode(name=name, kind=kind, folder=folder)
        self.nodes.append(node)
        return node

    def _of(self, kind: str) -> list[TorNode]:
        return [node for node in self.nodes if node.kind == kind]

    def _make_keys(self, node: TorNode) -> None:
        if node.kind == "authority":
            keys = node.folder / "keys"
            keys.mkdir(mode=0o700)
            subprocess.run(
                [
                    *(self.gencert, "--create-identity-key", "--passphrase-fd", "0", "-m", "12"),
                    *("-i", str(keys / "authority_identity_key"), "-s", str(keys / "authority_signing_key")),
                    *("-c", str(keys / "authority_certificate"), "-a", f"{self.address}:{node.dir_port}"),
                ],
                input=b"\n",
                capture_output=True,
                check=True,
            )
            for line in (keys / "authority_certificate").read_text().splitlines():
                if line.startswith("fingerprint "):
                    node.authority = line.split()[1]
        # Its identity as a relay, before the authorities are known.
        first = node.folder / "torrc.first"
        first.write_text(
            f"DataDirectory {node.folder}\nNickname {node.name}\nOrPort {self.address}:{node.or_port}\n"
            f"Address {self.address}\nSocksPort 0\nTestingTorNetwork 1\nExitRelay 0\nGeoIPFile\nGeoIPv6File\n"
            f"DirAuthority x orport=9 v3ident={'0' * 40} 127.0.0.1:9 {'F' * 40}\n"
        )
        told = subprocess.run(
            [*self._command(first), "--list-fingerprint", "--quiet"],
            capture_output=True,
            check=True,
            text=True,
        )
        node.fingerprint = "".join(told.stdout.strip().splitlines()[-1].split()[1:])

    def _write(self, node: TorNode) -> None:
        values = node.values() | {"address": self.address}
        text = _NODE.format(**values) + f"%include {self.settings}\n"
        if node.kind in ("authority", "relay", "bridge"):
            text += _RELAY.format(**values)
        if node.kind == "authority":
            text += _AUTHORITY.format(**values)
        if node.kind == "bridge":
            text = text.replace("PublishServerDescriptor v3", "PublishServerDescriptor 0")
            text += _BRIDGE.format(obfs4=self.obfs4, **values)
        if node.kind == "client":
            text += _CLIENT.format(**values)
        (node.folder / "torrc").write_text(text)

    def _command(self, torrc: Path) -> list[str]:
        return [self.tor, "--defaults-torrc", str(self.root / "empty"), "-f", str(torrc)]

    def _start(self, node: TorNode) -> None:
        with (node.folder / "noise").open("ab") as noise:
            node.process = subprocess.Popen(
                [*self.inside, "nice", "-n", "5", *self._command(node.folder / "torrc"), "--quiet"],
                stdin=subprocess.DEVNULL,
                stdout=noise,
                stderr=noise,
                start_new_session=True,
            )

    # --- Waiting

    def _complete(self) -> bool:
        # Clients that start before every relay is listed try again later than they need.
        known = self.nodes[0].folder / "cached-microdesc-consensus"
        return known.exists() and known.read_text().count("\nr ") >= AUTHORITIES + RELAYS

    def _read_bridge_line(self) -> bool:
        (bridge,) = self._of("bridge")
        told = bridge.folder / "pt_state" / "obfs4_bridgeline.txt"
        lines = told.read_text().splitlines() if told.exists() else []
        for line in lines:
            if line.startswith("Bridge ") and "cert=" in line:
                self.bridge_line = line.replace(
                    "<IP ADDRESS>:<PORT>", f"{self.address}:{bridge.obfs4_port}"
                ).replace("<FINGERPRINT>", bridge.fingerprint)
        return bool(self.bridge_line)

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, f"no {what} in {PATIENCE_S} s"
            time.sleep(LOOK_S)


@contextlib.contextmanager
def private_net(root: Path) -> Iterator[TorNet]:
    """A network with an obfs4 bridge, of the programs on this machine."""
    with new_net(root) as net:
        yield net


def new_net(root: Path, *, address: str = "127.0.0.1", inside: tuple[str, ...] = ()) -> TorNet:
    """The same, not up yet; at another address where `inside` leads."""
    return TorNet(
        root,
        tor=program("tor"),
        gencert=program("tor-gencert"),
        obfs4=program("obfs4proxy"),
        address=address,
        inside=inside,
    )


def program(name: str) -> str:
    """Its path; tor stands in a folder that is not on every PATH."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    assert found, f"{name} is not installed"
    return found


if __name__ == "__main__":
    begun = time.monotonic()
    with private_net(Path(sys.argv[1])) as shown:
        print(f"up after {time.monotonic() - begun:.1f} s", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()

"""A flood over links of Reticulum: encrypted by the link, passed on by each node. No signature, no store.

python bench/networks/reticulum.py SETUP
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import RNS
from player import Player, tell

CONFIG = """[reticulum]
enable_transport = No
share_instance = No
panic_on_interface_error = No
[logging]
loglevel = 0
[interfaces]
  [[listen]]
    type = TCPServerInterface
    enabled = yes
    ingress_control = No
    listen_ip = 127.0.0.1
    listen_port = {port}
"""
PEER = """  [[peer {port}]]
    type = TCPClientInterface
    enabled = yes
    ingress_control = No
    target_host = 127.0.0.1
    target_port = {port}
"""
ASPECTS = ("meshcoal", "bench")
ANNOUNCE_EVERY_S = 1.5


def begin(player: Player) -> None:
    """This node's Reticulum: it listens, and is connected to the neighbours that were started before."""
    config = CONFIG.format(port=player.ports[player.index])
    for other in player.neighbours():
        if other < player.index:
            config += PEER.format(port=player.ports[other])
    folder = player.folder / f"rns{player.index}"
    folder.mkdir()
    (folder / "config").write_text(config)
    RNS.Reticulum(str(folder), loglevel=0)
    tell("listening")


class Flood:
    """Links to all neighbours: the later one of two dials the earlier when it hears its announcement."""

    aspect_filter = ".".join(ASPECTS)  # read by Reticulum

    def __init__(self, player: Player) -> None:
        self.player = player
        self.links: list[Any] = []
        self._dialled: set[int] = set()
        self._lock = threading.Lock()
        self._destination = RNS.Destination(
            RNS.Identity(), RNS.Destination.IN, RNS.Destination.SINGLE, *ASPECTS
        )
        self._destination.set_link_established_callback(self._linked)
        RNS.Transport.register_announce_handler(self)

    def received_announce(self, destination_hash: bytes, announced_identity: Any, app_data: bytes) -> None:
        """Called by Reticulum."""
        other = int(app_data)
        with self._lock:
            dial = other in self.player.neighbours() and other < self.player.index
            if not dial or other in self._dialled:
                return
            self._dialled.add(other)
        remote = RNS.Destination(announced_identity, RNS.Destination.OUT, RNS.Destination.SINGLE, *ASPECTS)
        RNS.Link(remote, established_callback=self._linked)

    def _linked(self, link: Any) -> None:
        link.set_packet_callback(lambda payload, packet: self._hear(payload, link))
        with self._lock:
            self.links.append(link)
            complete = len(self.links) == len(self.player.neighbours())
        if complete:
            tell("ready")

    def _hear(self, payload: bytes, source: Any) -> None:
        if self.player.take(payload):
            self._pass_on(payload, source)

    def _pass_on(self, payload: bytes, source: Any) -> None:
        for link in self.links:
            if link is not source:
                RNS.Packet(link, payload, create_receipt=False).send()

    def send(self, payload: bytes) -> None:
        self._pass_on(payload, None)

    def announce(self) -> None:
        """Until all links stand."""
        while len(self.links) < len(self.player.neighbours()):
            self._destination.announce(app_data=str(self.player.index).encode())
            time.sleep(ANNOUNCE_EVERY_S)


def main() -> None:
    player = Player(sys.argv[1])
    begin(player)
    flood = Flood(player)
    threading.Thread(target=flood.announce, daemon=True).start()
    player.play(flood.send)
    RNS.exit()


if __name__ == "__main__":
    main()

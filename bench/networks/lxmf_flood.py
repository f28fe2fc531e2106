"""A flood of LXMF messages over Reticulum: each hop a signed message to one neighbour, delivered directly.

python bench/networks/lxmf_flood.py SETUP
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import LXMF
import RNS
from player import Player, tell
from reticulum import ANNOUNCE_EVERY_S, begin


class Flood:
    """Mail to and from all neighbours."""

    aspect_filter = "lxmf.delivery"  # read by Reticulum

    def __init__(self, player: Player) -> None:
        self.player = player
        self._peers: dict[int, Any] = {}
        self._lock = threading.Lock()
        folder = player.folder / f"lxmf{player.index}"
        identity = RNS.Identity()
        self._router = LXMF.LXMRouter(identity=identity, storagepath=str(folder))
        self._mine = self._router.register_delivery_identity(identity, display_name=str(player.index))
        self._router.register_delivery_callback(self._hear)
        RNS.Transport.register_announce_handler(self)

    def received_announce(self, destination_hash: bytes, announced_identity: Any, app_data: bytes) -> None:
        """Called by Reticulum."""
        other = int(LXMF.display_name_from_app_data(app_data))
        if other not in self.player.neighbours():
            return
        with self._lock:
            if other in self._peers:
                return
            self._peers[other] = RNS.Destination(
                announced_identity, RNS.Destination.OUT, RNS.Destination.SINGLE, "lxmf", "delivery"
            )
            complete = len(self._peers) == len(self.player.neighbours())
        if complete:
            tell("ready")

    def _hear(self, message: Any) -> None:
        if message.signature_validated and self.player.take(message.content):
            self._pass_on(message.content, message.source_hash)

    def _pass_on(self, payload: bytes, source: bytes) -> None:
        for peer in list(self._peers.values()):
            if peer.hash != source:
                mail = LXMF.LXMessage(
                    peer, self._mine, payload, desired_method=LXMF.LXMessage.DIRECT, include_ticket=False
                )
                self._router.handle_outbound(mail)

    def send(self, payload: bytes) -> None:
        self._pass_on(payload, b"")

    def announce(self) -> None:
        """For as long as links may still be wanting: a node may announce before its neighbour listens."""
        for _ in range(6):
            self._router.announce(self._mine.hash)
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

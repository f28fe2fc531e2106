"""All that crosses the loopback of this machine to and from some ports, as the kernel shows it to root."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import leave_out

_ALL: Final = 0x0003  # ETH_P_ALL
_ATTACH_FILTER: Final = 26  # SO_ATTACH_FILTER
_RECEIVE_FORCE: Final = 33  # SO_RCVBUFFORCE
_ROOM_BYTES: Final = 64 * 1024 * 1024
_OUTGOING: Final = 4  # PACKET_OUTGOING: on loopback each packet is shown twice
_LOOK_S: Final = 0.2


class Sniffer:
    """Use as a context manager; `frames` holds what was seen, as on an Ethernet."""

    def __init__(self, ports: Collection[int]) -> None:
        if os.geteuid() != 0:
            leave_out("the loopback is shown to root alone")
        self.frames: list[bytes] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._filter = _program(sorted(ports))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Sniffer:
        code = ctypes.create_string_buffer(self._filter)
        program = struct.pack("HP", len(self._filter) // 8, ctypes.addressof(code))
        self._socket.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
        self._socket.setsockopt(socket.SOL_SOCKET, _RECEIVE_FORCE, _ROOM_BYTES)
        self._socket.bind(("lo", _ALL))
        self._socket.settimeout(_LOOK_S)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(5)
        self._socket.close()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                frame, (_, _, way, _, _) = self._socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            if way == _OUTGOING:
                self.frames.append(frame)


def _program(ports: list[int]) -> bytes:
    """Of the kernel's filter: IPv4, TCP, one of these ports at either end. (The BSD packet filter, 1993.)

    Loopback's headers have no options, so the ports stand at fixed places.
    """
    assert 0 < len(ports) < 100
    code = [
        (0x28, 0, 0, 12),  # the kind of what follows
        (0x15, 0, 2 * len(ports) + 4, 0x0800),
        (0x30, 0, 0, 23),  # the protocol
        (0x15, 0, 2 * len(ports) + 2, 6),
    ]
    for at in (34, 36):
        code.append((0x28, 0, 0, at))
        for port in ports:
            left = (2 * len(ports) + 7) - len(code) - 1
            code.append((0x15, left, 0, port))
    code += [(0x06, 0, 0, 0), (0x06, 0, 0, 0x40000)]
    return b"".join([struct.pack("HBBI", *one) for one in code])

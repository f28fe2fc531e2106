"""A machine that comes onto another network, with or without a plain listener."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.ways import Ways

HOME, CAFE = ("192.168.0.7",), ("10.3.0.9", "2001:db8::9")


class Told:
    """What the core hears."""

    def __init__(self) -> None:
        self.times = 0

    def listening(self, hints: tuple[str, ...], *, onion: bool = False, direct: bool = True) -> None:
        self.times += 1

    def close_links(self, transport: str) -> None:
        raise AssertionError("links that stand go on")


@pytest.mark.parametrize(
    ("seen", "times"),
    [
        ((HOME, HOME, HOME), 0),
        ((HOME, CAFE), 1),
        ((HOME, CAFE, CAFE, HOME), 2),
        ((HOME, (), CAFE), 1),
        ((HOME, (), (), HOME), 0),  # a cable that was out for a moment
        (((), HOME), 0),
    ],
)
async def test_other_addresses_begin_tries_anew(
    tmp_path: Path, seen: tuple[tuple[str, ...], ...], times: int
) -> None:
    """Goal: also with Tor alone, where nothing listens. Method: what a machine's addresses are at each look;
    how often the core is told that ways have changed."""
    addresses, told = iter(seen), Told()
    nobody = cast(Any, None)  # nothing is opened or dialled
    ways = Ways(
        home=tmp_path,
        listen=ListenAddress(tmp_path, None),
        listener=nobody,
        dialer=nobody,
        neighbours=nobody,
        heard=told,
        note=lambda _: None,
        tell=lambda: None,
        addresses=lambda: next(addresses),
    )
    for _ in seen:
        ways.look_around()
    assert told.times == times

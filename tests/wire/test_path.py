"""Over which path a hint leads or a link goes."""

from __future__ import annotations

import pytest

from meshcoal.wire.onion import OnionHint, encode_onion
from meshcoal.wire.path import PathKind, is_local_host, path_of_hint, path_of_transport


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        ("198.51.100.7:7000", PathKind.PLAIN),
        ("node.example.org:7000", PathKind.PLAIN),
        ("127.0.0.1:7000", PathKind.PLAIN),
        ("[2001:db8::1]:7000", PathKind.PLAIN),
        ("192.168.1.20:7000", PathKind.NEARBY),
        ("10.0.0.1:7000", PathKind.NEARBY),
        ("172.31.255.255:1", PathKind.NEARBY),
        ("172.32.0.1:1", PathKind.PLAIN),
        ("169.254.3.4:7000", PathKind.NEARBY),
        ("[fe80::1%eth0]:7000", PathKind.NEARBY),
        ("[fd00::1]:7000", PathKind.NEARBY),
        ("line serial:/dev/ttyUSB0", PathKind.NEARBY),
        (encode_onion(OnionHint(service=bytes(32), client=b"k" * 32)), PathKind.ONION),
    ],
)
def test_a_hint_says_over_which_path_it_leads(hint: str, kind: PathKind) -> None:
    """Goal: each spelling goes to one path. Method: examples of every kind."""
    assert path_of_hint(hint) is kind


@pytest.mark.parametrize(
    ("transport", "kind"),
    [
        ("websocket", PathKind.PLAIN),
        ("simulated", PathKind.PLAIN),
        ("nearby", PathKind.NEARBY),
        ("line", PathKind.NEARBY),
        ("onion", PathKind.ONION),
    ],
)
def test_a_link_says_over_which_path_it_goes(transport: str, kind: PathKind) -> None:
    """Goal: links that came in are known, too. Method: each name that a shell gives."""
    assert path_of_transport(transport) is kind


def test_an_ipv4_address_in_ipv6_clothes_is_known() -> None:
    """Goal: a socket of both families tells no lie. Method: what it calls a peer of the same network."""
    assert is_local_host("::ffff:192.168.1.20")
    assert not is_local_host("::ffff:198.51.100.7")
    assert not is_local_host("")

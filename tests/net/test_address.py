"""Addresses: what is dialled, and what is not."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import BadArgument
from meshcoal.limits import HINTS_MAX
from meshcoal.net import address


@pytest.mark.parametrize(
    ("hint", "host", "port"),
    [
        ("192.0.2.1:7000", "192.0.2.1", 7000),
        ("[2001:db8:0::1]:1", "2001:db8::1", 1),
        ("a.example:65535", "a.example", 65535),
        ("localhost:0", "localhost", 0),
    ],
)
def test_three_spellings_are_understood(hint: str, host: str, port: int) -> None:
    """Goal: each spelling gives host and port. Method: one example each."""
    assert address.parse(hint) == (host, port)
    assert address.parse(address.join(host, port)) == (host, port)


@pytest.mark.parametrize(
    "hint",
    [
        "",
        ":1",
        "host",
        "host:",
        "host:65536",
        "host:-1",
        "host:+1",
        "host:1 ",
        "host:１",
        "ho st:1",
        "user@host:1",
        "host/path:1",
        "host?x:1",
        "host#x:1",
        "2001:db8::1:1",
        "[2001:db8::1]",
        "[fe80::1%eth0/x]:1",
        "[127.0.0.1]:1",
        "1.2.3:1",
        "01.2.3.4:1",
        "1.2.3.4.5:1",
        "-a.example:1",
        "a..example:1",
        "häuser.example:1",
        "a" * 300 + ":1",
    ],
)
def test_nothing_else_is_dialled(hint: str) -> None:
    """Goal: no hint smuggles a path, a user or a second host into a URL. Method: near misses."""
    with pytest.raises(BadArgument):
        address.parse(hint)


@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(hint: str) -> None:
    """Goal: a peer's hint raises nothing else. Method: any text; what passes is written back."""
    try:
        host, port = address.parse(hint)
    except BadArgument:
        return
    assert address.parse(address.join(host, port)) == (host, port)


@given(st.ip_addresses())
def test_addresses_come_through(own: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Goal: every IP address can be dialled. Method: join, then parse."""
    if getattr(own, "scope_id", None) is None:
        assert address.parse(address.join(str(own), 7)) == (str(own), 7)


def test_one_machine_counts_once() -> None:
    """Goal: an IPv6 network of 64 bits counts as one opener. Method: groups of close and far addresses."""
    assert address.group("2001:db8::1") == address.group("2001:db8::ffff:1")
    assert address.group("2001:db8::1") != address.group("2001:db8:0:1::1")
    assert address.group("192.0.2.1") != address.group("192.0.2.2")
    assert address.group("::ffff:192.0.2.1") == address.group("192.0.2.1")


def test_the_unspecified_address_is_never_a_hint() -> None:
    """Goal: hints are concrete. Method: ask for both families and look at each hint."""
    assert address.reachable("127.0.0.1", 7) == ("127.0.0.1:7",)
    assert address.reachable("node.example", 7) == ("node.example:7",)
    for host in ("0.0.0.0", "::"):
        hints = address.reachable(host, 7)
        assert len(hints) <= HINTS_MAX
        for hint in hints:
            own = ipaddress.ip_address(address.parse(hint)[0])
            assert not own.is_unspecified
            assert not own.is_loopback
            assert own.version == ipaddress.ip_address(host).version


def test_loopback_is_recognised() -> None:
    """Goal: a listener that others can reach is told from one they cannot. Method: four hosts."""
    assert [address.is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0")] == [
        True,
        True,
        True,
        False,
    ]

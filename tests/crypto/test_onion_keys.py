"""Keys of onion services in tor's forms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from meshcoal.crypto.onion import client_public, expanded, service_public


def test_the_expanded_key_belongs_to_the_public_one() -> None:
    """Goal: tor serves the address we tell. Method: RFC 8032, test 1: scalar times base is the public key."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert service_public(seed) == public
    scalar = expanded(seed)[:32]
    assert bindings.crypto_scalarmult_ed25519_base_noclamp(scalar) == public
    assert len(expanded(seed)) == 64


@given(st.binary(min_size=32, max_size=32))
def test_a_clients_public_key_is_that_of_x25519(private: bytes) -> None:
    """Goal: the service lists the right key. Method: another library's scalar multiplication."""
    assert client_public(private) == bindings.crypto_scalarmult_base(private)

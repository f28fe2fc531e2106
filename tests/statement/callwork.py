"""People outside a campaign, who answer a call with keys of their own."""

from __future__ import annotations

import hashlib

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.signing import SigningKey
from meshcoal.statement import replies
from meshcoal.wire.call import Call
from meshcoal.wire.outsider import Outsider, said_digest
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.terms import Capacity


def key_of(name: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(b"outside " + name.encode()).digest())


def signs(
    call: Call, name: str, *, key: str = "", at_ms: int, country: str = "Kenya", late: bool = False
) -> Outsider:
    """The organisation of this name signs the call's letter."""
    fields = SignOnFields(
        capacity=Capacity.ORGANISATION,
        name=name,
        title="",
        affiliation="",
        country=country,
        languages_read=(),
        signed_ms=at_ms,
    )
    return replies.make_sign_on(call, key_of(key or name), fields, late=late)


def replies_of(call: Call, sealer: Sealer, *said: Outsider) -> tuple[bytes, ...]:
    return tuple([replies.seal_reply(call, one, sealer) for one in said])


def withdraws(call: Call, said: Outsider, sealer: Sealer, *, key: str = "", at_ms: int) -> bytes:
    """The same key takes it back."""
    taken = said_digest(call.digest, said)
    back = replies.make_withdrawal(call.digest, key_of(key or said.fields.name), taken, at_ms)
    return replies.seal_reply(call, back, sealer)

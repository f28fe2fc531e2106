"""Makes `call.json`: a call, what is sealed in replies to it, and replies that the call's key opens.

HPKE draws its chance inside OpenSSL: the replies are kept as they once came out, and opened with each run.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadSeal, MalformedCall, OverLimit
from meshcoal.statement import replies
from meshcoal.wire.call import (
    Call,
    call_code,
    call_digest,
    call_text,
    link_text,
    parse_call,
    parse_link,
    qr_text,
)
from meshcoal.wire.outsider import Said, said_digest, said_text
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import RULES, LanguageText, SignOnFields, StatementText, canonical_text
from meshcoal.wire.reply import plain_reply, reply_text
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("call.json")
FROZEN_MS: Final = 1_795_000_000_000
SEED: Final = fixed("call seed", 32)
KEY: Final = SigningKey.from_seed(fixed("outsider's key", 32))
SEALER: Final = XWingSealer()


def letter() -> bytes:
    return canonical_text(
        StatementText(
            campaign=fixed("public campaign", 32),
            statement=fixed("public statement", 32),
            deadline_ms=FROZEN_MS + 172_800_000,
            texts=(
                LanguageText(
                    language="en",
                    direction=Direction.LEFT_TO_RIGHT,
                    title="Free Dr. Haddad",
                    paragraphs=("Dear Minister,", "Release Dr. Haddad.\nShe is ill."),
                ),
                LanguageText(
                    language="ar",
                    direction=Direction.RIGHT_TO_LEFT,
                    title="الحرية للدكتورة حداد",
                    paragraphs=("نطالب بإطلاق سراحها.",),
                ),
            ),
            addressees=("The Minister of Justice",),
            rules=RULES,
        )
    )


def call() -> Call:
    return Call(
        until_ms=FROZEN_MS + 86_400_000,
        needed=2,
        holders=3,
        asks="The Coalition for Dr. Haddad",
        reply_to=("signon@example.org", "Signal: ask whoever gave you this"),
        data=("Your name is published with the letter.",),
        key=SEALER.public_of(SEED),
        canonical_text=letter().decode(),
    )


def said() -> tuple[Said, ...]:
    fields = SignOnFields(
        capacity=Capacity.ORGANISATION,
        name="مركز الخليج",
        title="",
        affiliation="",
        country="Bahrain",
        languages_read=("ar", "en"),
        signed_ms=FROZEN_MS + 3_600_000,
    )
    sign_on = replies.make_sign_on(call(), KEY, fields)
    taken = said_digest(call().digest, sign_on)
    return sign_on, replies.make_withdrawal(call().digest, KEY, taken, FROZEN_MS + 7_200_000)


def link(before: str) -> str:
    """Libraries deflate in different ways: what is in the file stays while it gives the call."""
    with contextlib.suppress(MalformedCall, OverLimit):
        if parse_link(before) == call():
            return before
    return link_text(call())


def kept() -> dict[str, str]:
    """The replies as they stand in the file, by what is sealed in them."""
    if not FILE.exists():
        return {}
    before = json.loads(FILE.read_text(encoding="utf-8"))
    return {one["padded"]: one["reply"] for one in before["replies"]}


def old_link() -> str:
    if not FILE.exists():
        return ""
    return str(json.loads(FILE.read_text(encoding="utf-8"))["link_opens_to_the_call"])


def reply(one: Said, before: dict[str, str]) -> bytes:
    opener = replies.Opener(call(), SEED, SEALER)
    old = bytes.fromhex(before.get(plain_reply(call().digest, one).hex(), ""))
    try:
        if old and opener.open(old) == one:
            return old
    except BadSeal:
        pass  # the call has changed: it is made anew
    return replies.seal_reply(call(), one, SEALER)


def build() -> dict[str, Any]:
    assert parse_call(call_text(call())) == call()
    before = kept()
    made = []
    for one in said():
        sealed = reply(one, before)
        made.append(
            {
                "signed_text": said_text(call().digest, one).decode(),
                "signature": one.signature.hex(),
                "padded": plain_reply(call().digest, one).hex(),
                "reply": sealed.hex(),
                "text": reply_text(sealed),
            }
        )
    return {
        "about": "A call for sign-ons and replies to it. docs/protocol/call.md. Bytes in hex. Replies are "
        "sealed with chance from OpenSSL: they open, and are not made anew.",
        "call_seed": SEED.hex(),
        "call_key": call().key.hex(),
        "call": call_text(call()).decode(),
        "call_digest": call_digest(call()).hex(),
        "code": call_code(call()),
        "link_opens_to_the_call": link(old_link()),
        "qr_is_whole": qr_text(call()).whole,
        "outsider_seed": KEY.seed.hex(),
        "outsider_key": KEY.public.hex(),
        "replies": made,
    }


if __name__ == "__main__":
    run(FILE, build)

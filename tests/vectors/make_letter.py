"""Makes `letter.json`: a letter in two languages, the acts on it, the count, and the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.signing import SigningKey
from meshcoal.wire.addendum import AddendumFields, addendum_text
from meshcoal.wire.package import Addendum, Counts, Package, Release, SignOn, Withdrawal, encode_package
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import (
    RULES,
    LanguageText,
    SignOnFields,
    StatementText,
    TallyLine,
    canonical_text,
    digest_of,
    reference,
    release_text,
    sign_on_text,
    tally_text,
    withdrawal_text,
)
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("letter.json")
FROZEN_MS: Final = 1_795_000_000_000
DEADLINE_MS: Final = FROZEN_MS + 172_800_000

SIGNATORIES: Final = (
    ("Ana", Capacity.ORGANISATION, "The Centre", "", "Bahrain", ("en", "fa")),
    ("Ben", Capacity.INDIVIDUAL, "بن جهانی", "", "", ("fa",)),
    ("Chi", Capacity.AFFILIATED, "Chi Nwosu", "Open University", "", ()),
)


def act_key(name: str) -> SigningKey:
    return SigningKey.from_seed(fixed(f"{name} act", 32))


def statement() -> StatementText:
    return StatementText(
        campaign=reference(fixed("campaign", 32)),
        statement=reference(fixed("letter", 32)),
        deadline_ms=DEADLINE_MS,
        texts=(
            LanguageText(
                language="en",
                direction=Direction("ltr"),
                title="Free Dr. Haddad",
                paragraphs=("Dear Minister,", "Release Dr. Haddad.\nShe is ill.", "Yours"),
            ),
            LanguageText(
                language="fa",
                direction=Direction("rtl"),
                title="دکتر حداد را آزاد کنید",
                paragraphs=("جناب وزیر،", "دکتر حداد را آزاد کنید؛ می‌خواهیم پاسخ دهید."),
            ),
        ),
        addressees=("The Minister of Justice",),
        rules=RULES,
    )


def addenda(digest: bytes, release: bytes) -> list[tuple[Addendum, bytes]]:
    """Two, with one late signatory each; and the text of each."""
    found: list[tuple[Addendum, bytes]] = []
    publisher = act_key("Ana")
    for number, name in ((1, "Dov"), (2, "Eve")):
        key = act_key(name)
        fields = SignOnFields(
            capacity=Capacity.INDIVIDUAL,
            name=name,
            title="",
            affiliation="",
            country="",
            languages_read=("en",),
            signed_ms=DEADLINE_MS + 60_000 * number,
        )
        signed = sign_on_text(digest, key.public, fields)
        line = TallyLine(
            act_key=key.public, sign_on=digest_of(signed), capacity=Capacity.INDIVIDUAL, name=name
        )
        said = AddendumFields(
            release=release,
            number=number,
            before=digest_of(found[-1][1]) if found else b"",
            tally_digest=digest_of(tally_text(digest, (line,))),
            withdrawals=(),
            published_ms=DEADLINE_MS + 600_000 * number,
        )
        text = addendum_text(digest, publisher.public, said)
        found.append(
            (
                Addendum(
                    number=number,
                    act_key=publisher.public,
                    release=release,
                    before=said.before,
                    tally_digest=said.tally_digest,
                    published_ms=said.published_ms,
                    signature=publisher.sign(text),
                    sign_ons=(SignOn(act_key=key.public, fields=fields, signature=key.sign(signed)),),
                    withdrawals=(),
                ),
                text,
            )
        )
    return found


def build() -> dict[str, Any]:
    text = canonical_text(statement())
    digest = digest_of(text)
    sign_ons, lines, shown = [], [], []
    for place, (name, capacity, public_name, affiliation, country, languages) in enumerate(SIGNATORIES):
        key = act_key(name)
        fields = SignOnFields(
            capacity=capacity,
            name=public_name,
            title="",
            affiliation=affiliation,
            country=country,
            languages_read=languages,
            signed_ms=FROZEN_MS + 60_000 * place,
        )
        signed = sign_on_text(digest, key.public, fields)
        sign_ons.append(SignOn(act_key=key.public, fields=fields, signature=key.sign(signed)))
        lines.append(
            TallyLine(act_key=key.public, sign_on=digest_of(signed), capacity=capacity, name=public_name)
        )
        shown.append(
            {
                "act_seed": key.seed.hex(),
                "act_key": key.public.hex(),
                "text": signed.decode(),
                "digest": digest_of(signed).hex(),
                "signature": key.sign(signed).hex(),
            }
        )
    tally = tally_text(digest, tuple(lines))
    organiser, withdrawn_by = act_key("Ana"), act_key("Ben")
    released_ms, withdrawn_ms = FROZEN_MS + 600_000, FROZEN_MS + 700_000
    released = release_text(digest, organiser.public, digest_of(tally), released_ms)
    withdrawn = withdrawal_text(digest, withdrawn_by.public, lines[1].sign_on, withdrawn_ms)
    added = addenda(digest, digest_of(tally))
    package = Package(
        canonical_text=text.decode(),
        digest=digest,
        sign_ons=tuple(sorted(sign_ons, key=lambda one: one.act_key)),
        withdrawals=(
            Withdrawal(
                act_key=withdrawn_by.public, withdrawn_ms=withdrawn_ms, signature=withdrawn_by.sign(withdrawn)
            ),
        ),
        release=Release(
            act_key=organiser.public,
            released_ms=released_ms,
            tally_digest=digest_of(tally),
            signature=organiser.sign(released),
        ),
        counts=Counts(organisations=1, individuals=2),
        addenda=tuple([addendum for addendum, _ in added]),
    )
    return {
        "about": "A letter from text to package. docs/protocol/statement.md, docs/protocol/package.md.",
        "campaign": fixed("campaign", 32).hex(),
        "campaign_reference": reference(fixed("campaign", 32)).hex(),
        "statement": fixed("letter", 32).hex(),
        "statement_reference": reference(fixed("letter", 32)).hex(),
        "text": text.decode(),
        "digest": digest.hex(),
        "sign_ons": shown,
        "tally": {"text": tally.decode(), "digest": digest_of(tally).hex()},
        "release": {"text": released.decode(), "signature": organiser.sign(released).hex()},
        "withdrawal": {"text": withdrawn.decode(), "signature": withdrawn_by.sign(withdrawn).hex()},
        "addenda": [{"text": told.decode(), "digest": digest_of(told).hex()} for _, told in added],
        "package": encode_package(package).decode(),
    }


if __name__ == "__main__":
    run(FILE, build)

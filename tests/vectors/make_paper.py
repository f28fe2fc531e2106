"""Makes `paper.json`: a sheet of signatures on paper, what is taken back of it, count and package."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any, Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto.signing import SigningKey
from meshcoal.wire.package import Counts, Package, Release, encode_package
from meshcoal.wire.paper import (
    LeftOut,
    PaperLine,
    PaperWithdrawal,
    Sheet,
    SheetHead,
    line_digest,
    line_text,
    paper_withdrawal_text,
    sheet_text,
    tally_lines,
)
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import (
    LanguageText,
    StatementText,
    canonical_text,
    digest_of,
    reference,
    release_text,
    rules_of,
    tally_text,
)
from meshcoal.wire.terms import NAMED_ALONE, Capacity

sys.path.insert(0, str(Path(__file__).parent))

from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("paper.json")
FROZEN_MS: Final = 1_795_000_000_000
LINES: Final = (
    (1, Capacity.INDIVIDUAL, "Ana Khalil", "Teacher", "", "Bahrain"),
    (2, Capacity.INDIVIDUAL, "مریم رضایی", "", "", ""),
    (4, Capacity.AFFILIATED, "Chi Nwosu", "", "Open University", "Nigeria"),
)


def act_key(name: str) -> SigningKey:
    return SigningKey.from_seed(fixed(f"{name} act", 32))


def build() -> dict[str, Any]:
    text = canonical_text(
        StatementText(
            campaign=reference(fixed("campaign", 32)),
            statement=reference(fixed("letter on paper", 32)),
            deadline_ms=FROZEN_MS + 172_800_000,
            texts=(
                LanguageText(
                    language="en",
                    direction=Direction.LEFT_TO_RIGHT,
                    title="Free Dr. Haddad",
                    paragraphs=("Dear Minister,", "Release Dr. Haddad."),
                ),
            ),
            addressees=(),
            rules=rules_of(NAMED_ALONE, paper=True),
        )
    )
    digest = digest_of(text)
    witness, organiser = act_key("Ben"), act_key("Ana")
    lines = [
        PaperLine(
            line=number,
            salt=fixed(f"salt {number}", 32),
            capacity=capacity,
            name=name,
            title=title,
            affiliation=affiliation,
            country=country,
        )
        for number, capacity, name, title, affiliation, country in LINES
    ]
    head = SheetHead(
        act_key=witness.public,
        witness="The Centre",
        number=3,
        scan=digest_of(b"the scan's file"),
        dated_ms=FROZEN_MS - FROZEN_MS % DAY_MS,
        entered_ms=FROZEN_MS,
    )
    entered = sheet_text(digest, head, {line.line: line_digest(line) for line in lines})
    sheet = Sheet(
        head=head,
        lines=(lines[0], lines[2]),
        left_out=(LeftOut(line=2, digest=line_digest(lines[1])),),
        signature=witness.sign(entered),
    )
    told = tally_lines([(*sheet.place, digest_of(entered), (1, 4))])
    tally = tally_text(digest, (), told)
    released_ms = FROZEN_MS + 600_000
    released = release_text(digest, organiser.public, digest_of(tally), released_ms)
    blank = PaperWithdrawal(
        act_key=organiser.public,
        witness=witness.public,
        number=3,
        lines=(2, 4),
        withdrawn_ms=FROZEN_MS + 700_000,
        signature=bytes(64),
    )
    taken = paper_withdrawal_text(digest, blank)
    package = Package(
        canonical_text=text.decode(),
        digest=digest,
        sign_ons=(),
        withdrawals=(),
        release=Release(
            act_key=organiser.public,
            released_ms=released_ms,
            tally_digest=digest_of(tally),
            signature=organiser.sign(released),
        ),
        counts=Counts(organisations=0, individuals=0, on_paper=2),
        paper=(sheet,),
        paper_withdrawals=(dataclasses.replace(blank, signature=organiser.sign(taken)),),
    )
    return {
        "about": "A letter that takes signatures on paper. docs/protocol/paper.md, docs/protocol/package.md.",
        "text": text.decode(),
        "digest": digest.hex(),
        "witness": {"act_seed": witness.seed.hex(), "act_key": witness.public.hex()},
        "lines": [{"text": line_text(line).decode(), "digest": line_digest(line).hex()} for line in lines],
        "sheet": {
            "text": entered.decode(),
            "digest": digest_of(entered).hex(),
            "signature": witness.sign(entered).hex(),
        },
        "tally": {"text": tally.decode(), "digest": digest_of(tally).hex()},
        "release": {"text": released.decode(), "signature": organiser.sign(released).hex()},
        "withdrawal": {"text": taken.decode(), "signature": organiser.sign(taken).hex()},
        "package": encode_package(package).decode(),
    }


if __name__ == "__main__":
    run(FILE, build)

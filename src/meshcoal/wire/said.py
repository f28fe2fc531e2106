"""The text in a body: what a person would look for in it.

Law: titles and texts, and nothing that is kept from the eye elsewhere: no names in annexes, no keys, no notes
sealed to some.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import RemoteError
from meshcoal.wire.bodies import AmendBody, CaseBody, CommentBody, DraftBody, ReportBody, decode_body
from meshcoal.wire.operation import Kind

TEXT_KINDS: Final = frozenset({Kind.DRAFT, Kind.AMEND, Kind.COMMENT, Kind.CASE, Kind.REPORT})


def text_of(kind: int, encoded: bytes) -> str:
    """Title and text, in lines of their own; empty for another kind, or what does not decode."""
    if kind not in TEXT_KINDS:
        return ""
    try:
        body = decode_body(Kind(kind), encoded)
    except RemoteError:
        return ""
    match body:
        case DraftBody() | AmendBody() | CaseBody():
            return f"{body.title}\n{body.text}"
        case CommentBody() | ReportBody():
            return body.text
        case _:
            return ""

"""What a release made now would publish: the very files, but for the release's own signature.

Law: made by the code that makes the files of a release. Nothing is signed for it: where a release has a
signature and a key, a preview has zeros, so no copy of it ever passes for something that was released.
"""

from __future__ import annotations

from dataclasses import replace

from meshcoal.clock import to_second
from meshcoal.errors import WrongPhase
from meshcoal.ids import AuthorId, OperationId
from meshcoal.statement.model import Released, Statement
from meshcoal.statement.publication import files
from meshcoal.statement.tally import listed_digest
from meshcoal.wire.bodies import ReleaseBody

_NOBODY = bytes(32)


def preview(statement: Statement, *, now_ms: int, not_before_ms: int = 0) -> tuple[tuple[str, bytes], ...]:
    """Name and content of each file, as `publication.files`; of a released letter, those.

    Args:
        not_before_ms: the embargo that is thought of; 0: none.

    Raises:
        WrongPhase: it is a draft: there is no list to publish.
        OverLimit: more than a package can hold.
    """
    frozen = statement.frozen
    if frozen is None:
        raise WrongPhase("The statement is still a draft: what goes out comes into being when it is frozen.")
    if statement.released is not None:
        return files(statement)
    body = ReleaseBody(
        at_ms=to_second(now_ms),
        statement=statement.id,
        digest=frozen.digest,
        sign_ons=(),  # the list is read from the statement; a release names it by operations
        tally_digest=listed_digest(statement, frozen),
        act_signature=bytes(64),
        not_before_ms=to_second(not_before_ms),
    )
    nobody = Released(id=OperationId(_NOBODY), author=AuthorId(_NOBODY), act_key=_NOBODY, body=body)
    return files(replace(statement, released=nobody))

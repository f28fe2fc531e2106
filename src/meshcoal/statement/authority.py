"""Requests to an office, what was decided on them, and whether a sign-on was allowed to speak for it.

Law: an office's sign-on counts only behind the decision of each step before the last, or under a mandate that
covers the letter. Nobody signs for somebody absent in any other way. Waiting is shown with its name and its
beginning; deputies stand in by the clocks that people wrote, and everybody sees which. An office is on the
list once. Specified in docs/protocol/authority.md. Ours, unreviewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import AuthorId, Digest, OperationId
from meshcoal.limits import COMMENT_CHARS_MAX
from meshcoal.statement.model import Authority, Decision, Frozen, Reason, Request, Row, Statement
from meshcoal.wire.authority import ApprovalBody, MandateBody, OfficeBody, OfficeStep, RequestBody
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.plain import normalise_text
from meshcoal.wire.terms import Verdict


@dataclass(slots=True, kw_only=True)
class Chain:
    """One request on its way: what was decided, in the order of the log."""

    row: Row
    body: RequestBody
    office: OfficeBody
    decisions: list[Decision] = field(default_factory=list)
    refused_depth: int = 0  # where it was refused; 0: it was not

    @property
    def approved(self) -> list[Decision]:
        return [one for one in self.decisions if one.verdict is Verdict.APPROVE]

    @property
    def since_ms(self) -> int:
        """When the step that is open now began to wait."""
        approved = self.approved
        return approved[-1].at_ms if approved else self.row.body.at_ms

    @property
    def open_step(self) -> OfficeStep:
        return self.office.steps[len(self.approved)]


Chains = Mapping[OperationId, Chain]


def fold(rows: list[Row], refused: dict[OperationId, Reason]) -> dict[OperationId, Chain]:
    """Every request with its decisions.

    Args:
        rows: effective operations of one statement, in their order.
        refused: gets what counts for nothing.
    """
    found: dict[OperationId, Chain] = {}
    for row in rows:
        body = row.body
        if isinstance(body, RequestBody):
            office = _offices(row).get(OperationId(body.office))
            if office is None or not _has_part(office, row.author):
                refused[row.id] = Reason.NO_AUTHORITY
                continue
            found[row.id] = Chain(row=row, body=body, office=office)
        elif isinstance(body, ApprovalBody):
            chain = found.get(OperationId(body.request))
            if chain is None or not _may_decide(chain, row, body):
                refused[row.id] = Reason.NO_AUTHORITY
                continue
            chain.decisions.append(
                Decision(
                    id=row.id,
                    author=row.author,
                    at_ms=body.at_ms,
                    depth=row.depth,
                    step=body.step,
                    verdict=body.verdict,
                    text=body.text,
                )
            )
            if body.verdict is Verdict.REFUSE:
                chain.refused_depth = row.depth
    return found


def _may_decide(chain: Chain, row: Row, body: ApprovalBody) -> bool:
    last = max([chain.row.depth, *[one.depth for one in chain.approved]])
    on_last_step = len(chain.approved) == len(chain.office.steps) - 1
    return (
        not chain.refused_depth
        and OperationId(chain.body.office) in _offices(row)
        and body.step == len(chain.approved)
        and row.depth > last
        and not (on_last_step and body.verdict is Verdict.APPROVE)  # that is to sign
        and chain.open_step.may_act(row.author, since_ms=chain.since_ms, at_ms=body.at_ms)
    )


def office_of(row: Row, body: SignBody, chains: Chains, frozen: Frozen) -> OfficeBody | None:
    """The office that a sign-on speaks for, if it may; None where it may not."""
    identifier = office_id_of(row, body, chains)
    office = _offices(row).get(identifier) if identifier is not None else None
    if office is None or bool(body.request) == bool(body.mandate):
        return None
    if body.mandate:
        return office if _covered(row, body, frozen) else None
    chain = chains[OperationId(body.request)]
    approved = [one for one in chain.approved if one.depth < row.depth]
    allowed = (
        chain.body.digest == body.digest
        and not 0 < chain.refused_depth < row.depth
        and len(approved) == len(office.steps) - 1
        and chain.row.depth < row.depth
        and office.steps[-1].may_act(row.author, since_ms=chain.since_ms, at_ms=body.at_ms)
    )
    return office if allowed else None


def office_id_of(row: Row, body: SignBody, chains: Chains) -> OperationId | None:
    """Which office a sign-on says that it speaks for; None where it is not known."""
    if body.mandate:
        mandate = _mandates(row).get(OperationId(body.mandate))
        return OperationId(mandate.office) if mandate is not None else None
    chain = chains.get(OperationId(body.request))
    return OperationId(chain.body.office) if chain is not None else None


def _covered(row: Row, body: SignBody, frozen: Frozen) -> bool:
    mandate = _mandates(row).get(OperationId(body.mandate))
    terms = frozen.body
    return (
        mandate is not None
        and mandate.holder == row.author
        and body.at_ms <= mandate.expires_ms
        and mandate.scope.covers(topics=terms.topics, countries=terms.countries, asks=terms.asks)
    )


def _offices(row: Row) -> Mapping[OperationId, OfficeBody]:
    return row.authority.offices if row.authority is not None else {}


def _mandates(row: Row) -> Mapping[OperationId, MandateBody]:
    return row.authority.mandates if row.authority is not None else {}


def _has_part(office: OfficeBody, author: AuthorId) -> bool:
    return any(author in step.holders for step in office.steps)


def requests(chains: Chains, signed: Mapping[OperationId, OperationId]) -> tuple[Request, ...]:
    """What is shown of them, in the order of the log.

    Args:
        signed: by request, the sign-on that it led to.
    """
    return tuple(
        [
            Request(
                id=chain.row.id,
                author=chain.row.author,
                at_ms=chain.row.body.at_ms,
                digest=Digest(chain.body.digest),
                office=OperationId(chain.body.office),
                terms=chain.office,
                note=chain.body.note,
                decisions=tuple(chain.decisions),
                since_ms=chain.since_ms,
                refused=bool(chain.refused_depth),
                signed=signed.get(chain.row.id),
            )
            for chain in chains.values()
        ]
    )


# --- What a member does


def make_request(
    statement: Statement, *, me: AuthorId, office: bytes, authority: Authority, note: str, now_ms: int
) -> RequestBody:
    """Ask an office in which I have a part to sign the text that is open.

    Raises:
        WrongPhase: nothing is open for signing, or this office was asked and has not decided.
        Unknown, NotPermitted: no such office, or I have no part in it.
        BadArgument: the note is too long.
    """
    if statement.frozen is None or statement.released is not None:
        raise WrongPhase("Only a letter that is open for signing goes to an office.")
    known = authority.offices.get(OperationId(office))
    if known is None:
        raise Unknown("There is no such office in this campaign.")
    if not _has_part(known, me):
        raise NotPermitted("Only who has a part in the office asks it.")
    for one in statement.requests:
        if one.office == office and one.digest == statement.frozen.digest and one.pending:
            raise WrongPhase("This office was asked already, and has not decided.")
    return RequestBody(
        at_ms=now_ms,
        statement=statement.id,
        digest=statement.frozen.digest,
        office=office,
        note=_fitting(note),
    )


def make_approval(
    statement: Statement, *, me: AuthorId, request: bytes, verdict: Verdict, text: str, now_ms: int
) -> ApprovalBody:
    """Decide the step that is open.

    Raises:
        Unknown: no such request.
        WrongPhase: it is decided; the last step signs instead of approving.
        NotPermitted: the step is somebody else's, or it is too early for a deputy.
        BadArgument: the text is too long, or a question is empty.
    """
    one = find_request(statement, request)
    if not one.pending or statement.frozen is None or one.digest != statement.frozen.digest:
        raise WrongPhase("This request is decided, or the text was changed since.")
    if verdict is Verdict.APPROVE and one.step == len(one.terms.steps) - 1:
        raise WrongPhase("This is the last step: to approve is to sign.")
    check_turn(one, me=me, at_ms=now_ms)
    if verdict is Verdict.ASK and not text.strip():
        raise BadArgument("Say what has to be answered first.")
    return ApprovalBody(
        at_ms=now_ms,
        statement=statement.id,
        request=one.id,
        step=one.step,
        verdict=verdict,
        text=_fitting(text),
    )


def find_request(statement: Statement, request: bytes) -> Request:
    """Raises `Unknown`."""
    for one in statement.requests:
        if one.id == request:
            return one
    raise Unknown("The letter has no such request.")


def check_turn(request: Request, *, me: AuthorId, at_ms: int) -> None:
    """Raises `NotPermitted` where I may not decide the open step at this time."""
    step = request.terms.steps[request.step]
    if me not in step.holders:
        raise NotPermitted("This step is somebody else's to decide.")
    if not step.may_act(me, since_ms=request.since_ms, at_ms=at_ms):
        raise NotPermitted("You are a deputy here: whoever decides it still has time.")


def may_speak(
    statement: Statement,
    frozen: Frozen,
    *,
    me: AuthorId,
    request: bytes,
    mandate: bytes,
    now: Authority,
    at_ms: int,
) -> None:
    """Refuse, in the user's words, what the reducer would not count.

    Raises:
        Unknown: no such request, or no such mandate that holds.
        WrongPhase: a step before the last is open, or the office signed already.
        NotPermitted: the last step is somebody else's; the mandate is, or does not cover this letter.
    """
    if request and mandate:
        raise BadArgument("Sign for a request, or under a mandate, not both.")
    if request:
        one = find_request(statement, request)
        if not one.pending or one.digest != frozen.digest or one.office not in now.offices:
            raise WrongPhase("This request is decided, or the text or the office was changed since.")
        if one.step < len(one.terms.steps) - 1:
            raise WrongPhase(f"The step before is open: {one.terms.steps[one.step].name}.")
        check_turn(one, me=me, at_ms=at_ms)
        office = one.office
    else:
        given = now.mandates.get(OperationId(mandate))
        if given is None or OperationId(given.office) not in now.offices:
            raise Unknown("There is no such mandate that holds.")
        if given.holder != me:
            raise NotPermitted("This mandate is somebody else's.")
        if at_ms > given.expires_ms:
            raise NotPermitted("This mandate has expired.")
        terms = frozen.body
        if not given.scope.covers(topics=terms.topics, countries=terms.countries, asks=terms.asks):
            raise NotPermitted(
                "The mandate does not cover this letter, by the topics, countries and asks that were frozen "
                "with it."
            )
        office = OperationId(given.office)
    for entry in statement.entries:
        if entry.sign_on.office == office and entry.standing is not None:
            raise WrongPhase("This office has signed already.")


def _fitting(text: str) -> str:
    clean = normalise_text(text)
    if len(clean) > COMMENT_CHARS_MAX:
        raise BadArgument(f"The text has {len(clean)} characters; at most {COMMENT_CHARS_MAX} fit.")
    return clean

"""From what a member decides to the acts that sign, withdraw and release.

Law: an act is signed by the act key over a text that stands by itself, and only after everything the reducer
would refuse has been refused here in the user's words. Silence never signs.
"""

from __future__ import annotations

import dataclasses

from meshcoal.clock import to_second
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadArgument, NoQuorum, NotPermitted, OverLimit, WrongPhase
from meshcoal.ids import AuthorId
from meshcoal.limits import NAME_CHARS_MAX, OUTSIDE_MAX, PAPER_MAX, PAPER_SHEETS_MAX
from meshcoal.statement import quorum
from meshcoal.statement.addenda import unsealed
from meshcoal.statement.authority import may_speak
from meshcoal.statement.model import (
    NO_AUTHORITY,
    Authority,
    EntryState,
    Frozen,
    Standing,
    Statement,
    StatementPhase,
)
from meshcoal.statement.outside import listed
from meshcoal.statement.paper import counted_lines, listed_sheets
from meshcoal.statement.tally import fields_of, listed_digest
from meshcoal.wire.bodies import Condition, Need, ReleaseBody, SignBody, WithdrawBody
from meshcoal.wire.counted import RingPlace
from meshcoal.wire.logo import clean_logo
from meshcoal.wire.naming import Annex, NameIn
from meshcoal.wire.plain import is_language, normalise_line
from meshcoal.wire.public_text import release_text, sign_on_text, withdrawal_text
from meshcoal.wire.terms import Capacity, NameMode, Seat

_LATE = "Who signs late says so, and stands in an addendum."
_WITHDRAWN = (EntryState.WITHDRAWN, EntryState.WITHDRAWN_AFTER_RELEASE)


def make_sign_on(
    statement: Statement,
    *,
    me: AuthorId,
    seat: Seat,
    act_key: SigningKey,
    digest: bytes,
    capacity: Capacity,
    name: str,
    title: str,
    affiliation: str,
    country: str,
    languages_read: tuple[str, ...],
    now_ms: int,
    names: tuple[NameIn, ...] = (),
    members: int = 0,
    mode: NameMode = NameMode.NAMED,
    logo: bytes = b"",
    needs: tuple[Need, ...] = (),
    request: bytes = b"",
    mandate: bytes = b"",
    authority: Authority = NO_AUTHORITY,
    entropy: Entropy | None = None,
    unit_ms: int = 1_000,
    late: bool = False,
    in_ring: RingPlace | None = None,
) -> SignBody:
    """Sign the frozen text with this digest, and no other.

    The time is cut to the second, or to what is asked: it is published, and nobody needs more of it.

    Args:
        name: under `ROLE`, the role that is published. Under `ADDRESSEE`, what only the addressee gets.
        names: the name in other languages and scripts.
        members: of a network, on whose behalf it signs.
        needs: it counts only where all of these hold of the list.
        request: of an office, whose last step this is.
        mandate: under which it is signed for an office. Not with `request`.
        authority: offices and mandates that hold now.
        entropy: needed under `ADDRESSEE`, and with `needs`.
        unit_ms: the time of signing is cut to this.
        late: also behind the deadline or the release, to stand in an addendum.
        in_ring: which key of the ring is mine, where the letter has one and I am in it.

    Raises:
        NotPermitted: observers do not sign.
        WrongPhase: not open, another text than `digest`, deadline passed, signed already.
        BadArgument: a name, affiliation or language does not fit.
    """
    if seat is Seat.OBSERVER:
        raise NotPermitted("Observers do not sign statements.")
    frozen = _open(statement, "signed", late=late)
    if digest != frozen.digest:
        raise WrongPhase("The text that was frozen is not the one you read: read it again before you sign.")
    if now_ms > frozen.deadline_ms and not late:
        raise WrongPhase(f"The deadline for signing has passed. {_LATE}")
    mine = statement.entry_of(me)
    if mine is not None and mine.state is EntryState.WITHDRAWN_AFTER_RELEASE:
        raise WrongPhase(
            "You took your signature back after the release: that notice is out, and it stays so."
        )
    if mine is not None and mine.state not in _WITHDRAWN:
        raise WrongPhase("You have signed already. Withdraw first to sign differently.")
    if mode not in frozen.body.modes or mode is NameMode.COUNTED:
        raise BadArgument("This letter does not permit to sign that way.")
    if (capacity is Capacity.NETWORK) != bool(members):
        raise BadArgument("A network, and nobody else, says on behalf of how many members it signs.")
    if request or mandate:
        may_speak(statement, frozen, me=me, request=request, mandate=mandate, now=authority, at_ms=now_ms)
    hidden = mode is NameMode.ADDRESSEE
    clean = _line(name, "The role" if mode is NameMode.ROLE else "The name", required=True)
    clean_names = clean_names_of(names, clean)
    clean_title, clean_country = _line(title, "The title"), _line(country, "The country")
    clean_affiliation = _affiliation(affiliation, capacity)
    if mode is not NameMode.NAMED and (clean_affiliation or (mode is NameMode.ROLE and clean_title)):
        raise BadArgument("Without a name on the list, neither title nor affiliation stands there.")
    annex = None
    if hidden:
        assert entropy is not None, "an annex is salted"
        annex = Annex(
            salt=entropy.take(32),
            name=clean,
            names=clean_names,
            title=clean_title,
            country=clean_country,
            members=members,
        )
    condition = None
    if needs:
        assert entropy is not None, "a condition is salted"
        condition = Condition(salt=entropy.take(32), needs=needs)
    body = SignBody(
        at_ms=now_ms - now_ms % unit_ms,
        statement=statement.id,
        digest=frozen.digest,
        capacity=capacity,
        name="" if hidden else clean,
        title="" if hidden else clean_title,
        affiliation=clean_affiliation,
        country="" if hidden else clean_country,
        languages_read=_languages(languages_read, frozen),
        act_signature=bytes(64),
        names=() if hidden else clean_names,
        members=0 if hidden else members,
        mode=mode,
        logo=clean_logo(logo) if logo and mode is NameMode.NAMED else b"",
        annex=annex,
        condition=condition,
        request=request,
        mandate=mandate,
        in_ring=in_ring,
    )
    text = sign_on_text(frozen.digest, act_key.public, fields_of(body, act_key.public))
    return dataclasses.replace(body, act_signature=act_key.sign(text))


def clean_names_of(names: tuple[NameIn, ...], name: str) -> tuple[NameIn, ...]:
    """Names in other languages, in the order in which they are signed. Raises `BadArgument`."""
    found: dict[str, NameIn] = {}
    for one in names:
        tag = one.language.strip().lower().replace("_", "-")
        if not is_language(tag):
            raise BadArgument("A language is given as a BCP 47 tag, such as `en`, `fa` or `zh-hans`.")
        clean = _line(one.name, f"The name in `{tag}`")
        if clean and clean != name:
            found[tag] = NameIn(language=tag, name=clean)
    return tuple([found[tag] for tag in sorted(found)])


def make_withdrawal(statement: Statement, *, me: AuthorId, act_key: SigningKey, now_ms: int) -> WithdrawBody:
    """Take back my sign-on: before the release it no longer counts, after it a signed notice says so.

    One on an earlier version counts for nothing; taking it back says so to whoever comes by that signature.

    Raises:
        WrongPhase: there is nothing of mine to take back.
    """
    mine, lapsed = statement.entry_of(me), statement.lapsed_of(me)
    if lapsed is not None:
        digest, standing = lapsed.frozen.digest, lapsed.sign_on
    elif statement.frozen is None or mine is None:
        raise WrongPhase("You have not signed this statement.")
    elif mine.state in _WITHDRAWN:
        raise WrongPhase("Your sign-on is withdrawn already.")
    else:
        assert mine.standing is not None, "what is not withdrawn stands"
        digest, standing = statement.frozen.digest, mine.standing
    at_ms = to_second(now_ms)
    text = withdrawal_text(digest, act_key.public, standing.text_digest, at_ms)
    return WithdrawBody(at_ms=at_ms, statement=statement.id, digest=digest, act_signature=act_key.sign(text))


def make_release(
    statement: Statement,
    *,
    act_key: SigningKey,
    now_ms: int,
    standing: Standing | None = None,
    not_before_ms: int = 0,
) -> ReleaseBody:
    """Fix the list as it stands here. Whether the author may release is for the campaign's membership.

    Args:
        standing: whose consent is needed; None: nobody's.
        not_before_ms: until when the letter is not to be published; 0: at once.

    Raises:
        WrongPhase: not open, or nobody has signed.
        BadArgument: the embargo ends before the release.
        NoQuorum: too few of some seat signed, or agreed that it goes out.
    """
    frozen = _open(statement, "released")
    counted, outside = statement.counted(), statement.counted_outside()
    paper = counted_lines(statement)
    if len(outside) > OUTSIDE_MAX:
        raise OverLimit(f"More than {OUTSIDE_MAX} sign-ons from outside do not fit on one release.")
    if sum(len(lines) for _, lines in paper) > PAPER_MAX or len(paper) > PAPER_SHEETS_MAX:
        raise OverLimit(f"More than {PAPER_MAX} signatures on paper do not fit on one release.")
    if not (counted or outside or paper):
        raise WrongPhase("Nobody has signed yet: there is nothing to release.")
    signed = {sign_on.author for sign_on in counted}
    agreed = [one.id for author, one in quorum.agreeing(statement).items() if author not in signed]
    if standing is not None:
        _check_quorum(statement, standing)
    at_ms = to_second(now_ms)
    tally_digest = listed_digest(statement, frozen)
    if not_before_ms and not_before_ms <= at_ms:
        raise BadArgument("The time before which it is not to be published has passed already.")
    not_before_ms = to_second(not_before_ms)
    text = release_text(frozen.digest, act_key.public, tally_digest, at_ms, not_before_ms)
    return ReleaseBody(
        at_ms=at_ms,
        statement=statement.id,
        digest=frozen.digest,
        sign_ons=tuple([sign_on.id for sign_on in counted if not sign_on.sealed]),
        unsealed=unsealed(counted),
        tally_digest=tally_digest,
        act_signature=act_key.sign(text),
        outside=listed(outside),
        agreed=tuple(agreed),
        not_before_ms=not_before_ms,
        paper=listed_sheets(paper),
        counted=statement.unnamed.listed if statement.unnamed else (),
    )


def _check_quorum(statement: Statement, standing: Standing) -> None:
    short = [one for one in quorum.reached_so_far(statement, standing) if one.have < one.needed]
    if short:
        lacks = "; ".join([f"{one.needed} {one.seat.value}, and there are {one.have}" for one in short])
        raise NoQuorum(
            f"Not released. By the campaign's rules it takes members who signed, or agreed that it goes out: "
            f"{lacks}."
        )


def _open(statement: Statement, done: str, *, late: bool = False) -> Frozen:
    if statement.phase is StatementPhase.RELEASED and not late:
        more = f" {_LATE}" if done == "signed" else ""
        raise WrongPhase(f"The statement is released and cannot be {done} any more.{more}")
    if statement.frozen is None:
        raise WrongPhase(f"The statement is still a draft: it must be frozen before it can be {done}.")
    return statement.frozen


def _affiliation(value: str, capacity: Capacity) -> str:
    clean = _line(value, "The affiliation")
    if capacity is Capacity.AFFILIATED and not clean:
        raise BadArgument("To sign with an affiliation that does not endorse, say which affiliation.")
    if capacity is not Capacity.AFFILIATED and clean:
        raise BadArgument(
            "An affiliation goes with signing as an individual whose affiliation does not endorse, only."
        )
    return clean


def _languages(tags: tuple[str, ...], frozen: Frozen) -> tuple[str, ...]:
    clean = sorted({tag.strip().lower() for tag in tags})
    for tag in clean:
        if tag not in frozen.languages:
            raise BadArgument(f"You can have read it in {', '.join(frozen.languages)} only.")
    return tuple(clean)


def _line(value: str, what: str, *, required: bool = False) -> str:
    clean = normalise_line(value)
    if required and not clean:
        raise BadArgument(f"{what} is empty.")
    if len(clean) > NAME_CHARS_MAX:
        raise BadArgument(f"{what} has {len(clean)} characters; at most {NAME_CHARS_MAX} fit.")
    return clean

"""What a user can ask about statements: drafting, freezing, signing, releasing.

Law: as in `api.commands`, of which this is a part.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Language, Name, OptionalName, UploadId
from meshcoal.api.signing import SigningCommand
from meshcoal.limits import (
    ADDRESSEES_MAX,
    ATTACHMENTS_MAX,
    COMMENT_CHARS_MAX,
    GRACE_MS_MAX,
    LANGUAGES_MAX,
    LOGO_BYTES_MAX,
    MEMBERS_MAX,
    MERGED_MAX,
    NEEDS_MAX,
    PARAGRAPHS_MAX,
    STATEMENTS_SHOWN_MAX,
    TEXT_CHARS_MAX,
)
from meshcoal.wire.bodies import Need
from meshcoal.wire.naming import Tags
from meshcoal.wire.record import Chars, Id32, Items, OptionalId32, Range, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import NAMED_ALONE, AftermathKind, Means, NameMode, Stance


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowLetterHolders(Command):
    """Who is known to hold all that matters of a letter, signatures included. `HoldersView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # handed over before
    credit: OptionalName = ""  # how I wish to be named beside the text in public; empty: not
    case: OptionalId32 = b""  # what the letter is about


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendStatement(Command):
    """A new revision of the text in one language, or its first text in a further one. `StatementView`."""

    campaign: Id32
    statement: Id32
    language: Language
    title: Name
    text: Annotated[str, Chars(1, TEXT_CHARS_MAX)]
    base: OptionalId32 = b""  # the revision that was edited; empty: a language's first text
    merges: Annotated[tuple[Id32, ...], Items(0, MERGED_MAX)] = ()  # those beside it that the text takes up
    translates: OptionalId32 = b""  # what it translates; empty: as before, or the first language's one text
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # handed over before
    credit: OptionalName = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    revision: Id32
    paragraph: Annotated[int, Range(0, PARAGRAPHS_MAX)]  # 0 is the whole text
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)]
    stance: Stance = Stance.REMARK
    lifts: OptionalId32 = b""  # a red line of mine that stands no longer
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # handed over before
    credit: OptionalName = ""  # with the stance `CHECKED`: as whoever compared the two


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeStatement(Command):
    """Fix the texts, addressees and deadlines under one digest and open it for signing. `StatementView`.

    With `replaces`, the digest that holds now: the next version, which everybody is asked to sign anew.
    """

    campaign: Id32
    statement: Id32
    revisions: Annotated[
        tuple[Id32, ...], Items(0, LANGUAGES_MAX)
    ]  # one a language; empty: the newest of each
    addressees: Annotated[tuple[Annotated[str, Chars(1, 200)], ...], Items(0, ADDRESSEES_MAX)]
    deadline_ms: TimeMs
    soft_deadline_ms: TimeMs = 0  # until when people are asked to sign; 0: until the deadline
    grace_ms: Annotated[int, Range(0, GRACE_MS_MAX)] = 0  # how long what was signed in time is waited for
    replaces: OptionalId32 = b""
    modes: Annotated[tuple[NameMode, ...], Items(1, len(NameMode))] = NAMED_ALONE  # `NAMED` is always one
    sealed_until: Annotated[int, Range(0, MEMBERS_MAX)] = 0  # so many before sealed sign-ons open; 0: none
    seal_expires_ms: TimeMs = 0  # then they stay shut for good; 0: the deadline and its grace period
    topics: Tags = ()  # what the letter is about and asks for, in words that standing mandates name
    countries: Tags = ()
    asks: Tags = ()
    paper: bool = False  # a witness may enter signatures on paper


@dataclass(frozen=True, slots=True, kw_only=True)
class SignStatement(SigningCommand):
    """Sign the frozen text with this digest, and no other. Answered by `StatementView`."""

    mode: NameMode = NameMode.NAMED  # one that the letter permits; under `ROLE`, `name` is the role
    logo: Annotated[bytes, Size(0, LOGO_BYTES_MAX)] = b""
    needs: Annotated[tuple[Need, ...], Items(0, NEEDS_MAX)] = ()  # it counts only where these hold
    request: OptionalId32 = b""  # for an office: its last step
    mandate: OptionalId32 = b""  # for an office: under this
    late: bool = False  # also behind the deadline or the release: to stand in an addendum


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSignature(Command):
    """Before release: the sign-on no longer counts. After: a signed notice. `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStatement(Command):
    """Fix the list of signatories and make the package. Answered by `StatementView`."""

    campaign: Id32
    statement: Id32
    not_before_ms: TimeMs = 0  # an embargo: it is not to be published earlier; 0: none


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterAftermath(Command):
    """Enter what happened behind a release: a delivery, a reply, an outcome and so on. `StatementView`."""

    campaign: Id32
    statement: Id32
    entry: AftermathKind
    happened_ms: TimeMs = 0  # 0: now
    addressee: Annotated[str, Chars(0, 200)] = ""  # needed with, and only with, a delivery; as is `means`
    deliverer: OptionalName = ""  # empty: me
    means: Means = Means.NONE
    text: Annotated[str, Chars(0, COMMENT_CHARS_MAX)] = ""
    receipt: OptionalId32 = b""  # SHA-256 of a file
    about: OptionalId32 = b""  # the delivery that a reply answers; the entry that a follow-up is about
    follow_up_ms: TimeMs = 0  # 0: none; in a reply or a follow-up: no need any more
    corrects: OptionalId32 = b""  # an entry of mine of the same kind, which this one replaces
    attachments: Annotated[tuple[UploadId, ...], Items(0, ATTACHMENTS_MAX)] = ()  # the receipt; stays inside


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatements(Command):
    """A page of statements, oldest first: the newest, or those before one. `StatementsView`."""

    campaign: Id32
    before: OptionalId32 = b""
    limit: Annotated[int, Range(1, STATEMENTS_SHOWN_MAX)] = STATEMENTS_SHOWN_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStatement(Command):
    """Answered by `StatementView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowChase(Command):
    """Who could sign and has not, what is known of each, and which office decides. `ChaseView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStatement(Command):
    """The files of a released statement: package, texts, list. The client writes them. `FilesView`."""

    campaign: Id32
    statement: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewStatement(Command):
    """The files that a release made now would have, unsigned; of a released one, its files. `FilesView`."""

    campaign: Id32
    statement: Id32
    not_before_ms: TimeMs = 0  # the embargo that is thought of; 0: none


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportAnnex(Command):
    """The file for the addressee of a released statement: who is named to nobody else. `FilesView`."""

    campaign: Id32
    statement: Id32

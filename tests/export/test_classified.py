"""What stays in the campaign is in none of the files that leave it."""

from __future__ import annotations

import base64
import dataclasses
import enum
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from meshcoal.clock import iso_utc
from meshcoal.export.files import with_exports
from meshcoal.export.markup import data_file
from meshcoal.export.page import package_in, script
from meshcoal.ids import OperationId
from meshcoal.statement import model, publication
from meshcoal.statement.authority import make_approval, make_request
from meshcoal.statement.drafting import make_comment
from meshcoal.statement.model import EntryState, Statement
from meshcoal.wire import bodies
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.authority import ApprovalBody, OfficeBody, OfficeStep, RequestBody
from meshcoal.wire.bodies import Need
from meshcoal.wire.naming import Annex, NameIn
from meshcoal.wire.operation import Kind
from meshcoal.wire.paper import PaperLine, PaperWithdrawal, SheetHead
from meshcoal.wire.terms import NameMode, Seat, Verdict

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from damage import png
from lettering import ENGLISH, SEATS, Desk, author

RECORDS: Final = (
    bodies.DraftBody, bodies.AmendBody, bodies.CommentBody, bodies.FreezeBody, bodies.SignBody,
    bodies.WithdrawBody, bodies.ReleaseBody, AddendumBody, model.Added,
    model.Row, model.Revision, model.Comment, model.Frozen,
    RequestBody, ApprovalBody, model.Request, model.Decision, bodies.Condition, bodies.Need, Annex, NameIn,
    model.SignOn, model.Entry, model.Lapsed, model.Released,
    model.Statement, Attachment, bodies.PaperBody, bodies.StrikeBody, model.PaperSheet, model.PaperEntry,
    PaperLine, SheetHead, PaperWithdrawal,
)  # fmt: skip

# Fields that can hold something public. Of a text: the frozen words. Of a sign-on, a withdrawal, a release:
# those that stand on the released letter. Every other field of these records stays, whoever it is about.
LEAVES: Final = {
    "DraftBody": {"language", "title", "text", "credit"},
    "AmendBody": {"language", "title", "text", "credit"},
    "FreezeBody": {
        "addressees", "deadline_ms", "digest", "soft_deadline_ms", "grace_ms", "replaces", "modes",
        "topics", "countries", "asks", "paper",
    },
    "CommentBody": {"credit"},
    "NameIn": {"language", "name"},
    "SignBody": {
        "at_ms", "digest", "capacity", "name", "title", "affiliation", "country", "languages_read",
        "act_signature", "names", "members", "mode", "logo", "in_ring",
    },
    "WithdrawBody": {"at_ms", "digest", "act_signature"},
    "ReleaseBody": {"at_ms", "digest", "tally_digest", "act_signature", "not_before_ms", "counted"},
    "AddendumBody": {
        "at_ms", "digest", "release", "number", "before", "tally_digest", "act_signature", "withdrawals",
    },
    "Added": {"act_key", "text_digest"},
    "Entry": {"addendum"},
    "Revision": {"language", "direction", "title", "paragraphs", "credit"},
    "Comment": {"credit"},
    "Frozen": {"version", "digest", "canonical_text", "languages"},
    "SignOn": {"act_key", "text_digest"},
    "Released": {"act_key"},
    "Statement": {"tally_digest", "unnamed"},
    # Of paper: what stands on a line of the list, and what the witness signed.
    "PaperBody": {
        "at_ms", "digest", "number", "witness", "scan", "dated_ms", "lines", "act_signature",
    },
    "StrikeBody": {"at_ms", "digest", "witness", "number", "lines", "act_signature"},
    "PaperSheet": {"head", "text_digest"},
    "PaperLine": {field.name for field in dataclasses.fields(PaperLine)},
    "SheetHead": {field.name for field in dataclasses.fields(SheetHead)},
    "PaperWithdrawal": {field.name for field in dataclasses.fields(PaperWithdrawal)},
}  # fmt: skip
STAYS: Final = {
    "DraftBody": {"at_ms", "handed", "carried", "attachments", "case"},
    "AmendBody": {"at_ms", "handed", "carried", "attachments", "statement", "base", "merges", "translates"},
    "CommentBody": {
        "at_ms", "handed", "carried", "attachments", "statement", "revision", "paragraph", "text", "stance",
        "lifts",
    },
    "FreezeBody": {
        "at_ms", "handed", "carried", "statement", "revisions", "checks", "sealed_until", "seal_expires_ms",
    },
    "SignBody": {"handed", "carried", "statement", "annex", "condition", "request", "mandate"},
    "Annex": {"salt", "name", "names", "title", "country", "members"},
    "Condition": {"salt", "needs"},
    "Need": {"at_least", "seat"},
    "WithdrawBody": {"handed", "carried", "statement"},
    "AddendumBody": {"handed", "carried", "statement", "sign_ons", "outside", "unsealed"},
    "Added": {"id", "author", "depth", "body", "sign_ons", "outside"},
    "ReleaseBody": {"handed", "carried", "statement", "sign_ons", "outside", "unsealed", "agreed", "paper"},
    "Row": {"id", "author", "seq", "depth", "kind", "body", "then", "authority", "standing"},
    "Revision": {
        "id", "author", "depth", "at_ms", "base", "merges", "translates", "stale", "current", "frozen",
        "attachments",
    },
    "Comment": {
        "id", "author", "at_ms", "revision", "language", "paragraph", "text", "stance", "red_line", "lifts",
        "attachments",
    },
    "Frozen": {"id", "author", "body"},
    "SignOn": {
        "id", "author", "depth", "body", "late", "sealed", "office", "office_name", "mandate_giver",
    },
    "RequestBody": {"at_ms", "handed", "carried", "statement", "digest", "office", "note"},
    "ApprovalBody": {"at_ms", "handed", "carried", "statement", "request", "step", "verdict", "text"},
    "Request": {field.name for field in dataclasses.fields(model.Request)},
    "Decision": {field.name for field in dataclasses.fields(model.Decision)},
    "Entry": {"sign_on", "state", "standing", "withdrawal"},
    "Lapsed": {"sign_on", "frozen"},
    "Released": {"id", "author", "body"},
    "Statement": {
        "campaign", "id", "author", "at_ms", "phase", "revisions", "comments", "frozen", "replaced",
        "entries", "lapsed", "released", "ineffective", "aftermath", "outside", "calls", "case",
        "requests", "addenda", "paper", "desk",
    },
    "PaperBody": {"handed", "carried", "statement", "note", "attachments"},
    "StrikeBody": {"handed", "carried", "statement"},
    "PaperSheet": {"id", "author", "depth", "body", "late"},
    "PaperEntry": {"sheet", "line", "state", "withdrawal"},
    "Attachment": {field.name for field in dataclasses.fields(Attachment)},
}  # fmt: skip


def rich_letter() -> tuple[Desk, Statement]:
    """All that stays happens: an amended text, comments, a version before, sign-ons that do not count."""
    desk = Desk()
    draft = desk.draft(text="A first wording that nobody outside may read.\n\nSecret place: Karaj.")
    for place, text in enumerate(("Who wrote this must not be known", "We cannot sign with Karaj in it")):
        view = desk.view(draft.id)
        body = make_comment(
            view,
            me=author("chi"),
            revision=view.revisions[0].id,
            paragraph=place,
            text=text,
            now_ms=desk.now_ms,
        )
        desk.write("chi", Kind.COMMENT, body)
    desk.freeze(draft)
    desk.sign(draft, "chi", name="Signed the version before")
    desk.amend(draft, text=ENGLISH)
    desk.translate(draft)
    desk.revise(draft, modes=tuple(mode for mode in NameMode if mode is not NameMode.COUNTED), paper=True)
    desk.sign(
        draft,
        "ana",
        name="The Centre",
        names=(NameIn(language="fa", name="مرکز خانواده‌ها"),),
        logo=png(),
        needs=(Need(at_least=1, seat=Seat.EXILE),),
    )
    office = OperationId(b"office" + bytes(26))
    director = OfficeStep(name="Secret director", holders=(author("dov"), author("ana")), wait_ms=0)
    steps = (OfficeStep(name="Secret policy", holders=(author("eve"),), wait_ms=0), director)
    desk.authority = model.Authority(
        offices={office: OfficeBody(at_ms=0, name="Secret office", steps=steps)}, mandates={}
    )
    asked = desk.write(
        "dov",
        Kind.REQUEST,
        make_request(
            desk.view(draft.id),
            me=author("dov"),
            office=office,
            authority=desk.authority,
            note="The family must not know",
            now_ms=desk.now_ms,
        ),
    )
    desk.write(
        "eve",
        Kind.APPROVAL,
        make_approval(
            desk.view(draft.id),
            me=author("eve"),
            request=asked.id,
            verdict=Verdict.REFUSE,
            text="Our donors would mind",
            now_ms=desk.now_ms,
        ),
    )
    hidden = NameIn(language="fa", name="کسی که نامش پنهان است")
    desk.sign(draft, "chi", name="Nobody may read this", names=(hidden,), mode=NameMode.ADDRESSEE)
    waits = (Need(at_least=6),)
    desk.sign(draft, "ben", name="Ben Jahani")
    desk.sign(draft, "mallory", name="Took it back in time")
    desk.withdraw(draft, "mallory")
    entered = desk.paper(
        draft, "ana", "Stands on paper", "Taken off the paper", note="Secret cousin at the door"
    )
    scan = Attachment(
        name="secret-scan.jpg",
        media_type="image/jpeg",
        size=9,
        key=b"secret key of a scan............",
        digest=b"secret digest of a scan.........",
        manifest=b"secret manifest of a scan.......",
    )
    assert isinstance(entered.body, bodies.PaperBody)
    desk.rows[-1] = dataclasses.replace(entered, body=dataclasses.replace(entered.body, attachments=(scan,)))
    desk.strike(draft, "ana", 1, 2)
    before = list(desk.rows)
    desk.release(draft)
    desk.sign(draft, "dov", name="Signed after the release", needs=waits, seen=before)
    desk.sign(draft, "mallory", name="In an addendum", late=True)
    desk.addendum(draft)
    desk.withdraw(draft, "ben")
    return desk, desk.view(draft.id)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value in a record, with the class and field that hold it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), f"{type(value).__name__}.{field.name}")
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item, path)
    elif value is not None and not isinstance(value, enum.Enum):  # a word of ours says nothing by itself
        yield path, value


def spellings(value: Any) -> list[bytes]:
    """How a value could stand in a file; nothing where it is too short to tell from anything else."""
    if isinstance(value, bytes) and len(value) >= 16:
        return [value, value.hex().encode(), base64.b64encode(value).rstrip(b"=")]
    if isinstance(value, str) and len(value) >= 8:
        return [value.encode(), *[part.encode() for part in value.split("\n\n") if len(part) >= 8]]
    if isinstance(value, int) and value > 10**12:
        return [str(value).encode(), iso_utc(value).encode()]
    return []


def public_values(statement: Statement) -> bytes:
    """What may leave, read from the operations and not from the package."""
    frozen, released = statement.frozen, statement.released
    assert frozen is not None
    assert released is not None
    allowed: list[Any] = [frozen.canonical_text, frozen.digest, released.act_key, released.body.at_ms]
    allowed += [released.body.tally_digest, released.body.act_signature]
    for added in statement.addenda:
        allowed += [added.act_key, added.text_digest, added.body.act_signature, added.body.at_ms]
        allowed += [added.body.tally_digest]
    for entry in statement.entries:
        if entry.state in (EntryState.COUNTED, EntryState.ADDED, EntryState.WITHDRAWN_AFTER_RELEASE):
            body = entry.sign_on.body
            allowed += [entry.sign_on.act_key, entry.sign_on.text_digest, body.act_signature, body.at_ms]
            allowed += [body.name, body.title, body.affiliation, body.country, *body.languages_read]
            allowed += [one.name for one in body.names] + [body.logo]
            if entry.state is EntryState.WITHDRAWN_AFTER_RELEASE and entry.withdrawal is not None:
                allowed += [entry.withdrawal.at_ms, entry.withdrawal.act_signature]
    for line in statement.counted_on_paper():
        allowed += [value for _, value in leaves((line.line, line.sheet.head, line.sheet.body.act_signature))]
    return b"\0".join([spelled for value in allowed for spelled in spellings(value)])


def exported(statement: Statement) -> dict[str, bytes]:
    """Every file that goes out; of the page what is in it beside our own script and style."""
    files = dict(with_exports(publication.files(statement), outgoing=True))
    page = next(name for name in files if name.endswith(".html") and ".sheet" not in name)
    own = [script().encode(), data_file("style.css").encode()]
    bare = files[page]
    for text in own:
        assert text in bare
        bare = bare.replace(text, b"")
    files[page] = bare + package_in(files[page])
    return files


def test_each_field_is_known_to_leave_or_to_stay() -> None:
    """Goal: a new field is decided about before it can leave. Method: compare the tables with the records."""
    for record in RECORDS:
        name = record.__name__
        fields = {field.name for field in dataclasses.fields(record)}
        both = (LEAVES.get(name, set()), STAYS.get(name, set()))
        assert both[0] | both[1] == fields, (name, fields ^ (both[0] | both[1]))
        assert not both[0] & both[1], name


def test_no_value_that_stays_is_in_any_file() -> None:
    """Goal: nothing inner leaves. Method: each value of each record of a letter on which all of it happened,
    in each spelling, against each file; let off is what the public list and text hold."""
    desk, statement = rich_letter()
    files = exported(statement)
    assert len(files) == 11
    public = public_values(statement)
    values = [*leaves(statement), *[found for row in desk.rows for found in leaves(row)]]
    looked: set[str] = set()
    for path, value in values:
        for spelled in spellings(value):
            if spelled in public:
                continue
            looked.add(path)
            for name, data in files.items():
                assert spelled not in data, (path, name)
    # What was looked for is not nothing: ids, authors, words and times of all kinds.
    assert {
        "Row.id", "Row.author", "Comment.text", "CommentBody.at_ms", "Revision.paragraphs", "SignBody.name",
        "SignBody.act_signature", "Frozen.id", "Statement.campaign", "Statement.id", "SignOn.act_key",
        "ReleaseBody.sign_ons", "FreezeBody.revisions", "DraftBody.text", "SignOn.text_digest",
        "RequestBody.note", "ApprovalBody.text", "Request.note", "Decision.text", "Request.office",
        "Annex.salt", "Annex.name", "NameIn.name", "Condition.salt", "PaperBody.note", "Attachment.key",
        "PaperLine.name", "PaperLine.salt", "PaperSheet.id", "StrikeBody.act_signature",
    } <= looked  # fmt: skip


def test_no_seat_role_or_name_among_members_is_in_any_file() -> None:
    """Goal: where somebody stands is not told. Method: the words themselves."""
    _, statement = rich_letter()
    for name, data in exported(statement).items():
        for word in {seat.value for seat in SEATS.values()} | {
            "organiser",
            "mallory",
            "Karaj",
            "Took it back",
        }:
            assert word.encode() not in data.replace(b"the organiser who released", b""), (name, word)

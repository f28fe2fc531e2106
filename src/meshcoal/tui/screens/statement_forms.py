"""The dialogs of a letter's grave steps: freeze, sign, withdraw, release, export.

Law: each says in plain words what it does and cannot undo, and wants a word typed. Signing shows, letter for
letter, the text whose digest is signed; where a character of it cannot be shown here, it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import (
    CommentStatement,
    ExportStatement,
    FreezeStatement,
    NameMode,
    ReleaseStatement,
    Stance,
)
from meshcoal.api.views import FilesView, FileView, RedLine, RevisionView, StatementView
from meshcoal.client.entering import parse_tags
from meshcoal.clock import HOUR_MS
from meshcoal.errors import BadArgument, NoFont, Unsupported
from meshcoal.export.files import with_exports
from meshcoal.limits import MEMBERS_MAX, SEALED_THRESHOLD_MIN
from meshcoal.tui import shown
from meshcoal.tui.files import write_files
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.files import file_field, hand_over_path
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.moments import parse_deadline
from meshcoal.tui.widgets.plain import name
from meshcoal.wire.filenames import safe_file_name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

DEADLINE_DAYS_DEFAULT: Final = 3
_RED_LINES_LISTED_MAX: Final = 6
_WORDLESS: Final = (Stance.CHECKED.value, Stance.AGREE.value)
_PAPER = "paper"  # among what a freeze permits


def comment_form(
    app: MeshcoalApp, view: StatementView, revision: RevisionView, paragraph: int
) -> Form[StatementView]:
    """A comment on one paragraph, or on the whole text (0)."""

    mine = [
        one
        for one in view.comments
        if one.mine
        and (one.red_line in (RedLine.STANDS, RedLine.REWORDED) or one.id == view.agreed_by_me)
        and (one.language, one.paragraph) == (revision.language, paragraph)
    ]
    checks = paragraph == 0 and bool(revision.translates)
    agrees = paragraph == 0 and revision.frozen and not view.agreed_by_me
    possible = {Stance.CHECKED: checks, Stance.AGREE: agrees}
    stances = [one for one in shown.STANCES if possible.get(one, True)]
    lift = {
        one.id.hex(): _("take back that I agree to the release")
        if one.stance is Stance.AGREE
        else _("lift my red line: %(text)s") % {"text": name(one.text, 40)}
        for one in mine
    }

    async def comment(values: Values) -> StatementView:
        lifted = next((one for one in mine if one.id.hex() == values["stance"]), None)
        if lifted is None and not values["text"] and values["stance"] not in _WORDLESS:
            raise BadArgument(_("write what you have to say"))
        credit = values.get("credit", "")
        if credit and values["stance"] != Stance.CHECKED.value:
            raise BadArgument(_("you are named in public only for having compared"))
        handed = await hand_over_path(app.session, view.campaign, values["file"])
        command = CommentStatement(
            campaign=view.campaign,
            statement=view.id,
            revision=lifted.revision if lifted else revision.id,
            paragraph=paragraph,
            text=values["text"],
            stance=Stance(values["stance"]) if lifted is None else lifted.stance,
            lifts=lifted.id if lifted else b"",
            attachments=tuple([one.upload for one in handed]),
            credit=credit,
        )
        return await app.session.send(command, StatementView)

    if paragraph == 0:
        title = _("Comment on the whole text")
    else:
        title = _("Comment on paragraph %(number)d") % {"number": paragraph}
    return Form(
        title,
        (
            Field(name="text", label=_("Comment"), kind="text"),
            Field(
                name="stance",
                label=_("Kind of comment"),
                kind="choice",
                choices=(*[(one.value, shown.STANCES[one]) for one in stances], *lift.items()),
                value=Stance.REMARK.value,
            ),
            file_field(),
            *([credit_field()] if checks else []),
        ),
        comment,
        submit=_("Comment"),
        kept=("comment", view.id.hex(), revision.id.hex(), str(paragraph)),
    )


def credit_field() -> Field:
    """How somebody wishes to be named beside a text that they compared."""
    return Field(name="credit", label=_("Named in public as"), placeholder=_("empty: not named in public"))


def freeze_form(
    app: MeshcoalApp, view: StatementView, revisions: Sequence[RevisionView]
) -> Form[StatementView]:
    """Fix the given revisions, one a language."""
    deadline = _local(app, app.now_ms()) + timedelta(days=DEADLINE_DAYS_DEFAULT)
    return _freezing(
        app,
        view,
        revisions,
        word=_("freeze"),
        title=_("Freeze the text and open it for signing"),
        deadline=f"{deadline:%Y-%m-%d %H:%M}",
        submit=_("Freeze"),
        explain=_("After this nobody can change the text. These are fixed:"),
    )


def revise_form(
    app: MeshcoalApp, view: StatementView, revisions: Sequence[RevisionView]
) -> Form[StatementView]:
    """Fix the given revisions, one a language, as the next version."""
    soft = ""
    if view.soft_deadline_ms > app.now_ms():
        soft = f"{_local(app, view.soft_deadline_ms):%Y-%m-%d %H:%M}"
    explain = _(
        "Version %(version)d takes the place of the text that is open. %(counted)d signatures lapse: "
        "everybody sees what changed and signs anew, or stays off the letter. These are fixed:"
    ) % {"version": view.version + 1, "counted": view.tally.counted}
    return _freezing(
        app,
        view,
        revisions,
        word=_("replace"),
        title=_("Freeze the next version"),
        deadline=f"{_local(app, view.deadline_ms):%Y-%m-%d %H:%M}",
        soft_deadline=soft,
        addressees="\n".join([name(addressee, 200) for addressee in view.addressees]),
        replaces=view.digest,
        submit=_("Replace"),
        explain=explain,
    )


def _local(app: MeshcoalApp, at_ms: int) -> datetime:
    """In the reader's own zone."""
    return datetime.fromtimestamp(at_ms / 1000, tz=app.zone).astimezone(app.zone)


def _freezing(
    app: MeshcoalApp,
    view: StatementView,
    revisions: Sequence[RevisionView],
    *,
    word: str,
    title: str,
    deadline: str,
    submit: str,
    explain: str,
    soft_deadline: str = "",
    addressees: str = "",
    replaces: bytes = b"",
) -> Form[StatementView]:
    check = must_type(word)

    async def freeze(values: Values) -> StatementView:
        check(values)
        deadline_ms = parse_deadline(values["deadline"], app.zone)
        if deadline_ms <= app.now_ms():
            raise BadArgument(_("the deadline has passed already"))
        soft, expires = values["soft_deadline"], values["seal_expires"]
        if expires and not values["sealed_until"]:
            raise BadArgument(_("sealed ones need the number of how many open them"))
        listed = [line.strip() for line in values["addressees"].split("\n")]
        command = FreezeStatement(
            campaign=view.campaign,
            statement=view.id,
            revisions=tuple([revision.id for revision in revisions]),
            addressees=tuple([line for line in listed if line]),
            deadline_ms=deadline_ms,
            soft_deadline_ms=parse_deadline(soft, app.zone) if soft else 0,
            grace_ms=int(values["grace"]),
            replaces=replaces,
            modes=modes_of(values["modes"]),
            paper=_PAPER in values["modes"].split("\n"),
            sealed_until=_number(values["sealed_until"]),
            seal_expires_ms=parse_deadline(expires, app.zone) if expires else 0,
            topics=parse_tags(values["topics"]),
            countries=parse_tags(values["countries"]),
            asks=parse_tags(values["asks"]),
        )
        return await app.session.send(command, StatementView)

    texts = "\n".join(
        [
            _("  %(language)s: “%(title)s”, revision by %(author)s")
            % {
                "language": name(revision.language, 16),
                "title": name(revision.title, 34),
                "author": name(revision.name, 20),
            }
            for revision in revisions
        ]
    )
    return Form(
        title,
        (
            Field(
                name="addressees",
                label=_("Addressees, one a line"),
                kind="text",
                value=addressees,
                placeholder=_("The Minister of Justice"),
            ),
            Field(name="soft_deadline", label=_("Please sign by (may stay empty)"), value=soft_deadline),
            Field(name="deadline", label=_("Deadline, my time"), value=deadline, required=True),
            Field(
                name="grace",
                label=_("What is signed in time is waited for"),
                kind="choice",
                choices=_grace_choices(view.grace_ms),
                value=str(view.grace_ms),
            ),
            typed_field(word),
            Field(
                name="modes",
                label=_("May also sign"),
                kind="checks",
                choices=(
                    *[(mode.value, words) for mode, words in shown.HIDDEN_MODES.items()],
                    (_PAPER, _("on paper, entered by a member who saw it")),
                ),
                value="\n".join([*[mode.value for mode in view.modes], *([_PAPER] if view.paper else [])]),
            ),
            Field(
                name="sealed_until",
                label=_("Sealed until so many have signed (may stay empty)"),
                value=str(view.seal.threshold) if view.seal is not None else "",
            ),
            Field(
                name="seal_expires",
                label=_("Sealed ones stay shut from"),
                placeholder=_("empty: the deadline; or 2026-11-22 18:00"),
            ),
            *[
                Field(name=field, label=label, value=", ".join(before), placeholder=example)
                for field, label, before, example in (
                    ("topics", _("It is about"), view.topics, _("empty; or: death-penalty, torture")),
                    ("countries", _("Countries"), view.countries, _("empty; or: ir, af. Mandates need both")),
                    ("asks", _("It asks for"), view.asks, _("empty; or: release")),
                )
            ],
        ),
        freeze,
        submit=submit,
        danger=True,
        explain="\n".join([explain, texts, *red_lines(view)]),
    )


def _number(text: str) -> int:
    """0 where nothing is written. Raises `BadArgument`."""
    given = text.strip()
    if not given:
        return 0
    if not (given.isascii() and given.isdigit()) or not SEALED_THRESHOLD_MIN <= int(given) <= MEMBERS_MAX:
        raise BadArgument(
            _("sealed sign-ons open after %(least)d at the soonest") % {"least": SEALED_THRESHOLD_MIN}
        )
    return int(given)


def modes_of(checked: str) -> tuple[NameMode, ...]:
    """Names, and the ways without one that were checked."""
    permitted = checked.split("\n")
    return tuple([mode for mode in NameMode if mode is NameMode.NAMED or mode.value in permitted])


def red_lines(view: StatementView) -> list[str]:
    """The red lines that stand, a line each, for whoever is about to fix the text."""
    standing = [one for one in view.comments if one.red_line is RedLine.STANDS]
    if not standing:
        return []
    listed = [
        _("  ¶%(paragraph)d %(name)s: %(stance)s: %(text)s")
        % {
            "paragraph": one.paragraph,
            "name": name(one.name, 20),
            "stance": shown.STANCES[one.stance],
            "text": name(one.text, 60),
        }
        for one in standing[:_RED_LINES_LISTED_MAX]
    ]
    head = _("! Red lines that stand: %(count)d. Who drew them will not sign.") % {"count": len(standing)}
    return [head, *listed]


def _grace_choices(now_ms: int) -> tuple[tuple[str, str], ...]:
    hours = {0: _("not at all")} | {
        count * HOUR_MS: ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
        for count in (6, 12, 24, 48)
    }
    if now_ms not in hours:
        count = now_ms // HOUR_MS
        hours[now_ms] = ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    return tuple((str(grace_ms), words) for grace_ms, words in sorted(hours.items()))


def release_form(app: MeshcoalApp, view: StatementView) -> Form[StatementView]:
    """Fix the list for good."""
    word = _("release")
    check = must_type(word)

    async def release(values: Values) -> StatementView:
        check(values)
        wanted = values["embargo"]
        command = ReleaseStatement(
            campaign=view.campaign,
            statement=view.id,
            not_before_ms=parse_deadline(wanted, app.zone) if wanted else 0,
        )
        return await app.session.send(command, StatementView)

    explain = _(
        "The list of signatories is fixed as it stands: %(counted)d counted.\n"
        "Every member can then export the letter with all names on it. This cannot be undone."
    ) % {"counted": view.tally.counted}
    if view.quorum:
        explain += "\n" + _("Consent, by the campaign's rules: %(shares)s.") % {"shares": shown.quorum(view)}
    waited_for_ms = view.deadline_ms + view.grace_ms
    if app.now_ms() < waited_for_ms:
        waits = _(
            "! Signatures are waited for until %(when)s. What comes after the release is not on this list."
        )
        explain += "\n" + waits % {"when": shown.exact(waited_for_ms, zone=app.zone)}
    return Form(
        _("Release the letter"),
        (
            Field(
                name="embargo",
                label=_("Not before"),
                placeholder=_("an embargo: 2026-11-22 18:00"),
            ),
            typed_field(word),
        ),
        release,
        submit=_("Release"),
        danger=True,
        explain=explain,
    )


def export_form(app: MeshcoalApp, view: StatementView) -> Form[tuple[Path, ...]]:
    """Write the released files to a folder."""

    async def export(values: Values) -> tuple[Path, ...]:
        command = ExportStatement(campaign=view.campaign, statement=view.id)
        files = await app.session.send(command, FilesView)
        return await asyncio.to_thread(write, files, values["folder"])

    def write(files: FilesView, folder: str) -> tuple[Path, ...]:
        given = [(file.name, file.data) for file in files.files]
        try:
            made = with_exports(given, pdf=True, outgoing=True)
        except (Unsupported, NoFont):  # the page prints well, too
            made = with_exports(given, outgoing=True)
        return write_files([FileView(name=name, data=data) for name, data in made], folder)

    explain = _(
        "The files are not encrypted: they hold the letter and every name on it. One is a page that "
        "anybody can open in a browser, and that checks itself there. Nothing is overwritten."
    )
    if app.now_ms() < view.not_before_ms:
        embargo = _("! Not to be published before %(when)s. Every file says so.")
        explain = embargo % {"when": shown.exact(view.not_before_ms, zone=app.zone)} + "\n" + explain
    folder = Path.home() / "meshcoal-letters" / safe_file_name(view.title, "letter")
    return Form(
        _("Export the released letter"),
        (Field(name="folder", label=_("Folder"), value=str(folder), required=True),),
        export,
        submit=_("Write the files"),
        explain=explain,
    )

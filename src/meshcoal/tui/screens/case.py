"""One case: what is known and agreed to, what comes next, and the letters about it.

Law: all of it stays inside the campaign. The screen only asks; whether an entry fits is for the daemon.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import CaseKind, Consent, Consenter, EnterCase, OpenCase, ShowCase
from meshcoal.api.views import (
    AttachmentView,
    CaseEntryView,
    CaseLetterView,
    CaseView,
    Notice,
    NoticeKind,
    Publicity,
    StatementView,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.files import fetch_or_save, file_field, hand_over_path, numbered
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.moments import parse_deadline
from meshcoal.tui.widgets.course import (
    CASE_KINDS,
    CONSENTERS,
    CONSENTS,
    PUBLICITY,
    case_rows,
    course_lines,
    next_line,
)
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, lines, name, say, styled

_WRITTEN_ANEW = (CaseKind.ANSWER, CaseKind.FACT, CaseKind.SOURCE)


def alert_form(screen: MeshScreen[None], campaign: bytes) -> Form[CaseView]:
    """An alert to all members of a campaign."""

    async def alert(values: Values) -> CaseView:
        by = values["answer_by"]
        session = screen.mesh.session
        handed = await hand_over_path(session, campaign, values["file"])
        command = OpenCase(
            campaign=campaign,
            title=values["title"],
            text=values["text"],
            country=values["country"],
            answer_by_ms=parse_deadline(by, screen.mesh.zone) if by else 0,
            attachments=tuple([one.upload for one in handed]),
        )
        return await session.send(command, CaseView)

    return Form(
        _("Alert the members"),
        (
            Field(name="title", label=_("What happened"), required=True),
            Field(name="text", label=_("What is known"), kind="text"),
            Field(name="country", label=_("Country")),
            Field(
                name="answer_by",
                label=_("Something must be done until"),
                placeholder=_("such as 2026-11-22 18:00; empty: not said"),
            ),
            file_field(),
        ),
        alert,
        submit=_("Alert them"),
        kept=("alert", campaign.hex()),
        explain=_(
            "All members see it, and it stays on their devices. Name nobody whom that could harm: no source, "
            "no witness, no family."
        ),
    )


class CaseScreen(MeshScreen[None]):
    """What is known, and what comes next."""

    PLACE = "case"
    CONCERNS = frozenset({NoticeKind.CASE, NoticeKind.ALERT, NoticeKind.STATEMENT, NoticeKind.ATTACHMENT})
    BINDINGS = bindings("case")

    def __init__(self, campaign: bytes, case: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.case = case
        self.view: CaseView | None = None

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="about", classes="note")
        yield PlainStatic("", id="next")
        yield PlainOptions(id="things")

    def on_mount(self) -> None:
        self.head(_("Case"))

    def about(self, notice: Notice) -> bool:
        if notice.kind is NoticeKind.ATTACHMENT:  # of a file in it
            files = [] if self.view is None else [one for _of, one in _files(self.view)]
            return notice.subject in {b"", *[one.file for one in files]}
        return notice.campaign in (b"", self.campaign)

    def shows(self, notice: Notice) -> bool:
        return notice.subject == self.case

    async def load(self) -> Callable[[], None]:
        command = ShowCase(campaign=self.campaign, case=self.case)
        view = await self.mesh.session.send(command, CaseView)
        return lambda: self.show(view)

    def show(self, view: CaseView) -> None:
        """Draw the case."""
        self.view = view
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        self.head(name(view.title, 70))
        self.query_one("#about", PlainStatic).show(_about(view, now_ms, self))
        courses = [view.course, *[letter.course for letter in view.letters]]
        told = [next_line(course, now_ms=now_ms, zone=zone) for course in courses]
        self.query_one("#next", PlainStatic).show(lines([line for line in told if line is not None]))
        rows = [Row("known", styled((_("What is known"), "bold")), live=False)]
        rows += case_rows(view.entries, now_ms=now_ms, zone=zone)
        if not view.entries:
            rows.append(Row("none", styled((_("  Nobody has said anything yet."), "dim")), live=False))
        if view.course:
            rows.append(Row("steps", styled(("\n" + _("What comes next"), "bold")), live=False))
            steps = course_lines(view.course, now_ms=now_ms, zone=zone)
            rows.append(Row("course", steps, live=False))
        for letter in view.letters:
            rows.append(_letter(letter))
            steps = course_lines(letter.course, now_ms=now_ms, zone=zone)
            rows.append(Row("course" + letter.id.hex(), steps, live=False))
        self.query_one("#things", PlainOptions).fill(rows)

    # --- Actions

    @on(PlainOptions.OptionSelected)
    def action_open(self) -> None:
        from meshcoal.tui.screens.statement import StatementScreen

        chosen = self.query_one("#things", PlainOptions).chosen
        if chosen is not None and chosen.startswith("letter"):
            self.app.push_screen(StatementScreen(self.campaign, bytes.fromhex(chosen.removeprefix("letter"))))

    def _chosen(self) -> CaseEntryView | None:
        chosen = self.query_one("#things", PlainOptions).chosen
        entries = self.view.entries if self.view is not None else ()
        return next((one for one in entries if one.id.hex() == chosen), None)

    def action_answer(self) -> None:
        self._write(
            CaseKind.ANSWER,
            _("Answer the alert"),
            explain=_("All see that you have read it, and what you do. You need not write anything."),
        )

    def action_fact(self) -> None:
        self._write(CaseKind.FACT, _("Enter what is known"), required=True)

    def action_source(self) -> None:
        fact = self._chosen()
        about = fact.id if fact is not None and fact.entry is CaseKind.FACT else b""
        supported = _("the chosen fact") if about else _("the alert itself")
        self._write(
            CaseKind.SOURCE,
            _("Name a source"),
            required=True,
            about=about,
            explain=_("It supports %(what)s. Name nobody whom that could harm: say “family”, “a guard”.")
            % {"what": supported},
        )

    def action_correct(self) -> None:
        entry = self._chosen()
        if entry is None or not entry.mine or entry.entry not in _WRITTEN_ANEW:
            say(self.app, _("Choose an answer, a fact or a source of yours: only its author writes it anew."))
            return
        self._write(
            entry.entry,
            _("Write anew: %(what)s") % {"what": CASE_KINDS[entry.entry]},
            text=entry.text,
            about=entry.about,
            corrects=entry.id,
            required=entry.entry is not CaseKind.ANSWER,
            explain=_("What it said before stays readable to the members."),
        )

    def action_file(self) -> None:
        """Fetch the files of the chosen entry, else of the alert; stop what is coming; save what is here."""
        if self.view is None:
            return
        chosen, found = self._chosen(), _files(self.view)
        of = chosen.id if chosen is not None and chosen.attachments else self.case
        files = numbered([one for one in found if one[0] == of])
        fetch_or_save(self, self.campaign, files, CaseView, self.show)

    def action_close(self) -> None:
        if self.view is None:
            return
        if self.view.closed:
            self._write(CaseKind.REOPEN, _("Open the case again"))
        else:
            self._write(
                CaseKind.CLOSE,
                _("Close the case"),
                explain=_("Nothing is left to do. Anybody may open it again."),
            )

    def _write(
        self,
        kind: CaseKind,
        title: str,
        *,
        text: str = "",
        about: bytes = b"",
        corrects: bytes = b"",
        required: bool = False,
        explain: str = "",
    ) -> None:
        async def enter(values: Values) -> CaseView:
            file = values.get("file", "")
            handed = await hand_over_path(self.mesh.session, self.campaign, file)
            command = EnterCase(
                campaign=self.campaign,
                case=self.case,
                entry=kind,
                text=values["text"],
                about=about,
                corrects=corrects,
                attachments=tuple([one.upload for one in handed]),
            )
            return await self.mesh.session.send(command, CaseView)

        words = Field(name="text", label=_("In words"), kind="text", value=text, required=required)
        fields = (words, file_field()) if kind in _WRITTEN_ANEW else (words,)
        place = ("case", self.case.hex(), kind.value, (corrects or about).hex())
        form: Form[CaseView] = Form(title, fields, enter, submit=_("Enter it"), explain=explain, kept=place)
        self.app.push_screen(form, self._changed)

    def action_consent(self) -> None:
        async def enter(values: Values) -> CaseView:
            handed = await hand_over_path(self.mesh.session, self.campaign, values["file"])
            command = EnterCase(
                campaign=self.campaign,
                case=self.case,
                entry=CaseKind.CONSENT,
                text=values["text"],
                consent=Consent(values["consent"]),
                consenter=Consenter(values["consenter"]),
                attachments=tuple([one.upload for one in handed]),
            )
            return await self.mesh.session.send(command, CaseView)

        form: Form[CaseView] = Form(
            _("What those concerned say to publicity"),
            (
                Field(
                    name="consenter",
                    label=_("Who speaks"),
                    kind="choice",
                    choices=tuple((one.value, words) for one, words in CONSENTERS.items()),
                    value=Consenter.PERSON.value,
                ),
                Field(
                    name="consent",
                    label=_("What they say to it"),
                    kind="choice",
                    choices=tuple((one.value, words) for one, words in CONSENTS.items()),
                    value=Consent.GIVEN.value,
                ),
                Field(name="text", label=_("In words"), kind="text"),
                file_field(),
            ),
            enter,
            submit=_("Enter it"),
            explain=_(
                "If one side refuses, no letter about the case is released until the same side agrees. "
                "Limits must be written down."
            ),
        )
        self.app.push_screen(form, self._changed)

    def action_draft(self) -> None:
        from meshcoal.tui.screens.write import WriteScreen

        if self.view is not None and self.view.publicity is Publicity.REFUSED:
            say(self.app, PUBLICITY[Publicity.REFUSED], severity="warning")
        self.app.push_screen(WriteScreen(self.campaign, case=self.case), self._drafted)

    def _drafted(self, view: StatementView | None) -> None:
        from meshcoal.tui.screens.statement import StatementScreen

        if view is not None:
            self.app.push_screen(StatementScreen(self.campaign, view.id))

    def _changed(self, view: CaseView | None) -> None:
        if view is not None:
            self.show(view)


def _files(view: CaseView) -> list[tuple[bytes, AttachmentView]]:
    """All files of the case, each with what names it."""
    found = [(view.id, one) for one in view.attachments]
    return found + [(entry.id, one) for entry in view.entries for one in entry.attachments]


def _about(view: CaseView, now_ms: int, screen: CaseScreen) -> Styled:
    who = _("Alert by %(name)s, %(when)s") % {
        "name": name(view.name, 24),
        "when": shown.moment(view.at_ms, now_ms=now_ms, zone=screen.mesh.zone),
    }
    facts = [who, *([name(view.country, 30)] if view.country else [])]
    facts.append(_("answered by %(by)d of %(of)d") % {"by": view.answered, "of": view.members})
    if view.closed:
        facts.append(_("closed"))
    drawn: list[str | Styled] = [view.text] if view.text else []
    drawn += [styled((shown.file_line(one), "dim")) for one in view.attachments]
    drawn.append(styled((" · ".join(facts), "dim")))
    if view.answer_by_ms >= 0 and not view.closed:
        over = view.answer_by_ms < now_ms
        told = (
            _("Something had to be done until %(when)s.")
            if over
            else _("Something must be done until %(when)s, %(left)s.")
        )
        until = told % {
            "when": shown.exact(view.answer_by_ms, zone=screen.mesh.zone),
            "left": shown.until(view.answer_by_ms, now_ms=now_ms),
        }
        drawn.append(styled((until, "bold")))
    loud = "bold $warning" if view.publicity is Publicity.REFUSED else ""
    drawn.append(styled((PUBLICITY[view.publicity], loud)))
    return lines(drawn)


def _letter(letter: CaseLetterView) -> Row:
    title = _("Letter: %(title)s") % {"title": name(letter.title, 60)}
    return Row("letter" + letter.id.hex(), styled(("\n" + title, "bold")))

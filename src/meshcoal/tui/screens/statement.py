"""One letter: its text in each language, what changed, who signed, and what may be done now.

Law: what may be done is what the daemon's view lists, nothing more; the screen only asks. The tally is shown
as it came, with the digest that every node shares.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import TabbedContent

from meshcoal.api.commands import ShowLetterHolders, ShowStatement
from meshcoal.api.views import (
    Action,
    HoldersView,
    Notice,
    NoticeKind,
    RevisionView,
    StatementPhase,
    StatementView,
)
from meshcoal.client.remarks import remarks
from meshcoal.text.merging import common_base
from meshcoal.tui.actions import actions_at, bindings
from meshcoal.tui.countdown import next_tick_s
from meshcoal.tui.locale import _
from meshcoal.tui.screens import statement_forms as forms
from meshcoal.tui.screens.addenda import addendum_form
from meshcoal.tui.screens.aftermath import aftermath_form
from meshcoal.tui.screens.chase import ChaseScreen
from meshcoal.tui.screens.coming import ComingScreen
from meshcoal.tui.screens.files import fetch_or_save, numbered
from meshcoal.tui.screens.holders import letter_holders
from meshcoal.tui.screens.info import InfoScreen
from meshcoal.tui.screens.languages import LanguagesScreen
from meshcoal.tui.screens.paper import PaperScreen
from meshcoal.tui.screens.replies import RepliesScreen
from meshcoal.tui.screens.sign import exact_text, version_changes
from meshcoal.tui.screens.signing import my_turns
from meshcoal.tui.screens.withdraw_form import withdraw_form
from meshcoal.tui.screens.write import WriteScreen
from meshcoal.tui.standing import is_counted, is_sealed, may_seal
from meshcoal.tui.widgets.addenda import addenda_lines
from meshcoal.tui.widgets.counted import counted_lines
from meshcoal.tui.widgets.course import aftermath_lines, course_lines
from meshcoal.tui.widgets.facts import letter_facts, what_changed
from meshcoal.tui.widgets.letter import entry_lines, paragraph_rows
from meshcoal.tui.widgets.plain import (
    PlainOptions,
    PlainPane,
    PlainStatic,
    lines,
    name,
)
from meshcoal.tui.widgets.seal import seal_lines
from meshcoal.tui.widgets.tally import tally_lines

# Which of the daemon's actions a key needs; other keys always work.
_NEEDS = {
    "comment": Action.COMMENT,
    "amend": Action.AMEND,
    "translate": Action.AMEND,
    "merge": Action.AMEND,
    "freeze": Action.FREEZE,
    "revise": Action.REVISE,
    "withdraw": Action.WITHDRAW,
    "release": Action.RELEASE,
    "addendum": Action.ADDENDUM,
    "export": Action.EXPORT,
    "enter": Action.ENTER,
}

TALLY_CELLS_MAX = 120


class StatementScreen(ComingScreen):
    """Five tabs on one letter."""

    PLACE = "statement"
    CONCERNS = frozenset({NoticeKind.STATEMENT, NoticeKind.HELD, NoticeKind.ATTACHMENT})
    BINDINGS = bindings("statement")
    AUTO_FOCUS = "#paragraphs"

    def __init__(self, campaign: bytes, statement: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self.language = ""
        self._revision = b""  # empty: the newest of the language
        self._tick: Timer | None = None  # until the time that is left is another
        self._unfolded: set[int] = set()  # numbers of paragraphs whose comments are shown

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="title-line")
        with TabbedContent(initial="tab-text"):
            with PlainPane(_("1 Text"), id="tab-text"):
                yield PlainOptions(id="paragraphs")
            with PlainPane(_("2 Changes"), id="tab-changes"), VerticalScroll(classes="pane"):
                yield PlainStatic("", id="changes")
            with PlainPane(_("3 Signatures"), id="tab-signatures"), VerticalScroll(classes="pane"):
                yield PlainStatic("", id="tally")
                yield PlainStatic("", id="entries", classes="gap-above")
            with PlainPane(_("4 Exact text"), id="tab-exact"), VerticalScroll(classes="pane"):
                yield PlainStatic("", id="exact")
            with PlainPane(_("5 Course"), id="tab-course"), VerticalScroll(classes="pane"):
                yield PlainStatic("", id="course")
                yield PlainStatic("", id="aftermath", classes="gap-above")

    def on_mount(self) -> None:
        self.head(_("Letter"))

    def about(self, notice: Notice) -> bool:
        subjects = {b"", self.statement}
        if notice.kind is NoticeKind.ATTACHMENT and self.view is not None:  # of a file in it
            subjects.update(file.file for one in self.view.revisions for file in one.attachments)
            subjects.update(file.file for one in self.view.comments for file in one.attachments)
            subjects.update(file.file for one in self.view.aftermath for file in one.attachments)
        return notice.subject in subjects and notice.campaign in (b"", self.campaign)

    async def load(self) -> Callable[[], None]:
        command = ShowStatement(campaign=self.campaign, statement=self.statement)
        view = await self.mesh.session.send(command, StatementView)
        return lambda: self.show(view)

    # --- What is shown

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a text, in order of appearance."""
        if self.view is None:
            return ()
        return tuple(dict.fromkeys(revision.language for revision in self.view.revisions))

    @property
    def revisions(self) -> tuple[RevisionView, ...]:
        """Revisions of the language shown, oldest first."""
        if self.view is None:
            return ()
        return tuple(revision for revision in self.view.revisions if revision.language == self.language)

    @property
    def revision(self) -> RevisionView | None:
        """The revision shown: the one picked, else the frozen one, else the newest that nobody succeeded."""
        revisions = self.revisions
        for picked in revisions:
            if picked.id == self._revision:
                return picked
        for wanted in (lambda r: r.frozen, lambda r: r.current, lambda _r: True):
            for revision in reversed(revisions):
                if wanted(revision):
                    return revision
        return None

    def show(self, view: StatementView) -> None:
        """Draw the letter."""
        could = self._possible()
        self.view = view
        if self.language not in self.languages:
            self.language = self.languages[0] if self.languages else ""
        self._draw()
        if (
            self._possible() != could
        ):  # the row of keys is made anew, and a click on it meanwhile would be lost
            self.refresh_bindings()

    def _possible(self) -> list[bool | None]:
        return [self.check_action(one.name, ()) for one in actions_at(self.PLACE)]

    def _draw(self) -> None:
        view, revision = self.view, self.revision
        if view is None:
            return
        title = view.title if revision is None else revision.title
        self.head(name(title, 70))
        self._draw_facts(view)
        if revision is not None:
            rows = paragraph_rows(
                view,
                revision,
                now_ms=self.mesh.now_ms(),
                zone=self.mesh.zone,
                unfolded=self._unfolded,
            )
            self.query_one("#paragraphs", PlainOptions).fill(rows)
            self.query_one("#changes", PlainStatic).show(
                lines([*version_changes(view), what_changed(self.revisions, revision)])
            )
        room = min(self.size.width, TALLY_CELLS_MAX) - 4  # edges and the scroll bar
        tally = tally_lines(view, now_ms=self.mesh.now_ms(), zone=self.mesh.zone, width_cells=room)
        if view.seal is not None:
            tally = lines([tally, seal_lines(view.seal, zone=self.mesh.zone)])
        if view.unnamed is not None:
            tally = lines([tally, counted_lines(view.unnamed)])
        late = addenda_lines(view, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)
        self.query_one("#tally", PlainStatic).show(lines([tally, "", late]) if late is not None else tally)
        entries = entry_lines(view, now_ms=self.mesh.now_ms(), zone=self.mesh.zone)
        self.query_one("#entries", PlainStatic).show(entries)
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        self.query_one("#course", PlainStatic).show(course_lines(view.course, now_ms=now_ms, zone=zone))
        log = aftermath_lines(view.aftermath, now_ms=now_ms, zone=zone)
        self.query_one("#aftermath", PlainStatic).show(log)
        not_yet = _("Nothing is signed yet: the exact text comes into being when the letter is frozen.")
        self.query_one("#exact", PlainStatic).show(
            exact_text(view) if view.phase != StatementPhase.DRAFT else not_yet
        )

    def _draw_facts(self, view: StatementView) -> None:
        """The line with the time that is left, and when to draw it again."""
        now_ms, motion = self.mesh.now_ms(), self.app.animation_level != "none"
        facts = letter_facts(
            view, self.revision, self.language, now_ms=now_ms, zone=self.mesh.zone, motion=motion
        )
        self.query_one("#title-line", PlainStatic).show(facts)
        if self._tick is not None:
            self._tick.stop()
        tick_s = next_tick_s(view, now_ms=now_ms, motion=motion)
        self._tick = self.set_timer(tick_s, self._count_down) if tick_s else None

    def _count_down(self) -> None:
        if self.view is not None and self.is_current:
            self._draw_facts(self.view)

    def on_resize(self) -> None:
        """Bars and curve fill the room there is."""
        self._draw()

    # --- Moving about

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for what may not be done now are not shown and do nothing."""
        if action == "merge" and self._beside() is None:
            return False
        if action == "decide":
            return self.view is not None and bool(my_turns(self.view))
        if action == "preview":
            return self.view is not None and self.view.phase is not StatementPhase.DRAFT
        if action == "request":
            return self.view is not None and self.view.phase is StatementPhase.OPEN
        if action == "seal":
            return self.view is not None and may_seal(self.view)
        if action == "sign":
            return self.view is not None and bool({Action.SIGN, Action.SIGN_LATE} & {*self.view.actions})
        if action == "withdraw" and self.view is not None and (is_sealed(self.view) or is_counted(self.view)):
            return True
        needed = _NEEDS.get(action)
        if needed is not None:
            return self.view is not None and needed in self.view.actions
        if action in ("language", "beside"):
            return len(self.languages) > 1
        return True

    def _tab(self, tab: str, focus: str) -> None:
        self.query_one(TabbedContent).active = tab
        self.query_one(focus).focus()

    def action_text(self) -> None:
        self._tab("tab-text", "#paragraphs")

    def action_changes(self) -> None:
        self._tab("tab-changes", "#tab-changes .pane")

    def action_signatures(self) -> None:
        self._tab("tab-signatures", "#tab-signatures .pane")

    def action_exact(self) -> None:
        self._tab("tab-exact", "#tab-exact .pane")

    def action_course(self) -> None:
        self._tab("tab-course", "#tab-course .pane")

    def action_enter(self) -> None:
        if self.view is not None:
            self.app.push_screen(aftermath_form(self.mesh, self.view), self._entered)

    def _entered(self, view: StatementView | None) -> None:
        if view is not None:
            self._done(view)
            self.action_course()

    def action_language(self) -> None:
        at = self.languages.index(self.language)
        self.language = self.languages[(at + 1) % len(self.languages)]
        self._revision = b""
        self._draw()

    def action_beside(self) -> None:
        """Two languages side by side."""
        self.app.push_screen(LanguagesScreen(self.campaign, self.statement, self.language))

    def action_older_revision(self) -> None:
        self._step(-1)

    def action_newer_revision(self) -> None:
        self._step(1)

    def _step(self, by: int) -> None:
        revision = self.revision
        if revision is not None:
            at = self.revisions.index(revision) + by
            if 0 <= at < len(self.revisions):
                self._revision = self.revisions[at].id
                self._draw()

    # --- Acting

    def _done(self, view: StatementView | None) -> None:
        if view is not None:
            self._revision = b""
            self.show(view)

    def action_holders(self) -> None:
        """Who is known to hold the letter."""
        command = ShowLetterHolders(campaign=self.campaign, statement=self.statement)
        self.ask(command, HoldersView, self._show_holders)

    def _show_holders(self, view: HoldersView) -> None:
        self.app.push_screen(letter_holders(view, self.mesh))

    def action_replies(self) -> None:
        """What people outside signed."""
        self.app.push_screen(RepliesScreen(self.campaign, self.statement))

    def action_paper(self) -> None:
        """Signatures on paper."""
        self.app.push_screen(PaperScreen(self.campaign, self.statement))

    def action_chase(self) -> None:
        """Who could sign and has not."""
        self.app.push_screen(ChaseScreen(self.campaign, self.statement))

    @property
    def _paragraph(self) -> int:
        """The chosen one; 0 is the whole text."""
        return int(self.query_one("#paragraphs", PlainOptions).chosen or 0)

    @on(PlainOptions.OptionSelected, "#paragraphs")
    def action_remarks(self) -> None:
        """Show what was said about the chosen paragraph, or hide it."""
        if self.query_one(TabbedContent).active == "tab-text":
            self._unfolded ^= {self._paragraph}
            self._draw()

    def action_comment(self) -> None:
        if self.view is not None and self.revision is not None:
            self._unfolded.add(self._paragraph)
            self.app.push_screen(
                forms.comment_form(self.mesh, self.view, self.revision, self._paragraph), self._done
            )

    def action_file(self) -> None:
        """Fetch the files at the chosen paragraph; stop what is coming; save what is here.

        On the course: those of what happened since the release.
        """
        if self.view is None or self.revision is None:
            return
        if self.query_one(TabbedContent).active == "tab-course":
            since = [(one.id, file) for one in self.view.aftermath for file in one.attachments]
            fetch_or_save(self, self.campaign, numbered(since), StatementView, self.show)
            return
        revision, paragraph = self.revision, self._paragraph
        found = [(revision.id, one) for one in revision.attachments if paragraph == 0]
        found += [
            (remark.comment.id, one)
            for remark in remarks(self.view, revision)
            if remark.paragraph == paragraph
            for one in remark.comment.attachments
        ]
        fetch_or_save(self, self.campaign, numbered(found), StatementView, self.show)

    def action_amend(self) -> None:
        if self.revision is not None:
            screen = WriteScreen(self.campaign, self.statement, self.revision, source=self._source())
            self.app.push_screen(screen, self._done)

    def _source(self) -> RevisionView | None:
        """For a stale translation: the one current text of the language that it translates."""
        if self.view is None or self.revision is None or not self.revision.stale:
            return None
        known = {one.id: one for one in self.view.revisions}
        old = known.get(self.revision.translates)
        texts = [one for one in known.values() if old and one.current and one.language == old.language]
        return texts[0] if len(texts) == 1 else None

    def _beside(self) -> RevisionView | None:
        """A current text beside the one that is shown."""
        shown_now = self.revision
        if shown_now is None or not shown_now.current:
            return None
        return next((one for one in self.revisions if one.current and one.id != shown_now.id), None)

    def action_merge(self) -> None:
        revision, beside = self.revision, self._beside()
        if revision is not None and beside is not None:
            base = common_base(self.revisions, revision, beside)
            screen = WriteScreen(self.campaign, self.statement, revision, beside=beside, base=base)
            self.app.push_screen(screen, self._done)

    def action_translate(self) -> None:
        if self.revision is not None:
            screen = WriteScreen(self.campaign, self.statement, self.revision, translate=True)
            self.app.push_screen(screen, self._translated)

    def _translated(self, view: StatementView | None) -> None:
        if view is not None:
            self.language = view.revisions[-1].language
        self._done(view)

    def action_freeze(self) -> None:
        if self.view is not None:
            self.app.push_screen(forms.freeze_form(self.mesh, self.view, self._picked(self.view)), self._done)

    def action_revise(self) -> None:
        if self.view is not None:
            self.app.push_screen(forms.revise_form(self.mesh, self.view, self._picked(self.view)), self._done)

    def _picked(self, view: StatementView) -> tuple[RevisionView, ...]:
        """The text of each language that would be frozen: of several side by side, the one that is shown."""
        picked = {one.language: one for one in view.revisions if one.current}
        if self.revision is not None and self.revision.current:
            picked[self.revision.language] = self.revision
        return tuple(picked.values())

    def action_withdraw(self) -> None:
        if self.view is not None:
            self.app.push_screen(withdraw_form(self.mesh, self.view), self._done)

    def action_release(self) -> None:
        if self.view is not None:
            self.app.push_screen(forms.release_form(self.mesh, self.view), self._done)

    def action_addendum(self) -> None:
        if self.view is not None:
            self.app.push_screen(addendum_form(self.mesh, self.view), self._added)

    def _added(self, view: StatementView | None) -> None:
        if view is not None:
            self._done(view)
            self.action_signatures()

    def action_export(self) -> None:
        if self.view is not None:
            self.app.push_screen(forms.export_form(self.mesh, self.view), self._exported)

    def _exported(self, paths: tuple[Path, ...] | None) -> None:
        if paths is not None:
            listed = "\n".join([str(path) for path in paths])
            check = _("Anybody can check the package, without a network:\n  meshcoal verify %(path)s") % {
                "path": paths[0] if paths else ""
            }
            self.app.push_screen(InfoScreen(_("These files were written"), lines([listed, "", check])))

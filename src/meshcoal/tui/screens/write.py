"""Writing a letter's text: a first draft, a revision, or a further language.

Law: leaving the screen keeps what was written until it is saved; saving a revision names the one it was
made from, so that two people's changes stand side by side instead of one erasing the other.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from meshcoal.api.commands import AmendStatement, Command, DraftStatement, DropUpload
from meshcoal.api.views import Done, RevisionView, StatementView
from meshcoal.errors import BadArgument, MeshcoalError, Unknown
from meshcoal.limits import ATTACHMENTS_MAX
from meshcoal.text.merging import marked, merge
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, pgettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.files import FileForm, Handed, attached_line
from meshcoal.tui.to_fill_in import own_language, still_to_fill_in, text_to_fill_in
from meshcoal.tui.widgets.plain import PlainInput, PlainLabel, PlainStatic, PlainText, name, say


class WriteScreen(MeshScreen[StatementView | None]):
    """Language, title, text."""

    PLACE = "write"
    BINDINGS = bindings("write")

    def __init__(
        self,
        campaign: bytes,
        statement: bytes = b"",
        revision: RevisionView | None = None,
        *,
        translate: bool = False,
        beside: RevisionView | None = None,
        base: RevisionView | None = None,
        source: RevisionView | None = None,
        case: bytes = b"",
        to_fill_in: bool = False,
    ) -> None:
        """Without a statement a first draft; with a revision its successor, or a translation of it.

        Args:
            beside: a text that stands beside the revision and is to be merged with it.
            base: what both came from, if anything.
            source: of a translation that is stale, the text that it is brought up to now.
            case: what a first draft is about.
            to_fill_in: a first draft begins with a text to fill in.
        """
        super().__init__()
        self.campaign = campaign
        self.statement = statement
        self.revision = revision
        self.translate = translate
        self.beside = beside
        self.base = base
        self.source = source
        self.case = case
        self.to_fill_in = to_fill_in
        self._saving = False

    @property
    def _draft_key(self) -> tuple[str, ...]:
        base = "" if self.revision is None else self.revision.id.hex()
        beside = "" if self.beside is None else self.beside.id.hex()
        what = (self.statement or self.case).hex()
        return ("write", self.campaign.hex(), what, base, str(self.translate), beside)

    def _beginning(self) -> tuple[str, str, str, str]:
        kept = self.mesh.drafts.get(self._draft_key)
        if kept is not None:
            language, title, credit, text = kept.split("\n", 3)
            return language, title, credit, text
        if self.revision is None and self.to_fill_in:
            return own_language(), "", "", text_to_fill_in()
        if self.revision is None or self.translate:
            return "", "", "", ""
        paragraphs = self.revision.paragraphs
        if self.beside is not None:
            parts = merge(self.base.paragraphs if self.base else (), paragraphs, self.beside.paragraphs)
            names = [name(one.name, 24) for one in (self.revision, self.beside)]
            paragraphs = marked(parts, *names)
        return self.revision.language, self.revision.title, "", "\n\n".join(paragraphs)

    def body(self) -> ComposeResult:
        language, title, credit, text = self._beginning()
        with Horizontal(classes="field"):
            yield PlainLabel(_("Language"))
            yield PlainInput(language, placeholder=_("code, such as en, fa, ar, my"), id="language")
        with Horizontal(classes="field"):
            yield PlainLabel(pgettext("of a letter", "Title"))
            yield PlainInput(title, placeholder=_("what you ask, in one line"), id="title")
        yield PlainStatic(
            _("An empty line begins a new paragraph. ^O saves; Esc leaves and keeps what is written here."),
            classes="note",
        )
        if self.source is not None:
            yield PlainStatic(
                _("The text that this one translates was changed; it says now:\n%(text)s")
                % {"text": "\n".join(self.source.paragraphs)},
                classes="note",
            )
        if self.beside is not None:
            yield PlainStatic(
                _(
                    "Changes of only one side are in the text already. Where both sides changed something, "
                    "both wordings stand between ⟦⟦ and ⟧⟧: keep one or write a third, and delete the marks."
                ),
                classes="note",
            )
        yield PlainText(text, id="text")
        with Horizontal(classes="field"):
            yield PlainLabel(_("Named in public as"))
            yield PlainInput(credit, placeholder=_("empty: not named beside this text"), id="credit")
        yield PlainStatic("", id="attached")

    def on_mount(self) -> None:
        if self.revision is None:
            self.head(_("A new letter"))
            if self.to_fill_in:
                self.query_one("#title").focus()
        elif self.translate:
            self.head(_("A further language of: %(title)s") % {"title": name(self.revision.title, 40)})
        else:
            head = _("Amend: %(title)s") if self.beside is None else _("Merge: %(title)s")
            self.head(head % {"title": name(self.revision.title, 50)})
            self.query_one("#language", PlainInput).disabled = True
            self.query_one("#text", PlainText).focus()
        self.tell_draft(self._draft_key)
        self._show_files()

    def _written(self) -> tuple[str, str, str, str]:
        return (
            self.query_one("#language", PlainInput).value.strip().lower(),
            self.query_one("#title", PlainInput).value.strip(),
            self.query_one("#credit", PlainInput).value.strip(),
            self.query_one("#text", PlainText).text,
        )

    @on(PlainText.Changed)
    @on(PlainInput.Changed)
    def _keep(self) -> None:
        if self._written() != self._beginning():
            self.mesh.drafts[self._draft_key] = "\n".join(self._written())

    def action_save(self) -> None:
        if self._saving:
            return
        try:
            command = self._command()
        except MeshcoalError as exc:
            self._refusal(exc)()
            return
        self._saving = True
        self.ask(command, StatementView, self._saved, self._not_saved, busy=_("Saving"))

    def _command(self) -> Command:
        language, title, credit, text = self._written()
        uploads = tuple([one.upload for one in self._files])
        if not language or not title or not text.strip():
            raise BadArgument(_("language, title and text are all needed"))
        if not self.statement:
            return DraftStatement(
                campaign=self.campaign,
                language=language,
                title=title,
                text=text.strip(),
                case=self.case,
                credit=credit,
                attachments=uploads,
            )
        base = b"" if self.translate or self.revision is None else self.revision.id
        return AmendStatement(
            campaign=self.campaign,
            statement=self.statement,
            language=language,
            title=title,
            text=text.strip(),
            base=base,
            merges=(self.beside.id,) if self.beside is not None else (),
            translates=self._translates(),
            credit=credit,
            attachments=uploads,
        )

    def _translates(self) -> bytes:
        """What the text says in its own language; empty: as its base does."""
        if self.revision is None:
            return b""
        if self.translate:
            return self.revision.id
        return self.source.id if self.revision.stale and self.source is not None else b""

    def _saved(self, view: StatementView) -> None:
        self.mesh.drafts.pop(self._draft_key, None)
        self.mesh.handed.pop(self._draft_key, None)
        if still_to_fill_in(self._written()[3]):
            say(self.app, _("Saved. Some of it still stands in [brackets]: a amends the letter."))
        self.dismiss(view)

    def _not_saved(self, exc: MeshcoalError) -> None:
        self._saving = False
        if isinstance(exc, Unknown) and self._files:  # the daemon lets go of them when it is locked
            self._keep_files(())
            text = _("The files are there no longer: attach them again, then save.")
            say(self.app, text, severity="warning")
        self._refusal(exc)()

    # --- Files beside the text

    @property
    def _files(self) -> tuple[Handed, ...]:
        """Handed over already; they wait as the text does while the screen is left."""
        return self.mesh.handed.get(self._draft_key, ())

    def _keep_files(self, files: tuple[Handed, ...]) -> None:
        self.mesh.handed[self._draft_key] = files
        self._show_files()

    def _show_files(self) -> None:
        bar = self.query_one("#attached", PlainStatic)
        bar.set_class(bool(self._files), "-on")
        bar.show(attached_line(self._files) if self._files else "")

    def action_attach(self) -> None:
        """One more file, up to what a text may have."""
        if len(self._files) >= ATTACHMENTS_MAX:
            text = _("At most %(count)d files go with one text.") % {"count": ATTACHMENTS_MAX}
            say(self.app, text, severity="warning")
            return
        self.app.push_screen(FileForm(self.mesh.session, self.campaign), self._file_chosen)

    def _file_chosen(self, file: Handed | None) -> None:
        if file is not None:
            self._keep_files((*self._files, file))

    def action_detach(self) -> None:
        """Take back what was attached."""
        for one in self._files:
            command = DropUpload(campaign=self.campaign, upload=one.upload)
            self.ask(command, Done, lambda _done: None, lambda _exc: None)  # gone is gone
        self._keep_files(())

    def action_back(self) -> None:
        self.dismiss(None)

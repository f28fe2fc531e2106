"""A contact's key as a picture, and the place to paste what their picture holds.

Law: the outcome stands in words, and nothing but equal keys is called equal.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import CompareKey
from meshcoal.api.views import ComparedView, Comparison, ContactView
from meshcoal.errors import MeshcoalError
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen, sentence_of
from meshcoal.tui.widgets.plain import PlainInput, PlainStatic, name
from meshcoal.tui.widgets.qr import QrBlock


class KeyScreen(MeshScreen[None]):
    """Both ways to compare: they scan this screen, or I paste what I scanned from theirs."""

    PLACE = "key"
    BINDINGS = bindings("key")

    def __init__(self, contact: ContactView) -> None:
        super().__init__()
        self._contact = contact
        self._who = name(contact.petname or contact.given_name, 30)

    def body(self) -> ComposeResult:
        yield PlainStatic(
            _("Scan the code under “Me” on the machine of %(name)s. Paste here what it holds, then Enter:")
            % {"name": self._who},
            classes="note",
        )
        yield PlainInput("", placeholder="MESHCOALKEY1…", id="text")
        yield PlainStatic("", id="outcome", classes="alarm")
        with VerticalScroll():
            yield PlainStatic(
                _("Or the other way round: this is the key kept here for %(name)s, for them to scan.")
                % {"name": self._who},
                classes="note",
            )
            yield QrBlock(self._contact.link_text)
            yield PlainStatic(self._contact.link_text, id="link-text", classes="note")

    def on_mount(self) -> None:
        self.head(_("The key of %(name)s") % {"name": self._who})
        self.query_one("#outcome").display = False

    @on(PlainInput.Submitted)
    def action_compare(self) -> None:
        text = self.query_one("#text", PlainInput).value.strip()
        if text:
            command = CompareKey(person=self._contact.person, text=text[:1_000])
            self.ask(command, ComparedView, self._compared, self._unread)

    def _unread(self, exc: MeshcoalError) -> None:
        self._say(sentence_of(exc))

    def _compared(self, view: ComparedView) -> None:
        fields = {"name": self._who, "other": name(view.other_name, 30)}
        match view.outcome:
            case Comparison.SAME:
                self._say(_("✓ EQUAL. This is the key kept for %(name)s. It counts as compared.") % fields)
            case Comparison.MINE:
                self._say(_("This is YOUR OWN key. Nothing was compared: scan their screen.") % fields)
            case Comparison.OTHER_CONTACT:
                self._say(
                    _("!! DIFFERENT. This is the key of %(other)s, not the one kept for %(name)s.") % fields
                )
            case Comparison.DIFFERENT:
                self._say(
                    _(
                        "!! DIFFERENT. This is NOT the key kept for %(name)s. Somebody may stand "
                        "between you.\nA warning stays until you compare again or cut the contact off."
                    )
                    % fields
                )

    def _say(self, sentence: str) -> None:
        outcome = self.query_one("#outcome", PlainStatic)
        outcome.show(sentence)
        outcome.display = True

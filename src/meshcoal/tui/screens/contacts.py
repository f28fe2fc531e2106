"""The people this node knows: my names for them, their words, whether we compared."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import ConfirmWords, ForgetContact, ListContacts, SetPetname
from meshcoal.api.views import ContactsView, ContactView, Done, NoticeKind
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.introductions import differ_form, words_block
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled


class ContactsScreen(MeshScreen[None]):
    """A list above, the words of the chosen contact below."""

    PLACE = "contacts"
    CONCERNS = frozenset({NoticeKind.CONTACTS, NoticeKind.PEERS})
    BINDINGS = bindings("contacts")

    def __init__(self) -> None:
        super().__init__()
        self._contacts: dict[str, ContactView] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="contacts")
        yield PlainStatic("", id="ask", classes="note")
        yield PlainStatic("", id="words", classes="words")

    def on_mount(self) -> None:
        self.head(_("Contacts"))
        self.query_one("#words").display = False

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListContacts(), ContactsView)
        return lambda: self.show(view)

    def show(self, view: ContactsView) -> None:
        """Draw the contacts."""
        self._contacts = {contact.person.hex(): contact for contact in view.contacts}
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not self._contacts
        empty.show(_("Nobody yet. Contacts come from invitations."))
        self.query_one("#contacts", PlainOptions).fill(
            [Row(key, self._draw(contact)) for key, contact in self._contacts.items()]
        )
        self._show_words()

    def _draw(self, contact: ContactView) -> Styled:
        known_as = ""
        if contact.petname and contact.petname != contact.given_name:
            known_as = _("  (calls themselves %(name)s)") % {"name": name(contact.given_name, 30)}
        facts = [
            _("✓ words compared") if contact.verified else _("? words not compared"),
            shown.seen(
                contact.last_seen_ms,
                connected=contact.connected,
                now_ms=self.mesh.now_ms(),
                zone=self.mesh.zone,
            ),
        ]
        return styled(
            (name(contact.petname or contact.given_name, 40), "bold"),
            (known_as, "dim"),
            ("\n    " + " · ".join(facts), "dim"),
        )

    @on(PlainOptions.OptionHighlighted)
    def _show_words(self) -> None:
        contact = self._chosen()
        block = self.query_one("#words", PlainStatic)
        block.display = contact is not None and bool(contact.fingerprint)
        sentence = ""
        if contact is not None and contact.fingerprint:
            block.show(words_block(contact.fingerprint))
            sentence = _("The fingerprint of %(name)s. They see the same under “Me” on their machine.") % {
                "name": name(contact.petname or contact.given_name, 30)
            }
        self.query_one("#ask", PlainStatic).show(sentence)

    def _chosen(self) -> ContactView | None:
        return self._contacts.get(self.query_one("#contacts", PlainOptions).chosen or "")

    def action_match(self) -> None:
        contact = self._chosen()
        if contact is not None:
            self.ask(ConfirmWords(person=contact.person, match=True), ContactView, self._noted)

    def _noted(self, _contact: ContactView) -> None:
        say(self.app, _("Noted: the words match."))
        self.refetch()

    def action_differ(self) -> None:
        contact = self._chosen()
        if contact is not None:
            form = differ_form(self.mesh, contact.person, contact.petname or contact.given_name)
            self.app.push_screen(form, lambda _contact: self.refetch())

    def action_petname(self) -> None:
        contact = self._chosen()
        if contact is None:
            return

        async def rename(values: Values) -> ContactView:
            command = SetPetname(person=contact.person, petname=values["petname"])
            return await self.mesh.session.send(command, ContactView)

        form: Form[ContactView] = Form(
            _("My name for this contact"),
            (
                Field(
                    name="petname",
                    label=_("Name"),
                    value=contact.petname,
                    placeholder=_("empty: the name they gave"),
                ),
            ),
            rename,
            submit=_("Rename"),
            explain=_("Only you see it."),
        )
        self.app.push_screen(form, lambda _contact: self.refetch())

    def action_forget(self) -> None:
        contact = self._chosen()
        if contact is None:
            return
        word = _("forget")
        check = must_type(word)

        async def forget(values: Values) -> Done:
            check(values)
            return await self.mesh.session.send(ForgetContact(person=contact.person), Done)

        form: Form[Done] = Form(
            _("Forget %(name)s") % {"name": name(contact.petname or contact.given_name, 40)},
            (typed_field(word),),
            forget,
            submit=_("Forget"),
            danger=True,
            explain=_("The contact is erased here. Campaigns that you share are untouched."),
        )
        self.app.push_screen(form, lambda _done: self.refetch())

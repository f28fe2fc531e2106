"""The people this node knows: my names for them, their words, whether we compared."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import (
    ConfirmWords,
    ForgetContact,
    Introduce,
    ListContacts,
    ListWarnings,
    SetPetname,
    SetWordList,
    ShowIdentity,
)
from meshcoal.api.views import (
    BrokeredView,
    ContactsView,
    ContactView,
    Done,
    IdentityView,
    NoticeKind,
    WarningsView,
    spelled,
)
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.introductions import differ_form, other_list, words_block
from meshcoal.tui.screens.key import KeyScreen
from meshcoal.tui.screens.reach import ReachScreen
from meshcoal.tui.screens.warnings import AlarmBar
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled


class ContactsScreen(MeshScreen[None]):
    """A list above, the words of the chosen contact below."""

    PLACE = "contacts"
    CONCERNS = frozenset({NoticeKind.CONTACTS, NoticeKind.PEERS, NoticeKind.WARNINGS})
    BINDINGS = bindings("contacts")

    def __init__(self) -> None:
        super().__init__()
        self._contacts: dict[str, ContactView] = {}
        self._me: IdentityView | None = None
        self._first: ContactView | None = None  # of two who are to be introduced

    def body(self) -> ComposeResult:
        yield AlarmBar()
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="contacts")
        yield PlainStatic("", id="ask", classes="note")
        yield PlainStatic("", id="words", classes="words")

    def on_mount(self) -> None:
        self.head(_("Contacts"))
        self.query_one("#words").display = False

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListContacts(), ContactsView)
        me = await self.mesh.session.send(ShowIdentity(), IdentityView)
        warnings = await self.mesh.session.send(ListWarnings(), WarningsView)

        def show() -> None:
            self.query_one(AlarmBar).tell(one for one in warnings.warnings if not one.campaign)
            self._me = me
            self.show(view)

        return show

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
            shown.compared(verified=contact.verified, introduced_by=contact.introduced_by),
            shown.seen(
                contact.last_seen_ms,
                connected=contact.connected,
                now_ms=self.mesh.now_ms(),
                zone=self.mesh.zone,
            ),
        ]
        return styled(
            ("!! " if contact.warned else "", "bold"),
            (name(contact.petname or contact.given_name, 40), "bold"),
            (known_as, "dim"),
            ("\n    " + " · ".join(facts), "dim"),
        )

    @on(PlainOptions.OptionHighlighted)
    def _show_words(self) -> None:
        contact = self._chosen()
        block = self.query_one("#words", PlainStatic)
        block.display = contact is not None and bool(contact.words)
        sentence = ""
        if contact is not None and contact.words and self._me is not None:
            block.show(words_block(spelled(contact.words, self._me.word_list)))
            sentence = _(
                "To compare with %(name)s, aloud: they see the same words under Contacts. %(list)s"
            ) % {
                "name": name(contact.petname or contact.given_name, 30),
                "list": shown.same_list(self._me.word_list),
            }
        if self._first is not None:
            sentence = _("Introduce %(name)s to whom? Choose another contact and press i; Esc gives up.") % {
                "name": name(self._first.petname or self._first.given_name, 30)
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

    def action_words(self) -> None:
        if self._me is not None:
            command = SetWordList(word_list=other_list(self._me.word_list))
            self.ask(command, IdentityView, lambda _me: self.refetch())

    def action_key(self) -> None:
        contact = self._chosen()
        if contact is not None:
            self.app.push_screen(KeyScreen(contact))

    def action_back(self) -> None:
        if self._first is not None:
            self._first = None
            self._show_words()
        else:
            super().action_back()

    def action_reach(self) -> None:
        contact = self._chosen()
        self.app.push_screen(ReachScreen(chosen=contact.person if contact is not None else b""))

    def action_introduce(self) -> None:
        contact, first = self._chosen(), self._first
        if contact is None:
            return
        if first is None or first.person == contact.person:
            self._first = contact
            self._show_words()
            return
        self._first = None
        self._show_words()

        async def introduce(values: Values) -> BrokeredView:
            command = Introduce(first=first.person, second=contact.person, note=values["note"])
            return await self.mesh.session.send(command, BrokeredView)

        form: Form[BrokeredView] = Form(
            _("Introduce two contacts"),
            (Field(name="note", label=_("What both should read")),),
            introduce,
            submit=_("Introduce"),
            explain=_(
                "%(first)s and %(second)s are each told the other's name, key and addresses, as you know "
                "them. Ask both before. They become contacts once both have accepted; what they decide you "
                "are not told."
            )
            % {
                "first": name(first.petname or first.given_name, 30),
                "second": name(contact.petname or contact.given_name, 30),
            },
        )
        self.app.push_screen(form, self._introduced)

    def _introduced(self, made: BrokeredView | None) -> None:
        if made is not None:
            say(self.app, _("Both are told, as soon as they can be reached. See “New people”."))

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

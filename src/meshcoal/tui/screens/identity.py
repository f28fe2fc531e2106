"""Me: the name others see, the words they compare, where they reach me, and the passphrase."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from meshcoal.api.commands import ChangePassphrase, SetHints, SetName, SetWordList, ShowIdentity
from meshcoal.api.views import Done, IdentityView, spelled
from meshcoal.errors import BadArgument
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.introductions import other_list, words_block
from meshcoal.tui.screens.suggest import draw_words
from meshcoal.tui.strength import WORDS, Strength, said, strength
from meshcoal.tui.widgets.plain import PlainStatic, name, say
from meshcoal.tui.widgets.qr import QrBlock


class IdentityScreen(MeshScreen[None]):
    """Fingerprint as words and as a picture."""

    PLACE = "identity"
    BINDINGS = bindings("identity")
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self) -> None:
        super().__init__()
        self.view: IdentityView | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield PlainStatic("", id="facts")
            yield PlainStatic("", id="words", classes="words")
            yield PlainStatic(
                _("The same as a picture, to scan under Contacts (v). It holds the public key and no more."),
                classes="note",
            )
            yield QrBlock()
            yield PlainStatic("", id="link-text", classes="note")

    def on_mount(self) -> None:
        self.head(_("Me"))

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ShowIdentity(), IdentityView)
        return lambda: self.show(view)

    def show(self, view: IdentityView) -> None:
        """Draw the identity."""
        self.view = view
        hints = ", ".join([name(hint, 60) for hint in view.hints]) or _("no address")
        self.query_one("#facts", PlainStatic).show(
            _("Name: %(name)s\nReached at: %(hints)s\n\nMy fingerprint in words. %(list)s")
            % {"name": name(view.name, 60), "hints": hints, "list": shown.same_list(view.word_list)}
        )
        self.query_one("#words", PlainStatic).show(words_block(spelled(view.fingerprint, view.word_list)))
        self.query_one(QrBlock).encode(view.link_text)
        self.query_one("#link-text", PlainStatic).show(view.link_text)

    def action_words(self) -> None:
        if self.view is not None:
            command = SetWordList(word_list=other_list(self.view.word_list))
            self.ask(command, IdentityView, self.show)

    def action_profiles(self) -> None:
        from meshcoal.tui.screens.profiles import ProfilesScreen

        self.app.push_screen(ProfilesScreen())

    def action_name(self) -> None:
        async def rename(values: Values) -> IdentityView:
            return await self.mesh.session.send(SetName(name=values["name"]), IdentityView)

        form: Form[IdentityView] = Form(
            _("My name"),
            (
                Field(
                    name="name",
                    label=_("Name"),
                    value="" if self.view is None else self.view.name,
                    required=True,
                ),
            ),
            rename,
            submit=_("Change it"),
            explain=_("New contacts and new campaigns see it. Campaigns you are in keep the old one."),
        )
        self.app.push_screen(form, self._changed)

    def action_hints(self) -> None:
        async def set_hints(values: Values) -> IdentityView:
            hints = tuple([line.strip() for line in values["hints"].split("\n") if line.strip()])
            return await self.mesh.session.send(SetHints(hints=hints), IdentityView)

        form: Form[IdentityView] = Form(
            _("Where others reach this machine"),
            (
                Field(
                    name="hints",
                    label=_("host:port, one a line"),
                    kind="text",
                    value="" if self.view is None else "\n".join(self.view.hints),
                ),
            ),
            set_hints,
            submit=_("Set"),
            explain=_("Invitations carry these addresses. Empty: the addresses of this machine."),
        )
        self.app.push_screen(form, self._changed)

    def action_passphrase(self) -> None:
        async def change(values: Values) -> Done:
            if strength(values["new"]) <= Strength.TOO_SHORT:
                raise BadArgument(WORDS[Strength.TOO_SHORT])
            if values["new"] != values["again"]:
                raise BadArgument(_("the two new passphrases differ"))
            return await self.mesh.session.send(ChangePassphrase(old=values["old"], new=values["new"]), Done)

        def note(values: Values) -> str:
            return said(values["new"])

        form: Form[Done] = Form(
            _("A new passphrase"),
            (
                Field(name="old", label=_("The present one"), kind="secret", required=True),
                Field(name="new", label=_("The new one"), kind="secret", required=True),
                Field(name="again", label=_("Once more"), kind="secret", required=True),
            ),
            change,
            submit=_("Change it"),
            explain=_(
                "Copies of the vault made before still open with the old one. To have six words drawn for "
                "you, go back and press w."
            ),
            note=note,
        )
        self.app.push_screen(form, self._passphrase_changed)

    def action_suggest(self) -> None:
        draw_words(self, self._drawn)

    def _drawn(self, passphrase: str | None) -> None:
        """Six words were drawn and typed: the present passphrase is all that lacks."""
        if passphrase is None:
            return
        new = passphrase

        async def change(values: Values) -> Done:
            return await self.mesh.session.send(ChangePassphrase(old=values["old"], new=new), Done)

        form: Form[Done] = Form(
            _("A new passphrase"),
            (Field(name="old", label=_("The present one"), kind="secret", required=True),),
            change,
            submit=_("Change it"),
            explain=_(
                "From then on the six words open the vault. Copies of the vault made before still open "
                "with the old passphrase."
            ),
        )
        self.app.push_screen(form, self._passphrase_changed)

    def _passphrase_changed(self, done: Done | None) -> None:
        if done is not None:
            say(self.app, _("The passphrase is changed."))

    def _changed(self, view: IdentityView | None) -> None:
        if view is not None:
            self.show(view)

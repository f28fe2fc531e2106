"""Names under another key, and devices that keep something back: in words, until the user has looked.

Law: nothing here goes away by itself, by time or by being seen. It goes when its cause goes, or when the user
types that both keys may stay, or says that they have seen what a device does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo

from textual import on
from textual.app import ComposeResult

from meshcoal.api.commands import DismissWarning, ListWarnings
from meshcoal.api.views import NoticeKind, WarningKind, WarningsView, WarningView
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Form, Values, must_type, typed_field
from meshcoal.tui.widgets.plain import PlainOptions, PlainStatic, Row, Styled, name, say, styled


def headline(one: WarningView) -> str:
    """What is wrong, in one sentence."""
    fields = {
        "name": name(one.name, 30),
        "known": name(one.known_name, 30),
        "campaign": name(one.campaign_name, 30),
    }
    match one.kind:
        case WarningKind.CONTACT:
            return _("“%(name)s” is NOT the key that you know as “%(known)s”.") % fields
        case WarningKind.MEMBER if one.known_me:
            return _("In %(campaign)s somebody else, “%(name)s”, has YOUR name.") % fields
        case WarningKind.MEMBER:
            return _("In %(campaign)s two members are called “%(name)s”, with different keys.") % fields
        case WarningKind.RETURNED:
            return _("In %(campaign)s “%(name)s” is back, under ANOTHER key.") % fields
        case WarningKind.DIFFERED:
            return _("The key that “%(name)s” showed you is NOT the one kept here.") % fields
        case WarningKind.WITHHELD:
            return _("In %(campaign)s the device of “%(name)s” KEEPS BACK what others wrote.") % fields
        case WarningKind.RELAY:
            return _("The relay %(name)s of %(campaign)s LOST, CHANGED OR MADE UP something.") % fields


def explanation(one: WarningView, *, now_ms: int, zone: tzinfo | None) -> str:
    """What is known of the older key, and what to do."""
    fields = {"known": name(one.known_name, 30), "name": name(one.name, 30)}
    if one.kind is WarningKind.DIFFERED:
        return (
            _(
                "Somebody may stand between you, or you scanned another screen. %(name)s does not count as "
                "compared any more.\nUnder Contacts: compare again (v), or cut the contact off (d)."
            )
            % fields
        )
    if one.kind is WarningKind.WITHHELD:
        return (
            _(
                "It showed that it has what it does not pass on. It may be broken, in somebody else's "
                "hands, or told to. Ask %(name)s by another way, and compare with other members what they "
                "received.\n"
                "On the campaign's screen g says what it is, and how that is known. An organiser can remove "
                "a member. When you have seen this, press k."
            )
            % fields
        )
    if one.kind is WarningKind.RELAY:
        return _(
            "Nothing false got in, and what it lost is put there again. It may be broken, or in somebody "
            "else's hands. Use another relay beside it or in its place: under Network, r says what it did, "
            "and when. When you have seen this, press k."
        )
    if one.known_me:
        before = ""
    elif one.known_refused:
        before = _("You cut %(known)s off, because words differed.") % fields
    elif one.known_verified_ms >= 0:
        when = shown.moment(one.known_verified_ms, now_ms=now_ms, zone=zone)
        before = _("This is not the key you compared words with on %(when)s.") % {"when": when}
    else:
        before = _("Words were never compared with %(known)s either.") % fields
    ask = _(
        "Somebody may be pretending. Ask in a voice you know: are they two people, or one who changed keys?\n"
        "Until then trust neither. If both may stay, press k."
    )
    return f"{before}\n{ask}".strip()


def bar(warnings: Iterable[WarningView]) -> str:
    """The line that stands on a screen as long as one of these is open; empty where none is."""
    found = list(warnings)
    if not found:
        return ""
    more = len(found) - 1
    rest = ngettext(" And %(count)d more.", " And %(count)d more.", more) % {"count": more} if more else ""
    return _("!! WARNING: %(what)s%(rest)s Press k.") % {"what": headline(found[0]), "rest": rest}


class AlarmBar(PlainStatic):
    """Loud and in words; not there at all where there is nothing to say."""

    def __init__(self) -> None:
        super().__init__("", id="alarm", classes="alarm")
        self.display = False

    def tell(self, warnings: Iterable[WarningView]) -> None:
        """Stand as long as one of these is open."""
        text = bar(warnings)
        self.display = bool(text)
        self.show(text)


class WarningsScreen(MeshScreen[None]):
    """A list above, what to do about the chosen one below."""

    PLACE = "warnings"
    CONCERNS = frozenset(
        {
            NoticeKind.WARNINGS,
            NoticeKind.WITHHELD,
            NoticeKind.RELAYS,
            NoticeKind.CONTACTS,
            NoticeKind.CAMPAIGN,
        }
    )
    BINDINGS = bindings("warnings")

    def __init__(self) -> None:
        super().__init__()
        self._warnings: dict[str, WarningView] = {}

    def body(self) -> ComposeResult:
        yield PlainStatic("", id="empty", classes="note")
        yield PlainOptions(id="warnings")
        yield PlainStatic("", id="explain", classes="alarm")

    def on_mount(self) -> None:
        self.head(_("Warnings"))

    async def load(self) -> Callable[[], None]:
        view = await self.mesh.session.send(ListWarnings(), WarningsView)
        return lambda: self.show(view)

    def show(self, view: WarningsView) -> None:
        """Draw the list."""
        self._warnings = {one.id.hex(): one for one in view.warnings}
        empty = self.query_one("#empty", PlainStatic)
        empty.display = not self._warnings
        empty.show(_("Nothing: no name under another key, and no device known to keep something back."))
        self.query_one("#warnings", PlainOptions).fill(
            [Row(key, _row(one)) for key, one in self._warnings.items()]
        )
        self._explain()

    @on(PlainOptions.OptionHighlighted)
    def _explain(self) -> None:
        one = self._chosen()
        block = self.query_one("#explain", PlainStatic)
        block.display = one is not None
        if one is not None:
            block.show(explanation(one, now_ms=self.mesh.now_ms(), zone=self.mesh.zone))

    def _chosen(self) -> WarningView | None:
        return self._warnings.get(self.query_one("#warnings", PlainOptions).chosen or "")

    def action_keep(self) -> None:
        one = self._chosen()
        if one is None:
            return
        if one.kind is WarningKind.DIFFERED:
            say(self.app, _("Compare again, or cut the contact off, under Contacts."), severity="warning")
            return
        if one.kind in (WarningKind.WITHHELD, WarningKind.RELAY):
            self.ask(DismissWarning(warning=one.id), WarningsView, self._kept)
            return
        word = _("both")
        check = must_type(word)

        async def keep(values: Values) -> WarningsView:
            check(values)
            return await self.mesh.session.send(DismissWarning(warning=one.id), WarningsView)

        form: Form[WarningsView] = Form(
            _("Both keys may stay"),
            (typed_field(word),),
            keep,
            submit=_("Put the warning away"),
            danger=True,
            explain=_("You have asked %(name)s in a voice you know. This marks nobody as compared.")
            % {"name": name(one.known_name, 30)},
        )
        self.app.push_screen(form, self._kept)

    def _kept(self, view: WarningsView | None) -> None:
        if view is not None:
            self.show(view)


def _row(one: WarningView) -> Styled:
    if one.kind in (WarningKind.WITHHELD, WarningKind.RELAY):
        return styled(
            ("!! " + headline(one), "bold"),
            ("\n    " + _("key %(subject)s") % {"subject": one.subject[:4].hex()}, "dim"),
        )
    keys = _("new key %(subject)s · known key %(known)s") % {
        "subject": one.subject[:4].hex(),
        "known": one.known[:4].hex(),
    }
    return styled(("!! " + headline(one), "bold"), ("\n    " + keys, "dim"))

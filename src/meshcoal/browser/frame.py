"""What stands around every page: landmarks, ways about, hiding and locking; and the pages of the door.

Law: the title is the same on every page and says nothing. A page names no other place than this run's own.
"""

from __future__ import annotations

from typing import Final

from meshcoal.browser.elements import STYLE, Address, Child, Element, el, put
from meshcoal.browser.forms import KEY_FIELD, NONE, Field, Values, form
from meshcoal.browser.gate import Gate, Place
from meshcoal.browser.visit import Sheet
from meshcoal.limits import PASSPHRASE_CHARS_MIN
from meshcoal.text.sanitise import clean
from meshcoal.tui.locale import _

TITLE: Final = "Local page"
HIDE: Final = Place(page="hide")
LOCK: Final = Place(page="lock")
UNLOCK: Final = Place(page="unlock")
CREATE: Final = Place(page="create")
HOME: Final = Place(page="home")
PASSPHRASE: Final = "passphrase"  # noqa: S105, the name of a field
AGAIN: Final = "again"
CARRIED: Final = "carried-"  # before the names of fields that a form held when the passphrase was wanted
BACK: Final = "back"


def page(
    gate: Gate, sheet: Sheet, *, language: str, direction: str, told: str = "", problem: Child = None
) -> Element:
    """A whole page."""
    ways = [
        el("li", el("a", words, href=gate.address(place)))
        for words, place in (
            (_("Home"), HOME),
            (_("Search"), Place(page="search")),
            (_("Drafts"), Place(page="drafts")),
            (_("Network"), Place(page="network")),
            (_("Settings"), Place(page="settings")),
        )
    ]
    quick = el(
        "div",
        _one_button(gate, HIDE, _("Hide")),
        _one_button(gate, LOCK, _("Lock")),
        class_="quick",
    )
    crumbs = None
    if sheet.trail:
        crumbs = el("nav", el("p", *_joined(sheet.trail)), aria_label=_("Part of"))
    main = el(
        "main",
        crumbs,
        el("h1", sheet.heading, dir="auto"),
        problem,
        el("div", el("p", told), role="status", class_="done") if told else None,
        list(sheet.body),
        id="main",
    )
    return _html(
        language,
        direction,
        el("a", _("Skip to the content"), href="#main", class_="skip"),
        el("header", el("nav", el("ul", ways), aria_label=_("Main")), quick),
        main,
    )


def _joined(links: tuple[Element, ...]) -> list[Child]:
    found: list[Child] = []
    for link in links:
        found += [" › " if found else "", link]
    return found


def _one_button(gate: Gate, place: Place, words: str) -> Element:
    return form(gate.address(place), gate.form_key(), (), (("do", words),), prefix=place.page)


def plain_page(heading: str, *body: Child, language: str, direction: str) -> Element:
    """A page of the door: nothing of anybody's is on it."""
    return _html(language, direction, el("main", el("h1", heading), list(body), id="main"))


def enter_form(address: Address, *, locked: bool) -> Element:
    """The button that uses an address up; with the passphrase where the vault is locked."""
    made = el("form", method="post", action=address)
    if locked:
        put(made, _passphrase_question(PASSPHRASE, _("Passphrase")))
    return put(made, el("div", el("button", _("Open"), type="submit", class_="first"), class_="buttons"))


def create_form(address: Address, key: str, values: Values) -> Element:
    """A first identity and its vault."""
    hint = _("at least %(least)d characters; five or more words chosen by chance are easy to keep") % {
        "least": PASSPHRASE_CHARS_MIN
    }
    fields = (
        Field(name="name", label=_("Your name, as others will see it"), required=True),
        Field(name=PASSPHRASE, label=_("Passphrase"), kind="secret", hint=hint, required=True),
        Field(name=AGAIN, label=_("The same once more"), kind="secret", required=True),
    )
    return form(address, key, fields, (("create", _("Make it")),), values)


def unlock_form(gate: Gate, back: Place, carried: Values = NONE) -> Element:
    """Asks for the passphrase, and carries what was being written to where it belongs."""
    made = el("form", method="post", action=gate.address(UNLOCK))
    put(made, el("input", type="hidden", name=KEY_FIELD, value=gate.form_key()))
    put(made, el("input", type="hidden", name=BACK, value=gate.address(back)))
    for key, texts in carried.texts.items():
        put(made, [el("input", type="hidden", name=CARRIED + key, value=text) for text in texts])
    put(made, _passphrase_question(PASSPHRASE, _("Passphrase")))
    return put(made, el("div", el("button", _("Go on"), type="submit", class_="first"), class_="buttons"))


def _passphrase_question(name: str, label: str) -> Element:
    box = el("input", type="password", id=name, name=name, autocomplete="off", required=True, autofocus=True)
    return el("div", el("label", label, for_=name), box, class_="question")


def _html(language: str, direction: str, *body: Child) -> Element:
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("title", TITLE),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="robots", content="noindex"),
        el("link", rel="stylesheet", href=STYLE),
    )
    return el("html", head, el("body", *body), lang=clean(language, multiline=False), dir=direction)

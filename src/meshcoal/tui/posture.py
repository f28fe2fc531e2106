"""Weak spots in words: what is weak, why it matters, what to do, and where that is done.

Law: nothing here says that anything is safe. A fact that only the interface knows (that it never locks
itself, that a browser reads along) stands in one list with what the node found, in one order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meshcoal.api.commands import GetTor, ShowBrowser, ShowPosture
from meshcoal.api.posture import weightiest_first
from meshcoal.api.views import (
    BrowserView,
    Danger,
    FindingView,
    PostureView,
    TorStanding,
    TorView,
    Weakness,
    Weight,
)
from meshcoal.ids import short
from meshcoal.tui.interface_settings import INTERFACE
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.setting import Ask, Known
from meshcoal.tui.settings import Settings
from meshcoal.tui.widgets.plain import name

LOCK_AFTER: Final = "lock-after"  # the setting, and the choice of it that is weak
NEVER: Final = "never"
NOTHING: Final = _(
    "Nothing that meshcoal can know here is weak. That is no proof that you are safe: it cannot know whether "
    "the disk is encrypted, whether your passphrase can be guessed, what you saved outside of it, or who "
    "looks over your shoulder."
)
BESIDE: Final = _(
    "What meshcoal cannot know: whether the disk is encrypted, whether your passphrase can be guessed, what "
    "you saved outside of it, and who looks over your shoulder."
)
DANGERS: Final = {
    Danger.TAKEN: _("If somebody takes this machine"),
    Danger.WATCHED: _("If somebody watches the network"),
    Danger.ARRESTED: _("If somebody is arrested"),
    Danger.POSED: _("If somebody poses as another"),
}
WEIGHTS: Final = {
    Weight.GRAVE: _("!! grave"),
    Weight.SERIOUS: _("! serious"),
    Weight.SLIGHT: _("· slight"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding for people. `door`: where it is mended, as in `screens.doors`; `typed`: by which command."""

    what: str
    why: str
    do: str
    door: str
    typed: str


async def look_for_weakness(ask: Ask, settings: Settings) -> tuple[FindingView, ...]:
    """What the node, the daemon and the interface know, the weightiest first."""
    posture = await ask(ShowPosture(), PostureView)
    tor = await ask(GetTor(), TorView)
    browser = await ask(ShowBrowser(), BrowserView)
    return weightiest_first([*posture.findings, *of_interface(settings, tor, browser)])


def of_interface(settings: Settings, tor: TorView, browser: BrowserView) -> list[FindingView]:
    """What a node does not know."""
    found = []
    known = Known(settings=settings, tor=tor)
    if any(one.name == LOCK_AFTER and one.value(known) == NEVER for one in INTERFACE):
        found.append(FindingView(weakness=Weakness.NO_LOCK, danger=Danger.TAKEN, weight=Weight.SERIOUS))
    if tor.open_port and tor.standing is not TorStanding.OFF:
        found.append(FindingView(weakness=Weakness.OPEN_PORT, danger=Danger.TAKEN, weight=Weight.SERIOUS))
    if browser.running:
        found.append(FindingView(weakness=Weakness.BROWSER, danger=Danger.TAKEN, weight=Weight.SLIGHT))
    return found


def told(one: FindingView) -> Told:
    """The sentences of a finding."""
    fields = {
        "campaign": name(one.campaign_name, 30),
        "count": one.count,
        "of": one.of,
        "days": one.days,
    }
    what, why, do, door, typed = _ROWS[one.weakness](one)
    return Told(
        what=what % fields,
        why=why % fields,
        do=do % fields,
        door=door.format(campaign=short(one.campaign) if one.campaign else ""),
        typed=typed,
    )


_Row = tuple[str, str, str, str, str]  # what, why, do, door, command


def _warned(one: FindingView) -> _Row:
    return (
        ngettext(
            "%(count)d warning was not looked into.", "%(count)d warnings were not looked into.", one.count
        ),
        _("A name stands under another key, or a device keeps something back: somebody may be pretending."),
        _("Read them, and ask the people in a voice you know."),
        "warnings",
        "meshcoal warning list",
    )


def _exposed(_one: FindingView) -> _Row:
    return (
        _("In %(campaign)s you should use Tor alone, and your device uses plain addresses."),
        _(
            "The organisers recommend Tor alone for your seat. Members learn your address, and whoever "
            "watches your network sees with whom you connect."
        ),
        _("Use nothing but Tor in this campaign, or on the whole device."),
        "setting ways-{campaign}",
        "meshcoal campaign ways",
    )


def _uncompared_organiser(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s you compared no words with %(count)d organiser.",
            "In %(campaign)s you compared no words with %(count)d organisers.",
            one.count,
        ),
        _(
            "Whoever poses as an organiser can let others in, remove members and release letters, and "
            "nothing but comparing words finds it."
        ),
        _("Call them or meet, and read the words aloud."),
        "members",
        "meshcoal campaign words",
    )


def _uncompared(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s you compared no words with %(count)d of %(of)d members.",
            "In %(campaign)s you compared no words with %(count)d of %(of)d members.",
            one.count,
        ),
        _("Each of them may be somebody else, who reads all that is written to everybody."),
        _("Begin with those to whom you tell most: call them or meet, and read the words aloud."),
        "members",
        "meshcoal campaign words",
    )


def _open_long(one: FindingView) -> _Row:
    return (
        ngettext(
            "What is kept here has been open for %(days)d day.",
            "What is kept here has been open for %(days)d days.",
            one.days,
        ),
        _(
            "Whoever takes this machine while it is open needs no passphrase: they can read everything, and "
            "write as you."
        ),
        _("Lock it when you leave it, and switch the machine off at night. What comes meanwhile waits."),
        "lock",
        "meshcoal lock",
    )


def _no_lock(_one: FindingView) -> _Row:
    return (
        _("The interface never locks itself."),
        _("If you are called away, or taken away, it stays open for whoever sits down."),
        _("Have it lock itself after some minutes without a key."),
        "setting lock-after",
        "meshcoal settings lock-after",
    )


def _silent(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s %(count)d member was not heard of for weeks.",
            "In %(campaign)s %(count)d members were not heard of for weeks.",
            one.count,
        )
        + " "
        + ngettext("The longest silence is %(days)d day.", "The longest silence is %(days)d days.", one.days),
        _(
            "Their devices get everything that is written as soon as they are on again, whoever has them by "
            "then."
        ),
        _("Ask them by another way how they are. An organiser can remove whoever stays silent."),
        "members",
        "meshcoal campaign show",
    )


def _one_organiser(_one: FindingView) -> _Row:
    return (
        _("%(campaign)s has one organiser for %(of)d members."),
        _(
            "If they are arrested, nobody can let anybody in, remove a device that was taken, or release a "
            "letter."
        ),
        _("An organiser can make another one: choose a member and change the role."),
        "members",
        "meshcoal campaign role",
    )


def _plain(one: FindingView) -> _Row:
    return (
        ngettext(
            "Your device reaches others by plain addresses, in %(count)d campaign.",
            "Your device reaches others by plain addresses, in %(count)d campaigns.",
            one.count,
        ),
        _(
            "Whoever watches your network sees with whom you connect, and when. Members learn your address. "
            "Nobody outside can read what you write."
        ),
        _("Use Tor alone, if a tor program is on this machine and the others have Tor as well."),
        "setting paths",
        "meshcoal paths tor",
    )


def _open_port(_one: FindingView) -> _Row:
    return (
        _("The control port of tor asks nobody for a proof."),
        _("Any program on this machine can learn your addresses in Tor, and switch them off."),
        _("Have tor ask for a cookie or a password, or let meshcoal start a tor of its own."),
        "setting paths",
        "meshcoal tor on --own",
    )


def _keys_old(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s your device took no new keys for %(days)d day.",
            "In %(campaign)s your device took no new keys for %(days)d days.",
            one.days,
        ),
        _("Whoever copied your keys in that time still reads what is written now."),
        _("Take new keys, on the campaign's screen. It takes a moment."),
        "campaign",
        "meshcoal campaign renew-keys",
    )


def _one_relay(one: FindingView) -> _Row:
    return (
        _("In %(campaign)s there is only one relay.")
        if one.count == 1
        else ngettext(
            "In %(campaign)s one member added %(count)d relay, and nobody another.",
            "In %(campaign)s one member added all %(count)d relays.",
            one.count,
        ),
        _("Whoever runs them can keep back what passes there, and nobody else's relay would show it."),
        _("Add one that people run who do not work together with the first."),
        "relays",
        "meshcoal relay add",
    )


def _plain_relay(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s %(count)d relay sees your network address.",
            "In %(campaign)s %(count)d relays see your network address.",
            one.count,
        ),
        _("It cannot read anything and sees no names, but from where a device asks, and when."),
        _("Use relays with an address in Tor, or Tor alone."),
        "relays",
        "meshcoal relay list",
    )


def _members_exposed(one: FindingView) -> _Row:
    return (
        ngettext(
            "In %(campaign)s %(count)d member should use Tor alone, and tells a plain address.",
            "In %(campaign)s %(count)d members should use Tor alone, and tell plain addresses.",
            one.count,
        ),
        _("Whoever watches their network sees with whom they connect. They may not know it."),
        _("Tell them, by a way you trust. The ways of the campaign name them."),
        "campaign-ways",
        "meshcoal campaign ways",
    )


def _talk_long(one: FindingView) -> _Row:
    return (
        ngettext(
            "Messages in %(campaign)s stay for %(days)d day.",
            "Messages in %(campaign)s stay for %(days)d days.",
            one.days,
        ),
        _("Whoever opens this machine, or a member's, reads all of them."),
        _("It cannot be changed. Write elsewhere of what nobody may read later, or found a campaign anew."),
        "setting talk-{campaign}",
        "meshcoal campaign found --help",
    )


def _invited(one: FindingView) -> _Row:
    return (
        ngettext(
            "%(count)d invitation was not used yet.", "%(count)d invitations were not used yet.", one.count
        ),
        _("Whoever finds one can ask to come in under any name, and learns an address of yours."),
        _("Take back those that are not needed any more."),
        "invitations",
        "meshcoal invite list",
    )


def _nearby(_one: FindingView) -> _Row:
    return (
        _("Your device announces something on the network around you."),
        _("Whoever is on this network, or runs it, can tell that a program here looks for others."),
        _("Be silent when you have met. It ends by itself after ten minutes."),
        "nearby",
        "meshcoal nearby stop",
    )


def _browser(_one: FindingView) -> _Row:
    return (
        _("Pages are open to a browser on this machine."),
        _("A browser keeps more than meshcoal does: add-ons read along, and it may keep pages on the disk."),
        _("Close it when you are done: `meshcoal browser --stop`."),
        "setting browser",
        "meshcoal browser --stop",
    )


_ROWS: Final = {
    Weakness.WARNED: _warned,
    Weakness.EXPOSED: _exposed,
    Weakness.UNCOMPARED_ORGANISER: _uncompared_organiser,
    Weakness.OPEN_LONG: _open_long,
    Weakness.NO_LOCK: _no_lock,
    Weakness.SILENT: _silent,
    Weakness.ONE_ORGANISER: _one_organiser,
    Weakness.UNCOMPARED: _uncompared,
    Weakness.PLAIN: _plain,
    Weakness.OPEN_PORT: _open_port,
    Weakness.KEYS_OLD: _keys_old,
    Weakness.ONE_RELAY: _one_relay,
    Weakness.PLAIN_RELAY: _plain_relay,
    Weakness.MEMBERS_EXPOSED: _members_exposed,
    Weakness.TALK_LONG: _talk_long,
    Weakness.INVITED: _invited,
    Weakness.NEARBY: _nearby,
    Weakness.BROWSER: _browser,
}

"""The settings of this device, one entry each: what its user chose, told from what the daemon shows.

Law: as in `tui.setting`. Everything here is done by commands of the API that other screens send as well; what
needs more than a choice has a door to where it is done.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import (
    ChoosePaths,
    SetSaving,
    SetSteady,
    SetWordList,
    StartNearby,
    StopBrowser,
    StopNearby,
    SwitchTor,
    WordList,
)
from meshcoal.api.views import (
    BrowserView,
    DataView,
    IdentityView,
    NearbyView,
    SteadyView,
    TorStanding,
    TorView,
)
from meshcoal.limits import MIB
from meshcoal.tui.campaign_settings import NAME_CELLS, settings_of_campaign
from meshcoal.tui.interface_settings import INTERFACE
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.setting import Choice, Group, Known, Opened, Setting, Steps, one_of
from meshcoal.tui.widgets.plain import name

_NEARBY_MINUTES: Final = 10


def all_settings(known: Known) -> tuple[Setting, ...]:
    """Every setting there is, in the order of the groups; of a shut vault those that hold without it."""
    found = [_paths(), _bridges()]
    if known.opened is not None:
        opened = known.opened
        found += [_nearby(opened), _steady(opened), _hints(opened), _name(opened)]
        for one in opened.campaigns:
            found += settings_of_campaign(one)
        found += [_browser(opened), _passphrase(), _saving(opened), _caps(opened), _word_list(opened)]
    found += INTERFACE
    found.append(_toasts())
    return tuple(sorted(found, key=lambda one: list(Group).index(one.group)))


def setting_of(known: Known, called: str) -> Setting | None:
    """The one of this name."""
    return next((one for one in all_settings(known) if one.name == called), None)


# --- Who can see you


def _paths() -> Setting:
    def value(known: Known) -> str:
        if known.tor.damaged:
            return ""
        if known.tor.only_tor:
            return "tor"
        return "plain" if known.tor.standing is TorStanding.OFF else "both"

    choices = (
        Choice(
            value="tor",
            holds=_("Your device reaches others through Tor alone."),
            means=_(
                "Members do not learn your address. Whoever watches your network sees that you use Tor, and "
                "not with whom you connect. Who has no Tor gets what you write by relays, sticks or paper. "
                "It needs a tor program on this machine."
            ),
            guards=2,
        ),
        Choice(
            value="both",
            holds=_("Your device reaches others through Tor, and by plain addresses as well."),
            means=_(
                "Tor where nothing else works. Members learn your address, and whoever watches your network "
                "sees with whom you connect. It needs a tor program on this machine."
            ),
            guards=1,
        ),
        Choice(
            value="plain",
            holds=_("Your device reaches others by plain addresses alone."),
            means=_(
                "Nothing else is needed. Members learn your address, and whoever watches your network sees "
                "with whom you connect, and when. Nobody outside can read what you write."
            ),
        ),
    )

    def now(known: Known) -> str:
        if known.tor.damaged:
            return _("! No way is open: the choice on the disk cannot be read. Choose again.")
        return next(one.holds for one in choices if one.value == value(known))

    def steps(known: Known, chosen: str) -> Steps:
        tor = known.tor
        switch = SwitchTor(
            on=chosen != "plain",
            own=tor.own,
            control=tor.control,
            open_port=tor.open_port,
            torrc=tor.torrc,
        )
        if chosen == "tor":
            return ((ChoosePaths(only_tor=True), TorView),)
        # Other ways first: without Tor, where nothing else is allowed, nobody could be reached.
        return ((ChoosePaths(only_tor=False), TorView), (switch, TorView))

    return Setting(
        name="paths",
        group=Group.SEEN,
        title=_("Ways to others"),
        now=now,
        value=value,
        choices=lambda _known: choices,
        steps=steps,
    )


def _bridges() -> Setting:
    def now(known: Known) -> str:
        if not known.tor.bridges:
            return _("Tor is reached without bridges.")
        told = ngettext(
            "Tor is reached by %(count)d bridge.", "Tor is reached by %(count)d bridges.", known.tor.bridges
        )
        return told % {"count": known.tor.bridges}

    return Setting(
        name="bridges",
        group=Group.SEEN,
        title=_("Bridges to Tor"),
        now=now,
        door="bridges",
        typed="meshcoal tor bridges",
    )


def _nearby(opened: Opened) -> Setting:
    choices = (
        Choice(
            value="off",
            holds=_("Nothing is announced on the network around you."),
            means=_("Nobody nearby can tell that a program here looks for others."),
            guards=1,
        ),
        Choice(
            value="on",
            holds=_("Your device looks for people you know on the network around you."),
            means=_(
                "It ends by itself after ten minutes. Whoever is on this network, or runs it, sees that a "
                "program announces something; who knows a campaign of yours can tell that you are here."
            ),
        ),
    )

    def steps(_known: Known, chosen: str) -> Steps:
        if chosen == "on":
            return ((StartNearby(minutes=_NEARBY_MINUTES), NearbyView),)
        return ((StopNearby(), NearbyView),)

    return one_of(
        "nearby",
        Group.SEEN,
        _("People on this network"),
        choices,
        "off" if opened.nearby.until_ms < 0 else "on",
        steps,
    )


def _steady(opened: Opened) -> Setting:
    from meshcoal.tui.widgets.steady import CHOICES_S, cost_words

    view = opened.steady
    sent = _("Your device sends when there is something to say.")
    choices = tuple(
        [
            Choice(
                value=str(one),
                holds=_sent_every(one) if one else sent,
                means=cost_words(one, view.people),
                guards=int(one > 0),
            )
            for one in sorted({0, view.every_s, *CHOICES_S})
        ]
    )

    def steps(_known: Known, chosen: str) -> Steps:
        return ((SetSteady(every_s=int(chosen)), SteadyView),)

    return one_of("constant-rate", Group.SEEN, _("Constant rate"), choices, str(view.every_s), steps)


def _sent_every(every_s: int) -> str:
    return ngettext(
        "Your device sends one packet each way every second, whatever there is to say.",
        "Your device sends one packet each way every %(count)d seconds, whatever there is to say.",
        every_s,
    ) % {"count": every_s}


def _hints(opened: Opened) -> Setting:
    hints = ", ".join([name(one, 40) for one in opened.identity.hints])
    told = _("Invitations say that you are reached at %(hints)s.") % {"hints": hints}
    none = _("Invitations say no address at which you are reached.")
    return Setting(
        name="addresses",
        group=Group.SEEN,
        title=_("Your addresses"),
        now=lambda _known: told if hints else none,
        door="identity",
        typed="meshcoal identity address",
    )


def _name(opened: Opened) -> Setting:
    told = _("New contacts and new campaigns see you as “%(name)s”.") % {
        "name": name(opened.identity.name, NAME_CELLS)
    }
    return Setting(
        name="name",
        group=Group.SEEN,
        title=_("Your name"),
        now=lambda _known: told,
        door="identity",
        typed="meshcoal identity name",
    )


# --- What stays on this machine, what is spared


def _passphrase() -> Setting:
    return Setting(
        name="passphrase",
        group=Group.KEPT,
        title=_("Passphrase"),
        now=lambda _known: _("Your passphrase alone opens what is kept here. Nobody can recover it."),
        door="passphrase",
        typed="meshcoal passphrase",
    )


def _browser(opened: Opened) -> Setting:
    shut = Choice(
        value="off",
        holds=_("No browser on this machine is let in."),
        means=_("Pages that are open empty themselves. `meshcoal browser` lets one in again."),
        guards=1,
    )
    let_in = Choice(
        value="on",
        holds=_("Pages are open to a browser on this machine."),
        means=_(
            "A browser keeps more than meshcoal does: add-ons read along, and it may keep pages on the disk."
        ),
    )
    running = opened.browser.running
    held = let_in if running else shut

    def steps(_known: Known, _chosen: str) -> Steps:
        return ((StopBrowser(), BrowserView),)

    return Setting(
        name="browser",
        group=Group.KEPT,
        title=_("Pages in a browser"),
        now=lambda _known: held.holds,
        value=lambda _known: held.value,
        choices=lambda _known: (shut, let_in) if running else (),
        steps=steps if running else None,
        why="" if running else _("`meshcoal browser`, typed in a terminal, lets one in."),
        typed="" if running else "meshcoal browser",
    )


def _saving(opened: Opened) -> Setting:
    view = opened.data
    choices = (
        Choice(
            value="full",
            holds=_("Files come by themselves, and others are looked for all the time."),
            means=_("Whatever is written comes as soon as it can. It costs battery and data."),
        ),
        Choice(
            value="save",
            holds=_("Battery and data are saved."),
            means=_(
                "Files come when you ask for them; whoever is away is tried every ten minutes. Words, alerts "
                "and signatures come as before. No constant rate is kept for others meanwhile."
            ),
        ),
    )

    def steps(_known: Known, chosen: str) -> Steps:
        command = SetSaving(
            saving=chosen == "save",
            day_bytes_max=view.day_bytes_max,
            month_bytes_max=view.month_bytes_max,
        )
        return ((command, DataView),)

    title = _("Battery and data")
    return one_of("saving", Group.KEPT, title, choices, "save" if view.saving else "full", steps)


def _caps(opened: Opened) -> Setting:
    view = opened.data
    caps = {"day": f"{view.day_bytes_max / MIB:g}", "month": f"{view.month_bytes_max / MIB:g}"}
    if view.day_bytes_max and view.month_bytes_max:
        told = _("At most %(day)s MiB a day and %(month)s MiB a month go over the network.") % caps
    elif view.day_bytes_max:
        told = _("At most %(day)s MiB a day go over the network.") % caps
    elif view.month_bytes_max:
        told = _("At most %(month)s MiB a month go over the network.") % caps
    else:
        told = _("How much goes over the network is not capped.")
    return Setting(
        name="caps",
        group=Group.KEPT,
        title=_("Caps on data"),
        now=lambda _known: told,
        door="data",
        typed="meshcoal data --day",
    )


def _toasts() -> Setting:
    return Setting(
        name="toasts",
        group=Group.TOLD,
        title=_("What pops up"),
        now=lambda _known: _("Messages that pop up say that something came, never what, from whom or where."),
        why=_("So it is for everybody: somebody may look over your shoulder."),
    )


def _word_list(opened: Opened) -> Setting:
    means = _("Both people must look at the same list; words of different lists never agree.")
    choices = (
        Choice(value=WordList.ENGLISH.value, holds=_("Words to compare are shown in English."), means=means),
        Choice(value=WordList.RUSSIAN.value, holds=_("Words to compare are shown in Russian."), means=means),
    )

    def steps(_known: Known, chosen: str) -> Steps:
        return ((SetWordList(word_list=WordList(chosen)), IdentityView),)

    return one_of(
        "word-list",
        Group.LOOK,
        _("Words to compare"),
        choices,
        opened.identity.word_list.value,
        steps,
    )

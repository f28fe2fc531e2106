"""How times, counts and terms of ours are written for people.

Law: nothing here decides; the same facts give the same words. Times stand in the reader's own zone.
"""

from __future__ import annotations

import os
from datetime import date, datetime, tzinfo
from typing import Final

from meshcoal.api.views import (
    AcquaintanceState,
    AttachmentState,
    AttachmentView,
    BusyView,
    CampaignView,
    CatchingUpView,
    EntryState,
    ForkState,
    GapView,
    HeldProof,
    HolderView,
    IntroductionState,
    MemberState,
    MessageView,
    RedLine,
    RequestState,
    ShownBy,
    StatementPhase,
    StatementView,
    WaitView,
    WithheldView,
)
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.limits import KIB, MIB
from meshcoal.text.calendars import YEARS, Calendar, calendar_in, calendar_of, in_calendar
from meshcoal.tui.bidi import isolated, left_to_right
from meshcoal.tui.hiding import one_line
from meshcoal.tui.locale import _, formats, ngettext, pgettext, spoken
from meshcoal.wire.bodies import Need
from meshcoal.wire.terms import Capacity, NameMode, Role, Seat, Stance, Verdict, WordList

CALENDARS: Final = {
    Calendar.PERSIAN: _("%(day)s Persian"),
    Calendar.ISLAMIC: _("%(day)s Islamic, about"),
    Calendar.ETHIOPIAN: _("%(day)s Ethiopian"),
    Calendar.BUDDHIST: _("%(day)s Buddhist"),
}
SEATS: Final = {
    Seat.IN_COUNTRY: _("in the country"),
    Seat.EXILE: _("in exile"),
    Seat.INGO: _("international organisation"),
    Seat.OBSERVER: _("observer"),
}
ROLES: Final = {Role.ORGANISER: _("organiser"), Role.MEMBER: _("member")}
CAPACITIES: Final = {
    Capacity.ORGANISATION: _("an organisation"),
    Capacity.INDIVIDUAL: _("a person"),
    Capacity.AFFILIATED: _("a person; affiliation does not endorse"),
    Capacity.NETWORK: _("a network, on behalf of its members"),
}
REQUEST_STATES: Final = {
    RequestState.WAITING: _("in approval"),
    RequestState.TO_SIGN: _("approved; the last step is to sign"),
    RequestState.SIGNED: _("signed"),
    RequestState.REFUSED: pgettext("what an office was asked", "refused"),
    RequestState.LAPSED: _("was asked about an earlier text"),
}
VERDICTS: Final = {
    Verdict.APPROVE: pgettext("what somebody decided", "approved"),
    Verdict.REFUSE: pgettext("what somebody decided", "refused"),
    Verdict.ASK: _("a question"),
}
HIDDEN_MODES: Final = {
    NameMode.ADDRESSEE: _("to the addressee only"),
    NameMode.ROLE: _("by role"),
    NameMode.COUNTED: _("counted, not named"),
}
PHASES: Final = {
    StatementPhase.DRAFT: _("draft"),
    StatementPhase.OPEN: _("open for signing"),
    StatementPhase.RELEASED: _("released"),
}
MEMBER_STATES: Final = {
    MemberState.ACTIVE: _("active"),
    MemberState.LEFT: pgettext("a member", "left"),
    MemberState.REMOVED: pgettext("a member", "removed"),
}
FORK_STATES: Final = {
    ForkState.NONE: "",
    ForkState.OPEN: _("! gave two different operations at one place"),
    ForkState.HALTED: _("! held back: an organiser must decide"),
    ForkState.RESTORED: _("was let go on"),
    ForkState.OUT: _("had given two different operations at one place"),
}
ENTRY_STATES: Final = {
    EntryState.COUNTED: _("counted"),
    EntryState.WAITING: _("waiting for others, as its signer asked"),
    EntryState.DOUBLED: _("somebody signed first for the same office"),
    EntryState.LATE: _("late, not listed"),
    EntryState.WITHDRAWN: _("withdrawn"),
    EntryState.AFTER_RELEASE: _("after the release, not listed"),
    EntryState.ADDED: _("in an addendum"),
    EntryState.WITHDRAWN_AFTER_RELEASE: _("withdrawn after the release"),
    EntryState.LAPSED: _("on an earlier version, not on this one: read it again and sign anew"),
}
STANCES: Final = {
    Stance.REMARK: _("a remark"),
    Stance.CHECKED: _("I compared this translation: it says the same"),
    Stance.BLOCK: _("a red line: we cannot sign with this"),
    Stance.STAND_ASIDE: _("a red line: we do not sign with this, and hold nobody up"),
    Stance.REWORD: _("a red line: we sign if it says this"),
    Stance.AGREE: _("I agree that this letter goes out"),
}
RED_LINES: Final = {
    RedLine.NONE: "",
    RedLine.STANDS: _("stands"),
    RedLine.REWORDED: _("the wording was changed since"),
    RedLine.LIFTED: _("lifted"),
}
FILE_STATES: Final = {
    AttachmentState.ABSENT: _("not fetched: ^O"),
    AttachmentState.NOBODY: _("wanted; nobody who can be reached has it"),
    AttachmentState.RELAYED: _("asked for at the relays; comes once a device that has it is on"),
    AttachmentState.HERE: _("here: ^O saves"),
    AttachmentState.BROKEN: _("broken by its sender"),
    AttachmentState.OVER: _("larger than the campaign allows; not fetched"),
}
HELD_PROOFS: Final = {
    HeldProof.ME: _("this device"),
    HeldProof.AUTHOR: _("wrote it"),
    HeldProof.CITED: _("has written since, knowing it"),
    HeldProof.SAID: _("their device said so"),
    HeldProof.NONE: "",
}
INTRODUCTION_STATES: Final = {
    IntroductionState.DIALLING: _("not reached yet; trying"),
    IntroductionState.CARRIED: _("hand your request over; then read what comes back"),
    IntroductionState.ASKING: _("asks to be admitted"),
    IntroductionState.WAITING: _("waits for their decision"),
    IntroductionState.ADMITTED: _("admitted"),
    IntroductionState.CONTACT: _("a contact now"),
    IntroductionState.REFUSED: pgettext("an introduction", "refused"),
    IntroductionState.EXPIRED: _("expired"),
}


ACQUAINTANCE_STATES: Final = {
    AcquaintanceState.OFFERED: _("you decide: a accepts, x declines"),
    AcquaintanceState.ACCEPTED: _("you accepted; they have not accepted yet"),
    AcquaintanceState.MET: _("a contact now; compare words under Contacts"),
}
WORD_LISTS: Final = {WordList.ENGLISH: _("English words"), WordList.RUSSIAN: _("Russian words")}


def compared(*, verified: bool, introduced_by: str = "") -> str:
    """Whether words were compared, and who introduced somebody, if anybody did."""
    words = _("✓ words compared") if verified else _("? words not compared")
    if not introduced_by:
        return words
    by = one_line(introduced_by, 24)
    if verified:
        return _("introduced by %(name)s, ✓ words compared") % {"name": by}
    return _("introduced by %(name)s, ? words not compared yet") % {"name": by}


def same_list(word_list: WordList) -> str:
    """Which list the words are of, and that the other must look at the same."""
    return _("%(list)s; both must see the same list (l changes it).") % {"list": WORD_LISTS[word_list]}


def moment(at_ms: int, *, now_ms: int, zone: tzinfo | None) -> str:
    """`12:04` today, `22 Nov 12:04` this year, else `22 Nov 2026 12:04`, as the language writes dates."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=zone).astimezone(zone)
    now = datetime.fromtimestamp(now_ms / 1000, tz=zone).astimezone(zone)
    clock = f"{at.hour:02}:{at.minute:02}"
    if at.date() == now.date():
        return clock
    return f"{formats().date(at.date(), year=at.year != now.year)} {clock}"


def day(at_ms: int, *, now_ms: int, zone: tzinfo | None) -> str:
    """`22 Nov` this year, else `22 Nov 2025`, as the language writes dates."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=zone).astimezone(zone)
    now = datetime.fromtimestamp(now_ms / 1000, tz=zone).astimezone(zone)
    return formats().date(at.date(), year=at.year != now.year)


def exact(at_ms: int, *, zone: tzinfo | None) -> str:
    """Date and time with its zone, such as `22 Nov 2026 18:00 +04:00`, and the day in their calendar."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=zone).astimezone(zone)
    offset = at.strftime("%z")
    clock = left_to_right(f"{at.hour:02}:{at.minute:02} {offset[:3]}:{offset[3:5]}")
    return f"{formats().date(at.date(), year=True)} {clock}{_beside(at.date())}"


def _beside(at: date) -> str:
    """The day in the calendar of the system's locale, else of the language's: ` (1405-09-02 Persian)`."""
    calendar = calendar_in(os.environ) or calendar_of(spoken().code)
    if calendar is None or at.year not in YEARS:
        return ""
    year, month, number = in_calendar(at, calendar)
    spelled = left_to_right(f"{year:04}-{month:02}-{number:02}")
    return f" ({CALENDARS[calendar] % {'day': spelled}})"


def until(at_ms: int, *, now_ms: int) -> str:
    """How far off a time is, in whole units, either way."""
    left_ms = at_ms - now_ms
    if left_ms < 0:
        return pgettext("a moment", "passed")
    if left_ms >= 2 * DAY_MS:
        count = left_ms // DAY_MS
        return ngettext("in %(count)d day", "in %(count)d days", count) % {"count": count}
    if left_ms >= HOUR_MS:
        count = left_ms // HOUR_MS
        return ngettext("in %(count)d hour", "in %(count)d hours", count) % {"count": count}
    count = left_ms // MINUTE_MS
    return ngettext("in %(count)d minute", "in %(count)d minutes", count) % {"count": count}


def deadline(at_ms: int, *, now_ms: int) -> str:
    """How far off the deadline of a letter is."""
    if at_ms < now_ms:
        return _("deadline passed")
    return _("deadline %(left)s") % {"left": until(at_ms, now_ms=now_ms)}


def answer_by(at_ms: int, *, now_ms: int) -> str:
    """Until when something must be done about an alert."""
    if at_ms < now_ms:
        return _("something had to be done, and the time is over")
    return _("something must be done %(left)s") % {"left": until(at_ms, now_ms=now_ms)}


def signed(count: int) -> str:
    """How many have signed."""
    return ngettext("%(count)d signed", "%(count)d signed", count) % {"count": count}


def unread(count: int) -> str:
    """How many messages nobody has read here; empty where there are none."""
    return ngettext("● %(count)d unread", "● %(count)d unread", count) % {"count": count} if count else ""


def span(span_ms: int) -> str:
    """How long something takes, in whole hours or days."""
    if not span_ms:
        return _("at once")
    if span_ms % DAY_MS == 0 and span_ms >= 3 * DAY_MS:
        count = span_ms // DAY_MS
        return ngettext("after %(count)d day", "after %(count)d days", count) % {"count": count}
    count = -(-span_ms // HOUR_MS)
    return ngettext("after %(count)d hour", "after %(count)d hours", count) % {"count": count}


def seen(last_seen_ms: int, *, connected: bool, now_ms: int, zone: tzinfo | None) -> str:
    """Whether somebody is connected, or when they last were."""
    if connected:
        return _("connected")
    if last_seen_ms < 0:
        return _("never met")
    return _("last met %(when)s") % {"when": moment(last_seen_ms, now_ms=now_ms, zone=zone)}


def reach(connected: int, others: int) -> str:
    """How many of the other members are connected now."""
    if others <= 0:
        return _("nobody else yet")
    return _("%(connected)d of %(others)d others connected") % {"connected": connected, "others": others}


def held(message: MessageView) -> str:
    """How many members are known to hold a message."""
    return _("held %(by)d/%(of)d") % {"by": message.held_by, "of": message.held_of}


def since(at_ms: int, *, now_ms: int) -> str:
    """How long ago something was, in whole units."""
    span_ms = now_ms - at_ms
    if span_ms >= 2 * DAY_MS:
        count = span_ms // DAY_MS
        return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}
    if span_ms >= HOUR_MS:
        count = span_ms // HOUR_MS
        return ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    if span_ms >= MINUTE_MS:
        count = span_ms // MINUTE_MS
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    return _("just now")


def heard(view: HolderView, *, now_ms: int) -> str:
    """The last sign of life of a member that this node knows of."""
    if view.connected:
        return _("connected now")
    if view.last_seen_ms < 0 and view.wrote_ms < 0:
        return _("never heard of")
    if view.wrote_ms > view.last_seen_ms:
        return _("wrote %(when)s, by their clock") % {"when": since(view.wrote_ms, now_ms=now_ms)}
    return _("last met %(when)s") % {"when": since(view.last_seen_ms, now_ms=now_ms)}


def size(count: int) -> str:
    """`512 B`, `12 KiB`, `3.4 MiB`."""
    if count < KIB:
        return f"{count} B"
    if count < MIB:
        return f"{-(-count // KIB)} KiB"
    return f"{formats().decimals(count / MIB)} MiB"


def file_line(view: AttachmentView) -> str:
    """A file under a text or a comment."""
    return f"▤ {one_line(view.name, 40)} ({size(view.size)}): {file_state(view)}"


def file_state(view: AttachmentView) -> str:
    """Whether a file is here, how far it has come, and how many members hold it."""
    state = FILE_STATES.get(view.state) or f"{100 * view.held // max(1, view.of)} %"
    on = _("on %(by)d of %(of)d") % {"by": view.held_by, "of": view.held_of}
    return f"{state} · {on}"


def gap(view: GapView) -> str:
    """A gap in somebody's log, in words."""
    return ngettext(
        "%(count)d message of %(name)s is missing",
        "%(count)d messages of %(name)s are missing",
        view.missing,
    ) % {"count": view.missing, "name": view.name}


def gap_in_full(view: GapView, *, now_ms: int) -> str:
    """A gap, since when, and who says to have what is missing."""
    parts = [gap(view)]
    if view.since_ms >= 0:
        parts.append(_("noticed %(when)s") % {"when": since(view.since_ms, now_ms=now_ms)})
    if view.said_by:
        names = formats().list([isolated(one_line(one, 24)) for one in view.said_by])
        parts.append(_("said to be with %(names)s") % {"names": names})
    return "; ".join(parts)


def wait(view: WaitView) -> str:
    """What waits for something that nobody here has sent, in words."""
    if not view.name:
        return ngettext(
            "%(count)d message waits for one before it that nobody has sent yet",
            "%(count)d messages wait for one before them that nobody has sent yet",
            view.operations,
        ) % {"count": view.operations}
    return ngettext(
        "%(count)d message waits for something by %(name)s that nobody has sent yet",
        "%(count)d messages wait for something by %(name)s that nobody has sent yet",
        view.operations,
    ) % {"count": view.operations, "name": one_line(view.name, 24)}


def wait_in_full(view: WaitView, *, now_ms: int) -> str:
    """The same, with since when and whose words wait."""
    parts = [wait(view)]
    if view.since_ms >= 0:
        parts.append(_("noticed %(when)s") % {"when": since(view.since_ms, now_ms=now_ms)})
    names = formats().list([isolated(one_line(one, 24)) for one in view.cited_by])
    parts.append(_("what waits is by %(names)s") % {"names": names})
    return "; ".join(parts)


def withheld(view: WithheldView) -> str:
    """A node that does not pass on what it shows to hold, in one line."""
    fields = {
        "count": view.count,
        "peer": one_line(view.peer_name, 24),
        "name": one_line(view.name, 24) or _("somebody"),
    }
    if view.certain:
        words = ngettext(
            "%(peer)s's device keeps back %(count)d message of %(name)s",
            "%(peer)s's device keeps back %(count)d messages of %(name)s",
            view.count,
        )
    else:
        words = ngettext(
            "%(peer)s's device may keep back %(count)d message of %(name)s",
            "%(peer)s's device may keep back %(count)d messages of %(name)s",
            view.count,
        )
    return words % fields


def withheld_in_full(view: WithheldView, *, now_ms: int) -> str:
    """The same, with what shows it and what became of it."""
    shows = {
        ShownBy.SAID: _("it says that it has them, was asked, and did not send them"),
        ShownBy.SENT: _("it sends what stands behind them, was asked, and did not send them"),
        ShownBy.HID: _("it says that it lacks them, and has written what stands behind them"),
    }
    parts = [
        withheld(view),
        shows[view.shown_by],
        _("noticed %(when)s") % {"when": since(view.since_ms, now_ms=now_ms)},
    ]
    if view.came_ms >= 0 and view.shown_by is not ShownBy.HID:
        parts.append(_("they came by another way %(when)s") % {"when": since(view.came_ms, now_ms=now_ms)})
    return "; ".join(parts)


def quorum(view: StatementView) -> str:
    """Whose consent a release needs, and how much of it there is; empty where nobody's is."""
    return "; ".join(
        [
            _("%(seat)s: %(have)s of %(needed)s agreed")
            % {"seat": SEATS[share.seat], "have": share.have, "needed": share.needed}
            for share in view.quorum
        ]
    )


def file_rules(view: CampaignView) -> str:
    """What organisers allow of files."""
    if not view.file_bytes_max:
        return _("Files: none are allowed here.")
    return _("Files: at most %(each)s each; each device keeps at most %(kept)s of them.") % {
        "each": size(view.file_bytes_max),
        "kept": size(view.kept_bytes_max),
    }


def catching_up(view: CatchingUpView) -> str:
    """What is left of catching up, short enough to stand before a bar; empty where nothing is."""
    if view.coming:
        return _("Catching up: %(count)s to come") % {"count": formats().number(view.coming)}
    if not view.waiting:
        return ""
    return _("Reading in: %(count)s left") % {"count": formats().number(view.waiting)}


def provable(deniable_ms: int, *, now_ms: int, zone: tzinfo | None) -> str:
    """Of what somebody wrote, what can be proven to be theirs."""
    if deniable_ms < 0:
        return _("provable: all")
    return _("provable since %(day)s") % {"day": day(deniable_ms, now_ms=now_ms, zone=zone)}


def busy(view: BusyView) -> str:
    """A node that writes unusually much, in words."""
    return ngettext(
        "%(name)s's node writes unusually much: %(count)d entry in an hour (an organiser can end it)",
        "%(name)s's node writes unusually much: %(count)d entries in an hour (an organiser can end it)",
        view.operations,
    ) % {"count": view.operations, "name": view.name}


def short_digest(digest: bytes) -> str:
    """The first 16 hex digits in groups of four: enough to compare aloud, not to trust alone."""
    digits = digest[:8].hex()
    return left_to_right(" ".join([digits[at : at + 4] for at in range(0, len(digits), 4)]))


def language(code: str) -> str:
    """A language as its code: the user's own name for it comes with the translations."""
    return code


# Read by the program as it stands, whatever the language.
NEEDS_EXAMPLE: Final = "3 in-country, 10 any"


def need(one: Need) -> str:
    """A part of the condition of a sign-on."""
    if one.seat is None:
        return _("with at least %(count)d others") % {"count": one.at_least}
    return _("with at least %(count)d others %(seat)s") % {"count": one.at_least, "seat": SEATS[one.seat]}


def counts_only(one: Need) -> str:
    """The same as a sentence, for whoever is about to sign so."""
    fields = {"count": one.at_least}
    if one.seat is None:
        told = ngettext(
            "It counts only with at least %(count)d other.",
            "It counts only with at least %(count)d others.",
            one.at_least,
        )
        return told % fields
    told = ngettext(
        "It counts only with at least %(count)d other of this kind: %(seat)s.",
        "It counts only with at least %(count)d others of this kind: %(seat)s.",
        one.at_least,
    )
    return told % {**fields, "seat": SEATS[one.seat]}

"""The look of each screen at two sizes, kept as text beside what it must say.

After a change of looks run this file with `MESHCOAL_SNAPSHOTS=write` in the environment to take the pictures
anew, then read the difference before it is committed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pictures import LANGUAGES, SNAPSHOTS, Visit, check, compare, drawn, kept_at
from tuicases import CASE, delivery, step
from tuidouble import (
    CAMPAIGN,
    GENERAL,
    HOUR_MS,
    INVITATION_TEXT,
    LETTER,
    NOW_MS,
    FakeDaemon,
    acquaintance,
    attachment,
    brokered,
    contact,
    counting,
    draft,
    entry,
    false_relay,
    held_back,
    identifier,
    invitation,
    message,
    opened,
    profile,
    sealing,
    tally,
    tor_view,
    troubled,
    warning,
    withholding,
)
from tuirunning import Running
from tuisettings import WEAK
from tuitongues import TONGUES

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.tui.screens.case import CaseScreen
from meshcoal.tui.screens.invitations import InvitationScreen
from meshcoal.tui.screens.members import MembersScreen
from meshcoal.tui.widgets.plain import PlainInput, PlainText
from meshcoal.wire.slips import codes_of


async def stay(_run: Running) -> None:
    """The first screen."""


def keys(*pressed: str) -> Visit:
    async def visit(run: Running) -> None:
        await run.press(*pressed)

    return visit


async def channel(run: Running) -> None:
    await run.open_channel()
    await run.write("I am on my way")


async def holders(run: Running) -> None:
    await run.open_channel()
    await run.press("ctrl+g")


async def attaching(run: Running) -> None:
    await run.open_channel()
    await run.press("ctrl+f")


async def letter(run: Running) -> None:
    await run.open_statement(LETTER)


def letter_at(*pressed: str) -> Visit:
    async def visit(run: Running) -> None:
        await run.open_statement(LETTER)
        await run.press(*pressed)

    return visit


async def sheet_begun(run: Running) -> None:
    """One line entered, the next begun."""
    await letter_at("k", "n")(run)
    for text in ("Zainab Karimi", "Teacher", "", "Bahrain", ""):
        await run.write(text)
        await run.press("enter")
    await run.write("Omid")


async def sheet_reviewed(run: Running) -> None:
    await sheet_begun(run)
    for field, text in (("#scan", "scan.jpg"), ("#dated", "2026-11-21")):
        run.app.screen.query_one(field, PlainInput).value = text
    await run.press("ctrl+o")


async def members(run: Running) -> None:
    await run.app.push_screen(MembersScreen(CAMPAIGN))
    await run.rest()


async def invitation_shown(run: Running) -> None:
    await run.app.push_screen(InvitationScreen(invitation()))
    await run.rest()


async def long_invitation_shown(run: Running) -> None:
    await run.app.push_screen(InvitationScreen(invitation(by_file=True, text=INVITATION_TEXT * 8)))
    await run.rest()


def figures(run: Running, *expected: str) -> bool:
    """Whether a row holds these figures, in whatever language."""
    return any(set(expected) <= set(re.findall(r"\d+", row)) for row in run.rows())


def asked(run: Running, form: object) -> bool:
    """Whether a dialog stands where a form stood. The campaign below them may hold the same figures."""
    return run.app.screen is not form and run.app.screen.is_modal


async def paper_partly_read(run: Running) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(codes_of(hashlib.shake_256(b"slip").digest(2_048))[:3]))
        file.flush()
        await run.press("p", "r")
        run.app.screen.query_one("#field-files", PlainText).load_text(file.name)
        await run.click("#submit")
        await run.until(lambda: figures(run, "3", "4"))
    run.app.clear_notifications()


async def stick_looked_at(run: Running) -> None:
    with tempfile.NamedTemporaryFile() as stick:
        stick.write(bytes(BUNDLE_PART_BYTES))
        stick.flush()
        await run.open_campaign()
        await run.press("r")
        run.app.screen.query_one("#field-place", PlainInput).value = stick.name
        form = run.app.screen
        await run.click("#submit")
        await run.until(lambda: asked(run, form) and figures(run, "12", "30"))


async def review(run: Running) -> None:
    await run.open_statement(LETTER)
    await run.press("s", "enter")
    run.app.screen.query_one("#field-name", PlainInput).value = "Ana's Committee"
    await run.click("#submit")


def every_way() -> FakeDaemon:
    """All but one: to the addressee only."""
    daemon = FakeDaemon.with_campaign()
    modes = tuple([one for one in c.NameMode if one is not c.NameMode.ADDRESSEE])
    daemon.statements[LETTER] = opened(modes=modes, seal=sealing(), unnamed=counting())
    return daemon


def absent() -> FakeDaemon:
    return FakeDaemon(vault=v.VaultState.ABSENT)


def one_invited() -> FakeDaemon:
    """Ana alone in a campaign without a letter; an invitation is open."""
    daemon = FakeDaemon()
    daemon.on_found_campaign(
        c.FoundCampaign(name="Water now", goal="", my_name="", seat=c.Seat.EXILE, channels=("general",))
    )
    daemon.on_make_invitation(
        c.MakeInvitation(campaign=b"", seat=c.Seat.EXILE, lifetime_ms=24 * HOUR_MS, by_file=False)
    )
    return daemon


def locked() -> FakeDaemon:
    return FakeDaemon(vault=v.VaultState.LOCKED)


def met_nearby() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    found = (
        v.NearbyPeerView(
            name="Ben", campaign_name="Maryam comes home", seen_ms=NOW_MS - 40_000, connected=True
        ),
        v.NearbyPeerView(name="Fay", campaign_name="", seen_ms=NOW_MS - 5_000, connected=False),
    )
    daemon.nearby = v.NearbyView(
        until_ms=NOW_MS + 7 * 60_000, listening=True, trouble="", found=found, others=2
    )
    return daemon


def relay(address: str, fault: v.RelayFault, state: v.RelayState, *, keeps_back: int = 0) -> v.RelayView:
    mine = address.startswith("relay")
    return v.RelayView(
        address=address,
        named_by="Ana" if mine else "Ben",
        mine=mine,
        closing=False,
        state=state,
        last_error="" if state is v.RelayState.WORKING else "dial-failed",
        answered_ms=NOW_MS - 60_000,
        taken_ms=NOW_MS - 3_600_000 if mine else -1,
        waiting=0 if mine else 2,
        fault=fault,
        fault_ms=-1 if fault is v.RelayFault.NONE else NOW_MS - 240_000,
        keeps_back=keeps_back,
        through_tor=".onion" in address,
        kept_days=14 if state is v.RelayState.WORKING else 0,
    )


def with_relays() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.relays = (
        relay("relay.example.org:7700", v.RelayFault.NONE, v.RelayState.WORKING),
        relay("box.example.net:7700", v.RelayFault.BEHIND, v.RelayState.WORKING, keeps_back=3),
        relay("old.example.net:7700", v.RelayFault.FALSE, v.RelayState.UNREACHED),
    )
    return daemon


def no_network() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.nearby = v.NearbyView(
        until_ms=NOW_MS + 7 * 60_000, listening=False, trouble="no-network", found=(), others=0
    )
    return daemon


def open_letter() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened()
    return daemon


def signed_letter() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    entries = (*opened().tally.entries, entry("Dov", state=v.EntryState.LATE), entry("Ana"))
    daemon.statements[LETTER] = opened(
        tally=tally(entries), mine=v.EntryState.COUNTED, actions=(v.Action.WITHDRAW, v.Action.RELEASE)
    )
    return daemon


def released_letter() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(
        phase=v.StatementPhase.RELEASED,
        released_ms=NOW_MS - 5 * HOUR_MS,
        released_by="Ben",
        actions=(v.Action.EXPORT, v.Action.ENTER),
        aftermath=(delivery(),),
        course=(
            step(v.CourseStep.RELEASE, v.StepState.DONE),
            step(v.CourseStep.DELIVER, v.StepState.DONE, done=1, of=1),
            step(v.CourseStep.FOLLOW_UP, waits_for=("Ben",), since_ms=NOW_MS - HOUR_MS),
            step(v.CourseStep.OUTCOME, waits_for=("Ana", "Ben"), waits_for_me=True),
        ),
    )
    return daemon


def late_letter() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    entries = (
        *opened().tally.entries,
        entry("Dov", state=v.EntryState.ADDED, addendum=1),
        entry("Eve", state=v.EntryState.LATE),
    )
    daemon.statements[LETTER] = opened(
        phase=v.StatementPhase.RELEASED,
        released_ms=NOW_MS - 5 * HOUR_MS,
        released_by="Ben",
        tally=tally(entries),
        addenda=(
            v.AddendumView(
                number=1,
                at_ms=NOW_MS - HOUR_MS,
                name="Ben",
                organisations=1,
                individuals=0,
                outside=0,
                withdrawals=0,
            ),
        ),
        late=v.LateView(sign_ons=(identifier("sign-on Eve"),), outside=0, withdrawals=()),
        actions=(v.Action.SIGN_LATE, v.Action.ADDENDUM, v.Action.EXPORT),
    )
    return daemon


class ChasedDaemon(FakeDaemon):
    """Two who have not signed: one asked two hours ago, one never."""

    def on_show_chase(self, command: c.ShowChase) -> v.ChaseView:
        view = super().on_show_chase(command)
        assert isinstance(view, v.ChaseView)
        dov = dataclasses.replace(
            view.asked[0],
            state=v.AskedState.REACHED,
            last_seen_ms=NOW_MS - HOUR_MS,
            asked_ms=NOW_MS - 2 * HOUR_MS,
            asked_by="Chi",
            asked_way=c.Way.CALL,
            times=1,
        )
        eve = dataclasses.replace(view.asked[0], author=identifier("author Eve"), name="Eve", connected=True)
        return dataclasses.replace(view, counted=3, asked=(dov, eve))


def chased_letter() -> FakeDaemon:
    daemon = ChasedDaemon.with_campaign()
    daemon.statements[LETTER] = opened()
    return daemon


def in_three_languages() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = TONGUES
    return daemon


def with_offices() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.give_offices()
    return daemon


async def office_step(run: Running) -> None:
    await run.press("enter", "f", "n")
    await run.write("The League")
    await run.click("#submit")
    run.app.screen.query_one("#field-first", PlainInput).value = "Ben"
    run.app.screen.query_one("#field-deputies", PlainInput).value = "Chi, Dov"
    await run.rest()


def with_profiles() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    own = profile(label="me", name="Ana Rahimi", capacity=c.Capacity.INDIVIDUAL, names=(), logo=b"", role="")
    daemon.profiles = [profile(), own]
    return daemon


async def case_shown(run: Running) -> None:
    await run.app.push_screen(CaseScreen(CAMPAIGN, CASE))
    await run.rest()


def counted_letter() -> FakeDaemon:
    """Four are counted and not named."""
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(
        unnamed=counting(), modes=(c.NameMode.NAMED, c.NameMode.ROLE, c.NameMode.COUNTED)
    )
    return daemon


def sealed_letter() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.statements[LETTER] = opened(seal=sealing())
    return daemon


async def compare_words(run: Running) -> None:
    await members(run)
    await run.press("down", "v")


def behind_tor() -> FakeDaemon:
    """Tor alone, and it does not get through."""
    daemon = FakeDaemon.with_campaign()
    sentence = (
        "Tor stands at 45 % and does not get through. Is the machine on the network? If Tor is blocked where "
        "you are, get bridges and give them to `meshcoal tor bridges`."
    )
    daemon.tor = tor_view(
        standing=v.TorStanding.BOOTSTRAPPING, percent=45, code="tor-stuck", sentence=sentence, only_tor=True
    )
    return daemon


def warned() -> FakeDaemon:
    """A second Ben among the contacts, and one who is back in the campaign."""
    daemon = FakeDaemon.with_campaign()
    false_ben = contact("Bén", warned=True, introduced_by="Ben", introduced_ms=NOW_MS - HOUR_MS)
    daemon.contacts[false_ben.person] = false_ben
    returned = warning(
        id=identifier("warning in a campaign", 16),
        kind=v.WarningKind.RETURNED,
        campaign=CAMPAIGN,
        campaign_name="Free Maryam",
    )
    daemon.warnings = {one.id: one for one in (warning(), returned)}
    return daemon


def weak() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.findings = WEAK
    return daemon


def relayed_falsely() -> FakeDaemon:
    """A relay makes things up."""
    daemon = FakeDaemon.with_campaign()
    daemon.warnings = {one.id: one for one in (false_relay(),)}
    return daemon


def kept_from() -> FakeDaemon:
    """A member's device keeps something back."""
    daemon = FakeDaemon.with_campaign()
    daemon.warnings = {one.id: one for one in (withholding(),)}
    return daemon


def in_trouble() -> FakeDaemon:
    daemon = FakeDaemon.with_campaign()
    daemon.campaigns[CAMPAIGN] = troubled()
    return daemon


def with_files() -> FakeDaemon:
    """Scans, pictures and a program, in every state."""
    daemon = FakeDaemon.with_campaign()
    state = v.AttachmentState
    daemon.messages[GENERAL][-2:] = [
        message(50, "Ben", "The ruling, and who was there.", attachments=(
            attachment(), attachment("gate.jpg", 3_400_000, state=state.COMING, held=40, of=108, held_by=2),
        )),
        message(51, "Dov", "", attachments=(
            attachment("evidence.zip", 19_000_000, state=state.ABSENT, held=0, held_by=3, risky=True),
            attachment("hearing.m4a", 900_000, state=state.NOBODY, held=0, held_by=1),
        )),
    ]  # fmt: skip
    return daemon


def introduced() -> FakeDaemon:
    """Ben introduces Fay; Ana has introduced Ben and Chi."""
    daemon = FakeDaemon.with_campaign()
    daemon.introductions = {}
    daemon.acquaintances = {acquaintance().id: acquaintance()}
    daemon.brokered = {brokered().id: brokered()}
    return daemon


# name: (daemon, way there, what must stand there)
SCREENS: dict[str, tuple[Callable[[], FakeDaemon], Visit, tuple[str, ...]]] = {
    "start": (absent, stay, ("Start for real", "Rehearse", "It has not been audited.")),
    "create": (absent, keys("s"), ("Nobody can recover it for you.",)),
    "suggest": (absent, keys("s", "ctrl+n"), ("about 62 bits", "Type them once")),
    "first": (FakeDaemon, keys("s"), ("You are Ana.", "Somebody gave me an invitation", "Rehearse first")),
    "first-further": (one_invited, keys("s"), ("1 invitation of yours waits", "Write your first letter")),
    "first-letter": (one_invited, keys("s", "l"), ("What we ask:",)),
    "unlock": (locked, stay, ("Your passphrase opens the vault",)),
    "home": (FakeDaemon.with_campaign, stay, ("● 2 unread", "! 3 missing", "2 of 3 others connected")),
    "home-empty": (FakeDaemon, stay, ("No campaign yet.",)),
    "found": (FakeDaemon, keys("f"), ("Found a campaign", "(●) in the country")),
    "campaign": (open_letter, keys("enter"), ("# general", "✎ to sign", "3 messages of Chi are missing")),
    "campaign-troubled": (
        in_trouble,
        keys("enter"),
        ("! Ben's device keeps back 3 messages of Dov", "19,700 to come", "31%", "2 messages wait"),
    ),
    "history": (FakeDaemon.with_campaign, keys("enter", "y"), ("Ben let Chi in.", "I founded the campaign.")),
    "campaign-missing": (
        in_trouble,
        keys("enter", "g"),
        ("A broken device does the same", "noticed 3 hours ago"),
    ),
    "channel": (FakeDaemon.with_campaign, channel, ("held 3/4", "I am on my way", "are missing")),
    "channel-holders": (
        FakeDaemon.with_campaign,
        holders,
        ("Held by 3 of 5.", "has written since", "Dov  last met 2 days ago", "Eli  never heard of"),
    ),
    "letter-holders": (open_letter, letter_at("h"), ("Who holds this letter", "– Dov")),
    "channel-files": (with_files, channel, ("ruling.pdf", "37 %", "on 3 of 4", "can do harm when opened")),
    "attach": (FakeDaemon.with_campaign, attaching, ("take out place, time and device", "At most 20 MiB")),
    "letter": (FakeDaemon.with_campaign, letter, ("¶1", "»1", "by Dov", "revision 2 of 2")),
    "letter-comments": (FakeDaemon.with_campaign, letter_at("down", "down", "enter"), ("» Dov, 13:00: Her",)),
    "letter-changes": (FakeDaemon.with_campaign, letter_at("2"), ("[-four-]{+five+}",)),
    "letter-signatures": (signed_letter, letter_at("3"), ("3 signed", "How they came in", "My signature")),
    "languages": (
        in_three_languages,
        letter_at("b"),
        ("! changed since it was translated", "! not translated", "compared by Dov"),
    ),
    "languages-compared": (in_three_languages, letter_at("b", "r", "k"), ("I compared these two",)),
    "offices": (
        with_offices,
        keys("enter", "f"),
        ("Dov may stand in", "✗ taken back", "never if it asks for"),
    ),
    "office-step": (with_offices, office_step, ("Ben decides; Chi, Dov may stand in after 24 hours",)),
    "mandate": (with_offices, keys("enter", "f", "m"), ("Type “mandate”", "Give the mandate")),
    "profiles": (with_profiles, keys("m", "s"), ("centre: The Centre", "logo: 2 by 2 pixels", "no logo")),
    "profile": (with_profiles, keys("m", "s", "enter"), ("For me it is called", "Look at it")),
    "write": (FakeDaemon.with_campaign, letter_at("a"), ("Amend: Free Maryam", "Named in public as")),
    "replies": (
        FakeDaemon.with_replies,
        letter_at("o"),
        ("The Forum", "! a name like another's", "shows a key, not a person"),
    ),
    "read-in": (FakeDaemon.with_replies, letter_at("o", "i"), ("Read in replies", "QR codes are looked for")),
    "paper": (
        FakeDaemon.with_paper,
        letter_at("k"),
        ("Sheet 1, 2026-11-21, entered by you", "! also at: sheet 4, line 7", "taken back"),
    ),
    "sheet": (FakeDaemon.with_paper, sheet_begun, ("Enter a sheet", "  1  Zainab Karimi", "Signs as")),
    "sheet-review": (
        FakeDaemon.with_paper,
        sheet_reviewed,
        ("I saw these 2 people sign this text", "Type “seen”"),
    ),
    "letter-course": (released_letter, letter_at("5"), ("Deliver it", "! ask again now", "The doorman")),
    "case": (FakeDaemon.with_case, case_shown, ("held in the old barracks", "Next: Draft a letter")),
    "case-alert": (FakeDaemon.with_campaign, keys("enter", "a"), ("Alert the members", "no witness")),
    "campaign-alerted": (FakeDaemon.with_case, keys("enter"), ("Cases", "! not answered by you")),
    "home-alerted": (FakeDaemon.with_case, stay, ("! 1 alert unanswered",)),
    "letter-counted": (counted_letter, letter_at("3"), ("Counted, not named: 4", "to be counted by: Dov")),
    "letter-sealed": (
        sealed_letter,
        letter_at("3", "pagedown", "pagedown"),
        ("Sealed: 3 of 5", "9 in person"),
    ),
    "seal": (sealed_letter, letter_at("z"), ("No name is shown before 5 of 12", "Type “understood”")),
    "member-words": (FakeDaemon.with_campaign, compare_words, ("sees these words too", "12 word12")),
    "letter-exact": (open_letter, letter_at("4"), ("Maryam was taken at five",)),
    "freeze": (FakeDaemon.with_campaign, letter_at("f"), ("Type “freeze”", "nobody can change the text")),
    "preview": (open_letter, letter_at("x"), ("2 signatures are on the list", "it cannot be undone")),
    "preview-public": (
        open_letter,
        letter_at("x", "2"),
        ("Everybody can read", "In none of these"),
    ),
    "preview-files": (open_letter, letter_at("x", "3"), ("who signed, as a list", "Signatories: 2")),
    "modes": (every_way, letter_at("s"), ("with my name", "does not permit it")),
    "sign": (open_letter, letter_at("s", "enter"), ("an organisation", "I have read it in")),
    "sign-review": (open_letter, review, ("Exactly this is signed", "To sign, type “sign”")),
    "letter-addenda": (
        late_letter,
        letter_at("3", "pagedown", "pagedown"),
        ("in 1 addendum", "1 late one waits"),
    ),
    "chase": (chased_letter, letter_at("u"), ("3 signatures so far", "by Chi, by a call", "connected now")),
    "chase-ask": (chased_letter, letter_at("u", "a"), ("Better not again", "Please read it")),
    "addendum": (late_letter, letter_at("p"), ("stays as it is", "Eve's League")),
    "release": (signed_letter, letter_at("r"), ("cannot be undone", "3 counted")),
    "members-held-back": (held_back, members, ("held back: an organiser must decide", "let go on (g)")),
    "members": (
        FakeDaemon.with_campaign,
        members,
        ("4 members", "3 behind", "provable since 8 Nov", "provable: all"),
    ),
    "invitation": (FakeDaemon.with_campaign, invitation_shown, ("Whoever has it can use it, once.",)),
    "introductions": (FakeDaemon.with_campaign, keys("n"), ("1. harbour", "8. window", "Press m if all")),
    "contacts": (FakeDaemon.with_campaign, keys("c"), ("✓ words compared", "5. meadow")),
    "contacts-russian": (FakeDaemon.with_campaign, keys("c", "l"), ("5. луг", "Russian words")),
    "contacts-warned": (warned, keys("c"), ("!! WARNING", "is NOT the key", "introduced by Ben")),
    "home-behind-tor": (behind_tor, stay, ("! Tor stands at 45 %", "meshcoal tor bridges")),
    "home-warned": (warned, stay, ("!! WARNING", "And 1 more")),
    "home-withheld": (kept_from, stay, ("!! WARNING", "KEEPS BACK")),
    "warnings-withheld": (kept_from, keys("k"), ("KEEPS BACK", "It showed that it has", "An")),
    "warnings-relay": (relayed_falsely, keys("k"), ("MADE UP something", "Nothing false got in")),
    "warnings": (warned, keys("k"), ("This is not the key you compared words with", "is back")),
    "key": (FakeDaemon.with_campaign, keys("c", "v"), ("The key of Ben", "Paste here what it holds")),
    "introduced": (introduced, keys("n"), ("introduced by Ben", "Only Ben says", "You introduced Ben")),
    "introduced-accept": (introduced, keys("n", "a"), ("Accept Fay", "compare words with Fay afterwards")),
    "identity": (FakeDaemon.with_campaign, keys("m"), ("My fingerprint in words", "192.0.2.7:4040")),
    "settings": (
        with_relays,
        keys("f4"),
        ("Who can see you", "Your device reaches others by plain addresses alone.", "every way is used"),
    ),
    "setting": (
        FakeDaemon.with_campaign,
        keys("f4", "enter"),
        ("● Your device reaches others by plain addresses alone.", "It needs a tor program"),
    ),
    "setting-weaker": (
        behind_tor,
        keys("f4", "enter", "down", "enter"),
        ("This guards you less than what holds now.", "Guard less"),
    ),
    "posture": (
        weak,
        keys("v"),
        (
            "!! grave  2 warnings",
            "has been open for 9 days",
            "you compared no words with 2 of 3",
            "cannot know",
        ),
    ),
    "posture-nothing": (FakeDaemon.with_campaign, keys("v"), ("That is no proof that you are safe",)),
    "network-relays": (
        with_relays,
        keys("w"),
        ("✓ works", "may be keeping back 3 envelopes", "Nothing false got in"),
    ),
    "reach-ways": (
        FakeDaemon.with_campaign,
        keys("c", "w", "down", "a"),
        ("Ways to Chi", "Nothing but Tor", "by your choice for the campaign"),
    ),
    "reach": (FakeDaemon.with_campaign, keys("c", "w"), ("Over Tor: worked last on", "By a stick or paper")),
    "relays": (
        with_relays,
        keys("w", "r"),
        ("✓ works", "keeps what is there 14 days", "it sees your network address"),
    ),
    "relays-none": (FakeDaemon.with_campaign, keys("w", "r"), ("No relay is used.", "n adds it")),
    "relay-add": (
        with_relays,
        keys("w", "r", "n"),
        ("Line of the relay", "Add two, of people who do not"),
    ),
    "relay-remove": (with_relays, keys("w", "r", "x"), ("For two weeks your devices still read",)),
    "network-steady": (
        FakeDaemon.with_campaign,
        keys("w", "t"),
        ("Whoever watches your network", "every 5 seconds", "It does not hide"),
    ),
    "network": (FakeDaemon.with_campaign, keys("w"), ("connected by websocket", "bad-seal")),
    "nearby-off": (FakeDaemon.with_campaign, keys("b"), ("Off. Nothing is announced", "b begins.")),
    "nearby-begin": (FakeDaemon.with_campaign, keys("b", "b"), ("no name, and nothing they could know",)),
    "nearby-on": (met_nearby, keys("b"), ("Ben  Maryam comes home · connected", "2 announcements")),
    "nearby-trouble": (no_network, keys("b"), ("This network cannot be used",)),
    "stick-write": (
        FakeDaemon.with_campaign,
        keys("enter", "w"),
        ("Can be opened by: Ben", "May not be able to open it: Chi"),
    ),
    "slips": (FakeDaemon.with_campaign, keys("p"), ("Nothing read yet.", "square codes and numbers")),
    "slips-part": (FakeDaemon.with_campaign, paper_partly_read, ("3 of 4 codes read",)),
    "slips-write": (FakeDaemon.with_campaign, keys("enter", "p", "w"), ("Can be opened by: Ben", "no files")),
    "invitation-long": (FakeDaemon.with_campaign, long_invitation_shown, ("It is long",)),
    "accept": (FakeDaemon.with_campaign, keys("a"), ("by a file, on a stick",)),
    "stick-read": (FakeDaemon.with_campaign, keys("enter", "r"), ("Nothing is taken in before you say so",)),
    "stick-take": (
        FakeDaemon.with_campaign,
        stick_looked_at,
        ("12 new of 30", "2 parts are for nobody", "!! WARNING: something in it is"),
    ),
    "help": (FakeDaemon.with_campaign, keys("question_mark"), ("Found a new campaign.",)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
async def test_screen_looks_as_kept(name: str, language: str) -> None:
    """Goal: a change of looks is seen and meant. Method: compare text and styles with those kept."""
    picture = await drawn(name, language)
    compare(name, language, picture)
    check(picture, language, SCREENS[name][2])


def test_no_picture_is_left_over() -> None:
    """Goal: kept pictures are those compared. Method: compare names."""
    expected = {kept_at(name, language) for name in SCREENS for language in LANGUAGES}
    assert {path for path in SNAPSHOTS.rglob("*") if path.is_file()} == expected


def test_the_draft_double_has_two_revisions() -> None:
    """Goal: pictures of differences show one. Method: look at the double."""
    assert len(draft().revisions) == 2

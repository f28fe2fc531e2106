"""Everything a person can do in the interface: one entry per action.

Law: an action has one name, one place or several, keys that every terminal lets through, a label for the
footer and a sentence for help. Footer, help, palette, docs/reference/keys.md and the tests read this list;
nothing is bound outside it, but for moving about inside a list or a text.

No Alt, no Ctrl+S, Ctrl+Z or Ctrl+C, no F10 or F11: terminals, multiplexers and browsers keep those.
"""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

from meshcoal.tui.action import Action as Action
from meshcoal.tui.action import at
from meshcoal.tui.action import shown_key as shown_key
from meshcoal.tui.first_actions import FIRST_ACTIONS
from meshcoal.tui.letter_actions import LETTER_ACTIONS
from meshcoal.tui.locale import _, pgettext
from meshcoal.tui.talk_actions import TALK_ACTIONS
from meshcoal.tui.watch_actions import WATCH_ACTIONS

EVERYWHERE: Final = "everywhere"


_PEOPLE: Final = "introductions contacts"
_PLACES_WITH_BACK: Final = (
    "first suggest "
    "create campaign channel case statement replies write sign members invitations invitation introductions "
    "search contacts identity network relays nearby reach key warnings languages offices profiles chase "
    "paper sheet slips history modes preview settings setting posture"
)
_WARNED: Final = "home campaign members introductions contacts"

ACTIONS: Final[tuple[Action, ...]] = (
    # Everywhere
    at(EVERYWHERE, "help", "question_mark f1", _("Help"), _("Show the keys of this screen.")),
    at(
        EVERYWHERE,
        "command_palette",
        "ctrl+p",
        _("Find an action"),
        _("Search all actions of this screen by name."),
        footer=False,
        priority=True,
    ),
    at(
        EVERYWHERE,
        "lock",
        "ctrl+l",
        _("Lock"),
        _("Close the vault at once and hang up. What you were writing is kept in it."),
        footer=False,
        priority=True,
    ),
    at(
        EVERYWHERE,
        "contrast",
        "ctrl+t",
        _("Contrast"),
        _("Go on to the next look: dark, light, both in high contrast, no colours."),
        footer=False,
        priority=True,
    ),
    at(
        EVERYWHERE,
        "tongue",
        "f2",
        _("Language"),
        _("Choose the language of the interface, and who turns lines from right to left."),
        footer=False,
        priority=True,
    ),
    at(
        EVERYWHERE,
        "settings",
        "f4",
        _("Settings"),
        _("Show what holds on this device, in sentences, and change it."),
        footer=False,
        priority=True,
    ),
    at(
        EVERYWHERE,
        "quit",
        "ctrl+q",
        _("Quit"),
        _("Leave the interface. The daemon goes on receiving until you lock it."),
        footer=False,
        priority=True,
    ),
    *WATCH_ACTIONS,
    # The first screens
    at("start", "real", "s", _("Start for real"), _("Make an identity and choose a passphrase.")),
    at("start", "rehearse", "r", _("Rehearse"), _("Practise with five others on this machine.")),
    *FIRST_ACTIONS,
    at("unreachable", "again", "r", _("Try again"), _("Try once more to start and reach the daemon.")),
    at(_PLACES_WITH_BACK, "back", "escape", _("Back"), _("Return to the screen before.")),
    # Home
    at("home", "open", "enter", _("Open"), _("Open the chosen campaign.")),
    at("home", "found", "f", _("Found"), _("Found a new campaign.")),
    at("home", "accept", "a", _("Accept"), _("Accept an invitation that somebody gave you.")),
    at("home", "invitations", "i", _("Invite"), _("Invite somebody, and see open invitations.")),
    at("home", "introductions", "n", _("New people"), _("Compare words and admit people.")),
    at("home", "contacts", "c", _("Contacts"), _("The people you know, and their words.")),
    at("home", "identity", "m", _("Me"), _("Your name, words, addresses and passphrase.")),
    at(
        "home",
        "network",
        "w",
        _("Network"),
        _("Who is connected, and what was refused."),
        footer=False,
    ),
    at(
        "home",
        "nearby",
        "b",
        _("Nearby"),
        _("Meet people you know on this network, without internet."),
        footer=False,
    ),
    at(
        "home settings",
        "posture",
        "v",
        _("Weak spots"),
        _("What would hurt most if somebody took this machine, watched, or was arrested."),
        footer=False,
    ),
    at("settings", "open", "enter", _("Change"), _("Show what else the chosen setting could be.")),
    at("setting", "take", "enter", _("Choose"), _("Have the chosen sentence hold.")),
    at("posture", "open", "enter", _("Mend it"), _("Go to where the chosen weak spot is mended.")),
    at("network", "steady", "t", _("Constant rate"), _("Send the same all the time, or when you write.")),
    at("network", "data", "d", _("Data"), _("Save battery and data, and set caps.")),
    at(
        "home campaign",
        "slips",
        "p",
        _("Paper, sticks"),
        _("Read what somebody brought on paper or on a stick; make pages to print."),
        footer=False,
    ),
    at("slips", "photos", "r", _("Read pictures"), _("Read pages from pictures, in any order.")),
    at("slips", "take", "t", _("Take in"), _("Look at what was read, and take it in.")),
    at("slips", "write", "w", _("Make pages"), _("Make pages to print of what the others lack.")),
    at(
        "slips",
        "stick",
        "s",
        _("Read a stick"),
        _("Look at what somebody brought on a stick, and take it in."),
    ),
    at("slips", "anew", "x", _("Begin anew"), _("Forget the pictures that were read."), footer=False),
    at("network", "relays", "r", _("Relays"), _("Add relays, take them away, ask whether one works.")),
    at(
        "relays",
        "add_relay",
        "n",
        _("Add"),
        _("Add a relay by the line that somebody gave you; it serves all members."),
    ),
    at("relays", "check_relay", "c", _("Ask now"), _("Ask the chosen relay now whether it works.")),
    at("relays", "drop_relay", "x", _("Take away"), _("Have nobody post any more at a relay you added.")),
    at("nearby", "begin", "b", _("Begin"), _("Announce this computer on this network for ten minutes.")),
    at("nearby", "silent", "x", _("Be silent"), _("Announce nothing more. Connections go on.")),
    at(
        _WARNED,
        "warnings",
        "k",
        _("Warnings"),
        _("Names under another key than before; devices that keep something back."),
        footer=False,
    ),
    # Campaign
    at("campaign", "open", "enter", _("Open"), _("Open the chosen channel, case or letter.")),
    at("campaign", "draft", "d", _("Draft"), _("Begin a joint letter.")),
    at("campaign", "alert", "a", _("Alert"), _("Alert the members: something happened to somebody.")),
    at("campaign", "channel", "o", _("New channel"), _("Open a further channel.")),
    at("campaign", "members", "m", _("Members"), _("Who takes part, and in what role.")),
    at(
        "campaign",
        "missing",
        "g",
        _("What is missing"),
        _("Show what is missing, since when, and whose devices keep something back."),
        footer=False,
    ),
    at(
        "campaign",
        "history",
        "y",
        _("What happened"),
        _("Who came and went, what was decided, how letters went; the newest first."),
        footer=False,
    ),
    at("history", "open", "enter", _("Open"), _("Open the letter or case that the chosen line is about.")),
    at("campaign", "invite", "i", _("Invite"), _("Invite somebody into this campaign.")),
    at(
        "campaign",
        "carry",
        "w",
        _("Write a stick"),
        _("Write what the others lack to files that look random, to be carried by hand."),
        footer=False,
    ),
    at(
        "campaign",
        "unpack",
        "r",
        _("Read a stick"),
        _("Look at what somebody brought on a stick, and take it in."),
        footer=False,
    ),
    at(
        "campaign",
        "limits",
        "l",
        _("Rules"),
        _("Consent before a release, largest file; organisers change them."),
        footer=False,
    ),
    at(
        "campaign",
        "renew",
        "n",
        _("New keys"),
        _("Take new keys, as when this device was in other hands."),
        footer=False,
    ),
    at(
        "campaign",
        "leave",
        "x",
        _("Leave"),
        _("Leave the campaign. What is here stays readable."),
        footer=False,
    ),
    at(
        "campaign",
        "offices",
        "f",
        _("Offices"),
        _("How organisations with several members here decide that they sign; mandates."),
        footer=False,
    ),
    # Offices
    at("offices", "open", "enter", _("Show"), _("Show the chosen office or mandate in full."), footer=False),
    at(
        "offices", "new", "n", _("New office"), _("Say by which steps an organisation decides that it signs.")
    ),
    at("offices", "change", "e", _("Change"), _("Change the chosen office.")),
    at("offices", "mandate", "m", _("Mandate"), _("Let somebody sign for the chosen office, within bounds.")),
    at("offices", "revoke", "x", _("Revoke"), _("Take the chosen mandate back.")),
    # Channel
    at("channel", "send", "enter", _("Send"), _("Send what is written below.")),
    at(
        "channel",
        "newline",
        "ctrl+j",
        _("New line"),
        _("Begin a new line in the message."),
    ),
    at(
        "channel",
        "reply",
        "ctrl+r",
        _("Reply"),
        _("Answer the chosen message; once more to stop answering it."),
        priority=True,
    ),
    at(
        "channel",
        "attach",
        "ctrl+f",
        _("File"),
        _("Attach a file to the message; once more takes it back."),
        priority=True,
    ),
    at(
        "channel",
        "file",
        "ctrl+o",
        _("Save"),
        _("Fetch the files of the chosen message; stop what is coming; save what is here."),
        priority=True,
        footer=False,
    ),
    at(
        "channel",
        "holders",
        "ctrl+g",
        _("Who has it"),
        _("Show who is known to hold the chosen message, and who not yet."),
        priority=True,
        footer=False,
    ),
    at(
        "channel",
        "older",
        "pageup",
        _("Older"),
        _("Go up, and load older messages at the top."),
        priority=True,
        footer=False,
    ),
    at(
        "channel",
        "switch",
        "tab",
        _("Choose"),
        _("Change between the messages and the line you write on."),
        priority=True,
    ),
    *TALK_ACTIONS,
    *LETTER_ACTIONS,
    # Members
    at(
        "members",
        "role",
        "r",
        pgettext("what a key does", "Role"),
        _("Change the chosen member's seat or role."),
    ),
    at("members", "words", "v", _("Words"), _("Compare words with the chosen member, in person.")),
    at("members", "restore", "g", _("Let go on"), _("Let the chosen member go on who is held back.")),
    at("members", "reach", "w", _("Paths"), _("How to reach them: which paths work, and what to try.")),
    at("members", "remove", "x", _("Remove"), _("Remove the chosen member and change all keys.")),
    # Invitations
    at("invitations", "new", "n", _("New"), _("Make an invitation that works once.")),
    at("invitations", "open", "enter", _("Show"), _("Show the chosen invitation.")),
    at("invitations", "revoke", "x", _("Revoke"), _("Make the chosen invitation worthless.")),
    at("invitation", "copy", "c", _("Copy"), _("Put the invitation on the clipboard.")),
    at("invitation", "save", "s", _("Save"), _("Write the invitation to a file.")),
    at("invitation", "print", "p", _("Print"), _("Make a page of codes of the invitation, to print.")),
    # People
    at(_PEOPLE, "match", "m", _("Match"), _("You compared the words aloud, and they are the same.")),
    at(_PEOPLE, "differ", "d", _("Differ"), _("The words were not the same: cut this contact off.")),
    at(
        f"{_PEOPLE} identity",
        "words",
        "l",
        _("Word list"),
        _("Show the words in another list: English or Russian. Both people must see the same list."),
    ),
    at(
        "introductions",
        "admit",
        "a",
        _("Admit"),
        _("Let the chosen person into the campaign, or accept whom a contact introduces."),
    ),
    at("introductions", "refuse", "x", _("Refuse"), _("Turn the chosen person down.")),
    at(
        "introductions",
        "answer",
        "r",
        _("Reply by file"),
        _("Tell the chosen person, who asked by a file, what you decided: on a stick or on paper."),
        footer=False,
    ),
    at("contacts", "key", "v", _("Key"), _("Compare keys by a QR code instead of by words.")),
    at(
        "contacts",
        "introduce",
        "i",
        _("Introduce"),
        _("Make the chosen contact known to another one: press it on the first, then on the second."),
    ),
    at("contacts", "petname", "p", _("Rename"), _("Give the contact a name that only you see.")),
    at(
        "contacts",
        "forget",
        "x",
        _("Forget"),
        _("Erase the contact. Campaigns stay as they are."),
        footer=False,
    ),
    at(
        "contacts",
        "reach",
        "w",
        _("Paths"),
        _("How to reach them: which paths work, and what to try."),
        footer=False,
    ),
    # How to reach people
    at("reach", "ways", "a", _("Allow"), _("Choose which ways may be used towards the chosen person.")),
    at("reach", "campaign", "c", _("Campaign"), _("Choose which ways this campaign may use.")),
    # Warnings
    at("warnings", "keep", "k", _("Put away"), _("Put the chosen warning away, after asking them.")),
    # A contact's key
    at("key", "compare", "enter", _("Compare"), _("Compare the pasted text with the key kept here.")),
    # Me
    # How I sign
    at("profiles", "new", "n", _("New"), _("Enter how you sign, once.")),
    at("profiles", "open", "enter", _("Change"), _("Change the chosen profile.")),
    at("profiles", "remove", "x", _("Remove"), _("Take the chosen profile off this device.")),
    at("identity", "profiles", "s", _("How I sign"), _("Your profiles: names in several scripts, logo.")),
    at("identity", "name", "n", _("Name"), _("Change the name that others see.")),
    at("identity", "hints", "h", _("Addresses"), _("Set where others reach this machine.")),
    at("identity", "passphrase", "p", _("Passphrase"), _("Choose a new passphrase.")),
)


def actions_at(place: str) -> tuple[Action, ...]:
    """What can be done at a place, its own actions before those that work everywhere."""
    own = [action for action in ACTIONS if place in action.places]
    return (*own, *[action for action in ACTIONS if EVERYWHERE in action.places])


def places() -> tuple[str, ...]:
    """All places that actions name, in order."""
    return tuple(dict.fromkeys(place for action in ACTIONS for place in action.places))


def bindings(place: str) -> list[BindingType]:
    """The keys of a place, for a screen's `BINDINGS`."""
    return [_binding(action) for action in ACTIONS if place in action.places]


def _binding(action: Action) -> Binding:
    return Binding(
        ",".join(action.keys),
        action.name,
        action.label,
        show=action.footer,
        key_display=action.shown_key,
        priority=action.priority,
    )

"""Everything a person can do in the interface: one entry per action.

Law: an action has one name, one place or several, keys that every terminal lets through, a label for the
footer and a sentence for help. Footer, help, palette, docs/reference/keys.md and the tests read this list;
nothing is bound outside it, but for moving about inside a list or a text.

No Alt, no Ctrl+S, Ctrl+Z or Ctrl+C, no F10 or F11: terminals, multiplexers and browsers keep those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType

from meshcoal.tui.locale import _

EVERYWHERE: Final = "everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`name` is the method `action_NAME` of the screen or the app; the first key is the one shown."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    places: tuple[str, ...]
    footer: bool = True
    priority: bool = False  # works while a text is being written

    @property
    def shown_key(self) -> str:
        return shown_key(self.keys[0]) if self.keys else ""


_KEY_NAMES: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "question_mark": "?",
    "comma": ",",
    "full_stop": ".",
    "tab": "Tab",
    "f1": "F1",
}


def shown_key(key: str) -> str:
    """How a key is written for people."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    return _KEY_NAMES.get(key, key)


def _at(
    places: str,
    name: str,
    keys: str,
    label: str,
    sentence: str,
    *,
    footer: bool = True,
    priority: bool = False,
) -> Action:
    return Action(
        name=name,
        keys=tuple(keys.split()),
        label=label,
        help=sentence,
        places=tuple(places.split()),
        footer=footer,
        priority=priority,
    )


_PEOPLE: Final = "introductions contacts"
_PLACES_WITH_BACK: Final = (
    "create campaign channel case statement replies write sign members invitations invitation introductions "
    "contacts identity network key warnings"
)
_WARNED: Final = "home campaign members introductions contacts"

ACTIONS: Final[tuple[Action, ...]] = (
    # Everywhere
    _at(EVERYWHERE, "help", "question_mark f1", _("Help"), _("Show the keys of this screen.")),
    _at(
        EVERYWHERE,
        "command_palette",
        "ctrl+p",
        _("Find an action"),
        _("Search all actions of this screen by name."),
        footer=False,
        priority=True,
    ),
    _at(
        EVERYWHERE,
        "lock",
        "ctrl+l",
        _("Lock"),
        _("Close the vault at once and hang up. Drafts in this window are kept until it closes."),
        footer=False,
        priority=True,
    ),
    _at(
        EVERYWHERE,
        "contrast",
        "ctrl+t",
        _("Contrast"),
        _("Change between calm colours and high contrast."),
        footer=False,
        priority=True,
    ),
    _at(
        EVERYWHERE,
        "quit",
        "ctrl+q",
        _("Quit"),
        _("Leave the interface. The daemon goes on receiving until you lock it."),
        footer=False,
        priority=True,
    ),
    # The first screens
    _at("start", "real", "s", _("Start for real"), _("Make an identity and choose a passphrase.")),
    _at("start", "rehearse", "r", _("Rehearse"), _("Practise with five others on this machine.")),
    _at("unreachable", "again", "r", _("Try again"), _("Try once more to start and reach the daemon.")),
    _at(_PLACES_WITH_BACK, "back", "escape", _("Back"), _("Return to the screen before.")),
    # Home
    _at("home", "open", "enter", _("Open"), _("Open the chosen campaign.")),
    _at("home", "found", "f", _("Found"), _("Found a new campaign.")),
    _at("home", "accept", "a", _("Accept"), _("Accept an invitation that somebody gave you.")),
    _at("home", "invitations", "i", _("Invite"), _("Invite somebody, and see open invitations.")),
    _at("home", "introductions", "n", _("New people"), _("Compare words and admit people.")),
    _at("home", "contacts", "c", _("Contacts"), _("The people you know, and their words.")),
    _at("home", "identity", "m", _("Me"), _("Your name, words, addresses and passphrase.")),
    _at(
        "home",
        "network",
        "w",
        _("Network"),
        _("Who is connected, and what was refused."),
        footer=False,
    ),
    _at(
        _WARNED,
        "warnings",
        "k",
        _("Warnings"),
        _("Names under another key than before; devices that keep something back."),
        footer=False,
    ),
    # Campaign
    _at("campaign", "open", "enter", _("Open"), _("Open the chosen channel, case or letter.")),
    _at("campaign", "draft", "d", _("Draft"), _("Begin a joint letter.")),
    _at("campaign", "alert", "a", _("Alert"), _("Alert the members: something happened to somebody.")),
    _at("campaign", "channel", "o", _("New channel"), _("Open a further channel.")),
    _at("campaign", "members", "m", _("Members"), _("Who takes part, and in what role.")),
    _at(
        "campaign",
        "missing",
        "g",
        _("What is missing"),
        _("Show what is missing, since when, and whose devices keep something back."),
        footer=False,
    ),
    _at("campaign", "invite", "i", _("Invite"), _("Invite somebody into this campaign.")),
    _at(
        "campaign",
        "limits",
        "l",
        _("Rules"),
        _("Consent before a release, largest file; organisers change them."),
        footer=False,
    ),
    _at(
        "campaign",
        "renew",
        "n",
        _("New keys"),
        _("Take new keys, as when this device was in other hands."),
        footer=False,
    ),
    _at(
        "campaign",
        "leave",
        "x",
        _("Leave"),
        _("Leave the campaign. What is here stays readable."),
        footer=False,
    ),
    # Channel
    _at("channel", "send", "enter", _("Send"), _("Send what is written below.")),
    _at(
        "channel",
        "newline",
        "ctrl+j",
        _("New line"),
        _("Begin a new line in the message."),
    ),
    _at(
        "channel",
        "reply",
        "ctrl+r",
        _("Reply"),
        _("Answer the chosen message; once more to stop answering it."),
        priority=True,
    ),
    _at(
        "channel",
        "attach",
        "ctrl+f",
        _("File"),
        _("Attach a file to the message; once more takes it back."),
        priority=True,
    ),
    _at(
        "channel",
        "file",
        "ctrl+o",
        _("Save"),
        _("Fetch the files of the chosen message; stop what is coming; save what is here."),
        priority=True,
        footer=False,
    ),
    _at(
        "channel",
        "holders",
        "ctrl+g",
        _("Who has it"),
        _("Show who is known to hold the chosen message, and who not yet."),
        priority=True,
        footer=False,
    ),
    _at(
        "channel",
        "older",
        "pageup",
        _("Older"),
        _("Go up, and load older messages at the top."),
        priority=True,
        footer=False,
    ),
    _at(
        "channel",
        "switch",
        "tab",
        _("Choose"),
        _("Change between the messages and the line you write on."),
        priority=True,
    ),
    # Statement
    _at("statement", "text", "1", _("Text"), _("Show the text with its comments."), footer=False),
    _at(
        "statement",
        "changes",
        "2",
        _("Changes"),
        _("Show what this revision changed."),
        footer=False,
    ),
    _at(
        "statement",
        "signatures",
        "3",
        _("Signatures"),
        _("Show the count and who has signed."),
        footer=False,
    ),
    _at(
        "statement",
        "exact",
        "4",
        _("Exact text"),
        _("Show, letter for letter, what is signed."),
        footer=False,
    ),
    _at(
        "statement",
        "course",
        "5",
        _("Course"),
        _("Show what comes next and for whom it waits, and what happened since the release."),
        footer=False,
    ),
    _at("statement", "language", "l", _("Language"), _("Go to the next language.")),
    _at(
        "statement",
        "older_revision",
        "comma",
        _("Older revision"),
        _("Show the revision before."),
        footer=False,
    ),
    _at(
        "statement",
        "newer_revision",
        "full_stop",
        _("Newer revision"),
        _("Show the revision after."),
        footer=False,
    ),
    _at(
        "statement",
        "holders",
        "h",
        _("Who has it"),
        _("Show who is known to hold the letter with all its signatures, and who not yet."),
        footer=False,
    ),
    _at(
        "statement",
        "chase",
        "u",
        _("Whom to ask"),
        _("Show who could sign and has not, and what is known of each."),
        footer=False,
    ),
    _at("statement", "comment", "c", _("Comment"), _("Comment on the chosen paragraph.")),
    _at(
        "statement",
        "file",
        "ctrl+o",
        _("Save files"),
        _("Fetch the files at the chosen paragraph; stop what is coming; save what is here."),
        footer=False,
    ),
    _at("statement", "amend", "a", _("Amend"), _("Write a new revision of the text shown.")),
    _at(
        "statement",
        "merge",
        "m",
        _("Merge"),
        _("Make one text of two that stand side by side; what both changed is yours to decide."),
    ),
    _at("statement", "translate", "t", _("Translate"), _("Add the text in a further language.")),
    _at(
        "statement",
        "freeze",
        "f",
        _("Freeze"),
        _("Fix texts, addressees and deadline, and open the letter for signing."),
    ),
    _at(
        "statement",
        "revise",
        "v",
        _("New version"),
        _("Freeze a changed text as the next version, for which everybody signs anew."),
    ),
    _at("statement", "sign", "s", _("Sign"), _("Sign the frozen text.")),
    _at("statement", "decide", "y", _("Decide"), _("Decide your step of an organisation's request.")),
    _at("statement", "seal", "z", _("Sign sealed"), _("Sign so that nobody sees it until enough have.")),
    _at("statement", "withdraw", "w", _("Withdraw"), _("Withdraw your signature.")),
    _at("statement", "release", "r", _("Release"), _("Fix the list of signatories and publish.")),
    _at("statement", "export", "e", _("Export"), _("Write the released files to a folder.")),
    _at(
        "statement",
        "enter",
        "n",
        _("What happened"),
        _("Enter a delivery, a reply, when to ask again, the outcome, reprisals, lessons."),
    ),
    _at(
        "statement",
        "replies",
        "o",
        _("Outside"),
        _("Look at what people outside the campaign signed, and decide on it."),
        footer=False,
    ),
    # Replies from outside
    _at("replies", "accept", "a", _("Accept"), _("Put the chosen reply onto the letter.")),
    _at("replies", "ask_about", "n", _("Ask first"), _("Note what is to be asked about the chosen reply.")),
    _at("replies", "refuse", "x", _("Refuse"), _("Leave the chosen reply off the letter.")),
    _at("replies", "accept_all", "A", _("Accept all"), _("Accept all that wait and are not marked.")),
    # Case
    _at("case", "open", "enter", _("Open"), _("Open the chosen letter.")),
    _at("case", "answer", "a", _("Answer"), _("Say that you have read the alert, and what you do.")),
    _at("case", "fact", "f", _("Fact"), _("Enter what is known.")),
    _at("case", "source", "s", _("Source"), _("Name who or what supports the chosen fact, or the alert.")),
    _at("case", "consent", "p", _("Publicity"), _("Enter what those concerned say to publicity.")),
    _at("case", "draft", "d", _("Draft"), _("Begin a joint letter about the case.")),
    _at("case", "correct", "w", _("Write anew"), _("Write the chosen entry of yours anew."), footer=False),
    _at("case", "close", "x", _("Close"), _("Close the case, or open it again."), footer=False),
    # Writing a text
    _at("write", "save", "ctrl+o", _("Save"), _("Put the text before the others."), priority=True),
    # Signing
    _at(
        "sign",
        "confirm",
        "ctrl+o",
        _("Sign"),
        _("Sign what is shown, once the word is typed."),
        priority=True,
    ),
    # Members
    _at("members", "role", "r", _("Role"), _("Change the chosen member's seat or role.")),
    _at("members", "words", "v", _("Words"), _("Compare words with the chosen member, in person.")),
    _at("members", "restore", "g", _("Let go on"), _("Let the chosen member go on who is held back.")),
    _at("members", "remove", "x", _("Remove"), _("Remove the chosen member and change all keys.")),
    # Invitations
    _at("invitations", "new", "n", _("New"), _("Make an invitation that works once.")),
    _at("invitations", "open", "enter", _("Show"), _("Show the chosen invitation.")),
    _at("invitations", "revoke", "x", _("Revoke"), _("Make the chosen invitation worthless.")),
    _at("invitation", "copy", "c", _("Copy"), _("Put the invitation on the clipboard.")),
    _at("invitation", "save", "s", _("Save"), _("Write the invitation to a file.")),
    # People
    _at(_PEOPLE, "match", "m", _("Match"), _("You compared the words aloud, and they are the same.")),
    _at(_PEOPLE, "differ", "d", _("Differ"), _("The words were not the same: cut this contact off.")),
    _at(
        f"{_PEOPLE} identity",
        "words",
        "l",
        _("Word list"),
        _("Show the words in another list: English or Russian. Both people must see the same list."),
    ),
    _at(
        "introductions",
        "admit",
        "a",
        _("Admit"),
        _("Let the chosen person into the campaign, or accept whom a contact introduces."),
    ),
    _at("introductions", "refuse", "x", _("Refuse"), _("Turn the chosen person down.")),
    _at("contacts", "key", "v", _("Key"), _("Compare keys by a QR code instead of by words.")),
    _at(
        "contacts",
        "introduce",
        "i",
        _("Introduce"),
        _("Make the chosen contact known to another one: press it on the first, then on the second."),
    ),
    _at("contacts", "petname", "p", _("Rename"), _("Give the contact a name that only you see.")),
    _at(
        "contacts",
        "forget",
        "x",
        _("Forget"),
        _("Erase the contact. Campaigns stay as they are."),
        footer=False,
    ),
    # Warnings
    _at("warnings", "keep", "k", _("Put away"), _("Put the chosen warning away, after asking them.")),
    # A contact's key
    _at("key", "compare", "enter", _("Compare"), _("Compare the pasted text with the key kept here.")),
    # Me
    _at("identity", "name", "n", _("Name"), _("Change the name that others see.")),
    _at("identity", "hints", "h", _("Addresses"), _("Set where others reach this machine.")),
    _at("identity", "passphrase", "p", _("Passphrase"), _("Choose a new passphrase.")),
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

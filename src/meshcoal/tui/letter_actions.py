"""What a person can do with a letter: read, write, compare, sign, decide, release; and with a case.

Law: as in `tui.actions`, of which this is a part.
"""

from __future__ import annotations

from typing import Final

from meshcoal.tui.action import Action, at
from meshcoal.tui.locale import _

LETTER_ACTIONS: Final[tuple[Action, ...]] = (
    # Statement
    at("statement", "text", "1", _("Text"), _("Show the text with its comments."), footer=False),
    at(
        "statement",
        "changes",
        "2",
        _("Changes"),
        _("Show what this revision changed."),
        footer=False,
    ),
    at(
        "statement",
        "signatures",
        "3",
        _("Signatures"),
        _("Show the count and who has signed."),
        footer=False,
    ),
    at(
        "statement",
        "exact",
        "4",
        _("Exact text"),
        _("Show, letter for letter, what is signed."),
        footer=False,
    ),
    at(
        "statement",
        "course",
        "5",
        _("Course"),
        _("Show what comes next and for whom it waits, and what happened since the release."),
        footer=False,
    ),
    at("statement", "language", "l", _("Language"), _("Go to the next language.")),
    at(
        "statement",
        "beside",
        "b",
        _("Side by side"),
        _("Read two languages side by side, and compare them."),
        footer=False,
    ),
    at(
        "statement",
        "older_revision",
        "comma",
        _("Older revision"),
        _("Show the revision before."),
        footer=False,
    ),
    at(
        "statement",
        "newer_revision",
        "full_stop",
        _("Newer revision"),
        _("Show the revision after."),
        footer=False,
    ),
    at(
        "statement",
        "holders",
        "h",
        _("Who has it"),
        _("Show who is known to hold the letter with all its signatures, and who not yet."),
        footer=False,
    ),
    at(
        "statement",
        "chase",
        "u",
        _("Whom to ask"),
        _("Show who could sign and has not, and what is known of each."),
        footer=False,
    ),
    at("statement", "comment", "c", _("Comment"), _("Comment on the chosen paragraph.")),
    at(
        "statement",
        "file",
        "ctrl+o",
        _("Save files"),
        _("Fetch the files at the chosen paragraph; stop what is coming; save what is here."),
        footer=False,
    ),
    at("statement", "amend", "a", _("Amend"), _("Write a new revision of the text shown.")),
    at(
        "statement",
        "merge",
        "m",
        _("Merge"),
        _("Make one text of two that stand side by side; what both changed is yours to decide."),
    ),
    at("statement", "translate", "t", _("Translate"), _("Add the text in a further language.")),
    at(
        "statement",
        "freeze",
        "f",
        _("Freeze"),
        _("Fix texts, addressees and deadline, and open the letter for signing."),
    ),
    at(
        "statement",
        "revise",
        "v",
        _("New version"),
        _("Freeze a changed text as the next version, for which everybody signs anew."),
    ),
    at("statement", "sign", "s", _("Sign"), _("Sign the frozen text.")),
    at("statement", "decide", "y", _("Decide"), _("Decide your step of an organisation's request.")),
    at(
        "statement",
        "request",
        "q",
        _("Ask an office"),
        _("Ask an organisation with several members here to sign, step by step."),
        footer=False,
    ),
    at("statement", "seal", "z", _("Sign sealed"), _("Sign so that nobody sees it until enough have.")),
    at("statement", "withdraw", "w", _("Withdraw"), _("Withdraw your signature.")),
    at("statement", "release", "r", _("Release"), _("Fix the list of signatories and publish.")),
    at(
        "statement",
        "addendum",
        "p",
        _("Addendum"),
        _("Publish who signed since the release, and who withdrew."),
    ),
    at("statement", "export", "e", _("Export"), _("Write the released files to a folder.")),
    at(
        "statement",
        "enter",
        "n",
        _("What happened"),
        _("Enter a delivery, a reply, when to ask again, the outcome, reprisals, lessons."),
    ),
    at(
        "statement",
        "replies",
        "o",
        _("Outside"),
        _("Look at what people outside the campaign signed, and decide on it."),
        footer=False,
    ),
    # Whom to ask
    at(
        "chase", "asked", "a", _("Ask"), _("Show what to send the chosen one, and note that they were asked.")
    ),
    # Two languages side by side
    at("languages", "left", "l", _("Left"), _("Show another language on the left.")),
    at("languages", "right", "r", _("Right"), _("Show another language on the right.")),
    at("languages", "swap", "x", _("Swap"), _("Change the two sides."), footer=False),
    at(
        "languages",
        "comment",
        "c",
        _("Comment"),
        _("Comment on the chosen paragraph of the text on the right."),
    ),
    at("languages", "amend", "a", _("Amend"), _("Write a new revision of the text on the right.")),
    at(
        "languages",
        "compared",
        "k",
        _("Compared"),
        _("Say that you compared the translation with the text, and that they say the same."),
    ),
    at(
        "languages",
        "coming",
        "v",
        _("Next version"),
        _("Change between the frozen texts and what is put forward for the next version."),
        footer=False,
    ),
    # Replies from outside
    at(
        "replies",
        "import",
        "i",
        _("Read in"),
        _("Read in replies from files, folders and pictures of QR codes."),
    ),
    at("replies", "accept", "a", _("Accept"), _("Put the chosen reply onto the letter.")),
    at("replies", "ask_about", "n", _("Ask first"), _("Note what is to be asked about the chosen reply.")),
    at("replies", "refuse", "x", _("Refuse"), _("Leave the chosen reply off the letter.")),
    at("replies", "accept_all", "A", _("Accept all"), _("Accept all that wait and are not marked.")),
    # Case
    at("case", "open", "enter", _("Open"), _("Open the chosen letter.")),
    at("case", "answer", "a", _("Answer"), _("Say that you have read the alert, and what you do.")),
    at("case", "fact", "f", _("Fact"), _("Enter what is known.")),
    at("case", "source", "s", _("Source"), _("Name who or what supports the chosen fact, or the alert.")),
    at("case", "consent", "p", _("Publicity"), _("Enter what those concerned say to publicity.")),
    at("case", "draft", "d", _("Draft"), _("Begin a joint letter about the case.")),
    at("case", "correct", "w", _("Write anew"), _("Write the chosen entry of yours anew."), footer=False),
    at("case", "close", "x", _("Close"), _("Close the case, or open it again."), footer=False),
    # Writing a text
    at(
        "write",
        "attach",
        "ctrl+f",
        _("File"),
        _("Attach a file to the text. It is not part of what is signed or published."),
        priority=True,
    ),
    at(
        "write",
        "detach",
        "ctrl+r",
        _("No files"),
        _("Take back the files that were attached."),
        priority=True,
    ),
    at("write", "save", "ctrl+o", _("Save"), _("Put the text before the others."), priority=True),
    # Signing
    at(
        "sign",
        "confirm",
        "ctrl+o",
        _("Sign"),
        _("Sign what is shown, once the word is typed."),
        priority=True,
    ),
)

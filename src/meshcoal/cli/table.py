"""Every top-level command: where its code stands and what it is for.

Law: `meshcoal --help` is answered from this table alone and imports no command. A test holds the sentences
here equal to those in the modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level command."""

    section: str
    module: str  # under meshcoal.cli
    attribute: str
    help: str


_BEGIN: Final = "Begin"
_PEOPLE: Final = "People"
_CAMPAIGNS: Final = "Campaigns and talk"
_LETTERS: Final = "Joint letters"
_MACHINE: Final = "This machine"

TABLE: Final[dict[str, Entry]] = {
    "tui": Entry(_BEGIN, "play", "tui", "Open the interface."),
    "browser": Entry(
        _BEGIN, "browser", "browser", "Show everything as plain pages in a web browser on this machine."
    ),
    "rehearse": Entry(_BEGIN, "play", "rehearse", "Act out a case with five others on this machine."),
    "identity": Entry(_BEGIN, "identity", "identity", "Your identity: make it, show it, name it."),
    "status": Entry(_BEGIN, "vault", "status", "Show whether the daemon runs and the vault is open."),
    "unlock": Entry(_BEGIN, "vault", "unlock", "Open the vault."),
    "lock": Entry(_BEGIN, "vault", "lock", "Close the vault and forget its keys."),
    "passphrase": Entry(_BEGIN, "vault", "passphrase", "Change the passphrase of the vault."),
    "invite": Entry(_PEOPLE, "invite", "invite", "Invitations: make, accept, answer, reply, list, revoke."),
    "admit": Entry(_PEOPLE, "invite", "admit", "Let somebody you invited into the campaign."),
    "refuse": Entry(_PEOPLE, "invite", "refuse", "Turn an introduction down."),
    "introduce": Entry(
        _PEOPLE, "introduction", "introduce", "Make two of your contacts known to each other."
    ),
    "introduction": Entry(
        _PEOPLE, "introduction", "introduction", "Introductions by contacts: list, accept, decline."
    ),
    "nearby": Entry(
        _PEOPLE, "nearby", "nearby", "People you know on the same network: meet without internet."
    ),
    "contact": Entry(_PEOPLE, "contact", "contact", "People you know: list, name, compare words."),
    "warning": Entry(
        _PEOPLE, "warning", "warning", "What to look into: changed keys, devices that keep something back."
    ),
    "today": Entry(
        _BEGIN, "today", "today", "Show what needs you now, the most urgent first, and how to do it."
    ),
    "campaign": Entry(_CAMPAIGNS, "campaign", "campaign", "Campaigns: found, list, show, members."),
    "channel": Entry(_CAMPAIGNS, "campaign", "channel", "Channels of a campaign: open, list."),
    "fork": Entry(_CAMPAIGNS, "fork", "fork", "Two operations at one place: list, show, export, verify."),
    "send": Entry(_CAMPAIGNS, "talk", "send", "Send a message to a channel."),
    "read": Entry(_CAMPAIGNS, "talk", "read", "Read a channel."),
    "search": Entry(_CAMPAIGNS, "search", "search", "Find what was said and written, on this device."),
    "message": Entry(
        _CAMPAIGNS,
        "message",
        "message",
        "One message: who holds it; change it, take it back, react, pin it, see what it said before.",
    ),
    "attachment": Entry(
        _CAMPAIGNS, "attachment", "attachment", "Files of messages and letters: list, fetch, save."
    ),
    "relay": Entry(
        _CAMPAIGNS,
        "relay",
        "relay",
        "Relays, at which members meet who are never online together: add, list, remove, run one.",
    ),
    "bundle": Entry(_CAMPAIGNS, "bundle", "bundle", "Carry a campaign on a stick: write, inspect, read."),
    "paper": Entry(_CAMPAIGNS, "slips", "paper", "Carry a campaign or a text on paper: write, print, read."),
    "watch": Entry(_CAMPAIGNS, "talk", "watch", "Print a line whenever something changes."),
    "case": Entry(_LETTERS, "case", "case", "Alerts, what is known about each, and how far its letters are."),
    "statement": Entry(
        _LETTERS, "statement", "statement", "Letters: draft, freeze, sign, release, and what comes after."
    ),
    "office": Entry(_LETTERS, "office", "office", "Offices: by which steps an organisation signs; mandates."),
    "profile": Entry(
        _LETTERS, "profile", "profile", "How you sign letters: names in several scripts, country, logo."
    ),
    "verify": Entry(_LETTERS, "verify", "verify", "Check a released letter, without vault or network."),
    "settings": Entry(
        _MACHINE,
        "settings",
        "settings",
        "Show what holds, each setting as a sentence; show the choices of one; or choose.",
    ),
    "posture": Entry(
        _MACHINE,
        "posture",
        "posture",
        "Show what is weak here, the weightiest first: why it matters, and what to do.",
    ),
    "daemon": Entry(_MACHINE, "daemon", "daemon", "The program in the background: run, start, stop."),
    "tor": Entry(_MACHINE, "paths", "tor", "Tor: how it stands, on, off, bridges."),
    "paths": Entry(_MACHINE, "paths", "paths", "Show or choose which ways are open: Tor alone, or any."),
    "steady": Entry(
        _MACHINE, "steady", "steady", "Send at a constant rate, or as there is something to say."
    ),
    "data": Entry(_MACHINE, "data", "data", "Show how much went over the network; save battery and data."),
    "peers": Entry(_MACHINE, "network", "peers", "Show the connections to other people."),
    "counters": Entry(_MACHINE, "network", "counters", "Show how often each thing was refused."),
    "completion": Entry(_MACHINE, "completion", "completion", "Print a completion script for your shell."),
}

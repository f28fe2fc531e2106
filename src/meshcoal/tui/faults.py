"""What went wrong and what to do about it, in the user's language: one sentence or two for every code.

Law: every code of `meshcoal.errors` stands here (a test holds it), and none says more than is known from the
code alone. Whatever is below the interface speaks English: where the interface does too, that sentence is
shown, which knows the particulars; in other languages it stands below ours, for whoever helps.
"""

from __future__ import annotations

from typing import Final

from meshcoal.errors import MeshcoalError
from meshcoal.tui.locale import _, spoken
from meshcoal.tui.locale.tongues import ENGLISH

SENTENCES: Final[dict[str, str]] = {
    # What cannot be done now
    "error": _("That did not work."),
    "local": _("That cannot be done now."),
    "bad-argument": _("A value does not fit. Correct the field that is named, and try again."),
    "not-permitted": _("Your role or seat in this campaign does not allow it. Ask an organiser."),
    "unsafe-seal": _("Signing sealed would not protect you here: too few members, or too few whom you know."),
    "over-rule": _("The file is larger than this campaign allows. Send a smaller one, or ask an organiser."),
    "publicity-refused": _("Those concerned refuse publicity. Speak with them before anything goes out."),
    "no-network": _("There is no local network here. Join a WLAN or plug in a cable, and try again."),
    "wrong-phase": _("This is not the moment for it. Look at what can be done with it now."),
    "sent-already": _("This was sent already. Nothing was sent twice."),
    "unknown": _("There is no such thing here. What somebody just made may still be on its way."),
    "ambiguous": _("The name fits more than one thing. Write more of it."),
    "locked": _("The vault is locked. Open it with your passphrase."),
    "no-quorum": _("More members must agree, or sign, before this letter may go out."),
    "no-vault": _("There is no identity on this machine yet. Make one first."),
    "vault-exists": _("There is an identity already, and it is never overwritten."),
    "bad-invitation": _("This is not an invitation, or it is cut off. Copy it whole."),
    "bad-key-text": _("The key cannot be read, so nothing was compared. Scan or copy it again."),
    "invitation-expired": _(
        "The invitation is past its date or was used. If not by you, tell whoever made it, by another way."
    ),
    "no-font": _("A font for one of the scripts is missing. Install it, or print the page from a browser."),
    "no-key": _("The key of the present time has not arrived. It comes when you are connected to a member."),
    "lost-key": _("This device no longer holds the key that signs for you here. Tell an organiser."),
    "busy": _("Too much is waiting. Wait a moment and try again."),
    "daemon-unreachable": _("The daemon does not answer. Try again; if it stays away, start meshcoal anew."),
    "already-running": _("Another daemon holds this identity. Use it, or stop it first."),
    "version-mismatch": _("The daemon is of another version. Stop it, and start meshcoal anew."),
    "rehearsal-failed": _("The rehearsal came to a halt. Nothing of yours is concerned. Start it again."),
    "no-browser-view": _("The pages for a web browser did not come up. Ask for them again."),
    "unsupported": _("This machine lacks something that is needed."),
    # What others sent
    "remote": _("Something from outside was refused."),
    "malformed": _("Something from outside cannot be read. Nothing of it was kept."),
    "malformed-frame": _("A connection carried something that cannot be read, and was cut."),
    "malformed-operation": _("An entry cannot be read. It was left out."),
    "malformed-body": _("What was sealed in an entry cannot be read. The entry counts for nothing."),
    "malformed-fork": _("The file does not prove that somebody signed two different things."),
    "malformed-package": _("The released letter cannot be read. Ask for the file again."),
    "malformed-invitation": _("The invitation cannot be read. Copy it whole, or ask for a file."),
    "malformed-request": _("The file by which somebody asks to come in cannot be used. Ask for it anew."),
    "malformed-onion": _("An address in Tor is damaged. It is not called."),
    "malformed-key-text": _("The text is no public key, or is damaged. Nothing was compared."),
    "malformed-announcement": _("Somebody on this network announces nonsense. It was left alone."),
    "malformed-call": _("The call for signatures cannot be read. Ask whoever gave it to you for the file."),
    "malformed-reply": _(
        "The reply says nothing that a letter can hold. Ask its signatory to sign once more."
    ),
    "malformed-command": _("The interface and the daemon misunderstood each other. Start meshcoal anew."),
    "bad-signature": _("A signature does not hold: forged, or damaged on its way. It was left out."),
    "bad-key": _("A public key is unsound and was refused."),
    "bad-envelope": _("A sealed signature does not fit this letter. It counts for nothing."),
    "bad-share": _("A member's part in opening a sealed signature is wrong. Those of others open it."),
    "doubled-envelope": _("A member signed sealed twice. One of the two counts, everywhere the same."),
    "seal-expired": _("A sealed signature is past its date. It stays shut."),
    "malformed-sealed": _("A sealed or counted signature cannot be read. It was left out."),
    "bad-ring": _("A counted signature is for another list of members. It was left out."),
    "bad-seal": _("Something sealed does not open: damaged, or made with another key."),
    "truncated": _("Something sealed was cut off on its way."),
    "malformed-direct": _("What was sealed to you alone cannot be read. Its keys do not come."),
    "log-closed": _("An entry is signed with a key that was published since. Anybody can have made it."),
    "wrong-seed": _("A member published a key that is not what they say. It has no effect."),
    "early-seed": _("A member published a signing key too early. It has no effect yet."),
    "wrong-campaign": _("Something sealed was carried over from another campaign. It was left out."),
    "wrong-recipient": _("Something sealed was meant for another member. It was left out."),
    "replayed": _("Something sealed came a second time. Nothing is opened twice."),
    "out-of-step": _("A message does not fit what came before it. What came in order still opens."),
    "skipped-too-far": _("A message is too far ahead of the last one of its author. It was left out."),
    "epoch-erased": _(
        "The keys to this were erased with age, or never given to you. It cannot be read here."
    ),
    "prekey-reused": _("Somebody used a key of yours a second time. It was refused."),
    "prekey-unknown": _("Somebody sealed to a key that you do not have, or no longer."),
    "malformed-attachment": _("The file is not what was announced, and cannot be opened. Tell its sender."),
    "malformed-bundle": _("A part of what was brought cannot be used. The other parts were taken in."),
    "chunk-unasked": _("Somebody sent parts of a file that nobody asked for, and was cut off."),
    "bad-handshake": _("Somebody who connected could not prove who they are, and was turned away."),
    "handshake-truncated": _("A connection was cut off while it opened."),
    "knock-repeated": _("Somebody played the recording of a connection. It was turned away."),
    "knock-unknown": _("A stranger knocked, or somebody whose clock is days off. They got no answer."),
    "wrong-link": _("A connection was used for what belongs on another, and was cut."),
    "invitation-served": _(
        "Somebody came with an invitation that was used already. Compare words with whoever came first."
    ),
    "invitation-revoked": _("Somebody came with an invitation that was taken back. They were turned away."),
    "not-authorized": _("Somebody did what they may not do. It counts for nothing."),
    "equivocation": _("A member signed two different things in one place. Talk to them, by another way."),
    "data-cap": _(
        "Your limit on data is reached: no file is fetched. Raise it, or wait until it starts anew."
    ),
    "over-limit": _("It is larger than is allowed, and was refused."),
    # Ways
    "dial-failed": _("Nobody answers there. They may be offline, or cannot be reached from outside."),
    "tor": _("Tor cannot be used now."),
    "tor-absent": _("There is no Tor on this machine, or it does not answer. Install or start it."),
    "tor-forbidden": _("Tor runs, but you may not use it. Ask whoever looks after this machine."),
    "malformed-tor": _("What answers there is not Tor. Check the address of its control port."),
    "tor-refused": _("Tor did not do what it was asked for. It may be too old."),
    "tor-stuck": _("Tor does not reach its network. Is this machine on the network? If it is, get bridges."),
    "tor-clock": _("This machine's clock is wrong, and Tor needs a right one. Set date and time."),
    "tor-off": _("Tor is switched off, or not ready yet. Wait, or switch it on."),
    "not-steady": _("You chose steady connections, and they do not take part. Agree on it with them."),
    "path-closed": _("You chose to use nothing but Tor, and this address is elsewhere."),
    "onion-key-missing": _("There is no key for that address in Tor. Ask its owner for a new invitation."),
    "onion-key-wrong": _("That address in Tor refuses our key. Ask its owner for a new invitation."),
    "onion-unreachable": _("Nobody serves that address in Tor now. It is tried again by itself."),
    "link": _("A connection failed. It is tried again by itself."),
    "link-closed": _("The other side hung up, or the connection broke. It is tried again by itself."),
    "handshake-timeout": _("A connection took too long to open."),
    # The disk
    "store": _("The disk failed."),
    "wrong-passphrase": _("The passphrase is wrong. Mind the keyboard layout and the shift lock."),
    "corrupt": _("A file is damaged. Restore it from a copy; what others hold comes back by itself."),
    "schema-too-new": _("This was written by a newer meshcoal. Install that version."),
    "disk-full": _("The disk is full. What was done is safe; free some space and repeat."),
    "read-only": _("This place cannot be written. It must belong to you alone."),
}


def sentence_of(exc: MeshcoalError) -> str:
    """An error in words, with its code so that it can be looked up."""
    text = str(exc).strip()
    if text and text[-1] not in ".!?…。؟።":
        text += "."
    if text and (spoken().code == ENGLISH or _raised_here(exc)):
        return f"{text[0].upper()}{text[1:]} ({exc.code})"
    told = f"{SENTENCES.get(exc.code, SENTENCES['error'])} ({exc.code})"
    return _("%(told)s\nIn English: %(sentence)s") % {"told": told, "sentence": text} if text else told


def state_of(code: str, sentence: str) -> str:
    """A fault that a view names, in one line: in English the view's own sentence, else ours for its code."""
    return sentence if spoken().code == ENGLISH else SENTENCES.get(code, sentence)


def _raised_here(exc: MeshcoalError) -> bool:
    """Whether the interface itself raised it: then its sentence is in the user's language already."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith(
        ("meshcoal.tui.", "meshcoal.browser.")
    )

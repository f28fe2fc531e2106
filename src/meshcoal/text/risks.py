"""Which files can do something when they are opened, and not only be looked at.

Law: a warning for people, no protection: meshcoal never opens a file. What is not listed may do harm too.
"""

from __future__ import annotations

from typing import Final

# Programs and scripts, installers, shortcuts, documents that run macros or scripts, and what hides others.
_LISTED: Final = (
    "apk app appimage applescript bash bat bin chm cmd com command cpl deb desktop dll dmg docm dotm elf "
    "exe gadget hta htm html img ins iso jar js jse jsp ksh lnk mht mhtml msc msi msix msp mst ocx one "
    "pif pkg pl potm ppam ppsm pptm prc ps1 psm1 py pyc pyw rb reg rpm run scf scr sct sh shs slk so svg "
    "svgz swf sys terminal url vb vbe vbs vhd vhdx webloc wsc wsf wsh xbap xhtml xlam xlsm xltm xml zsh "
    "7z ace arj bz2 cab gz lzh rar tar tgz xz z zip zst"
)
_SUFFIXES: Final = frozenset(_LISTED.split())
_TYPES: Final = ("application/x-", "text/html", "image/svg", "application/java", "application/javascript")


def is_risky(name: str, media_type: str) -> bool:
    """Whether a person is warned before they open it."""
    stem = name.strip().rstrip(". ").lower()
    _, dot, suffix = stem.rpartition(".")
    return not dot or suffix in _SUFFIXES or media_type.lower().startswith(_TYPES)

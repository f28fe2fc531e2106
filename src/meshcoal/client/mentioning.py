"""Turns `@Ben` in what a person wrote into a mention of that member.

Law: who is mentioned goes out as a key; the name that stands here stays here. A name that fits two members
mentions nobody by guess: the person is asked to say which. An `@` that names no member is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.api.views import MemberState, MemberView
from meshcoal.errors import Ambiguous
from meshcoal.ids import short
from meshcoal.limits import MENTIONS_MAX
from meshcoal.wire.post import MENTION


def mentioned(text: str, members: Iterable[MemberView]) -> tuple[str, tuple[bytes, ...]]:
    """The text as it is handed over, and whom it mentions, in order.

    A member is meant by `@` with the name shown here, the name that they gave, or the first 8 digits of their
    id; the longest that fits counts. At most `MENTIONS_MAX` are mentioned; the others stay text.

    Raises `Ambiguous`.
    """
    names = _names(members)
    plain = text.replace(MENTION, "")
    parts: list[str] = []
    found: list[bytes] = []
    at = begin = 0
    while len(found) < MENTIONS_MAX and (at := plain.find("@", at)) >= 0:
        name = _name_at(plain, at, names)
        if name is None:
            at += 1
            continue
        who = names[name]
        if len(who) > 1:
            ids = ", ".join(f"@{short(author)}" for author in sorted(who))
            raise Ambiguous(f"`@{name}` is the name of more than one member. Write one of {ids} instead.")
        found += who
        parts += [plain[begin:at], MENTION]
        at = begin = at + 1 + len(name)
    return "".join([*parts, plain[begin:]]), tuple(found)


def _names(members: Iterable[MemberView]) -> dict[str, set[bytes]]:
    names: dict[str, set[bytes]] = {}
    for member in members:
        if member.state is MemberState.ACTIVE:
            for name in (member.name, member.given_name, short(member.author)):
                if name:
                    names.setdefault(name.casefold(), set()).add(member.author)
    return dict(sorted(names.items(), key=lambda one: -len(one[0])))


def _name_at(text: str, at: int, names: Iterable[str]) -> str | None:
    """The longest name behind an `@` that stands at the beginning of a word, and ends with one."""
    if at and text[at - 1].isalnum():
        return None
    for name in names:
        end = at + 1 + len(name)
        if text[at + 1 : end].casefold() == name and not text[end : end + 1].isalnum():
            return name
    return None

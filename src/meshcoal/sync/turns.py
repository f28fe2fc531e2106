"""Whose turn it is: groups take turns, and within a group those who belong to it.

Law: between two turns of one member of a group every other waiting group had a turn, and every waiting member
of its own group had one, too. Nobody who waits is passed over, however many others come.
"""

from __future__ import annotations

from typing import Generic, TypeVar

Group = TypeVar("Group")
Member = TypeVar("Member")


class Turns(Generic[Group, Member]):
    """Those who wait, in the order of their turns. Dicts serve as queues whose middle can be left."""

    def __init__(self) -> None:
        self._groups: dict[Group, dict[Member, None]] = {}

    def __len__(self) -> int:
        """How many groups wait."""
        return len(self._groups)

    def waiting(self, group: Group) -> int:
        """How many of a group wait."""
        return len(self._groups.get(group, ()))

    def join(self, group: Group, member: Member) -> None:
        """Wait from now on, behind the others of the group; a group that did not wait is the last of all."""
        self._groups.setdefault(group, {})[member] = None

    def leave(self, group: Group, member: Member) -> None:
        """Wait no longer."""
        members = self._groups.get(group, {})
        members.pop(member, None)
        if not members:
            self._groups.pop(group, None)

    def take(self) -> Member:
        """Whoever is next, who waits no longer. Asserts that somebody waits."""
        assert self._groups, "nobody waits"
        group = next(iter(self._groups))
        members = self._groups.pop(group)
        member = next(iter(members))
        del members[member]
        if members:
            self._groups[group] = members
        return member

    def clear(self) -> None:
        self._groups.clear()

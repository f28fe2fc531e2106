"""Who signs, as every command that signs says it.

Law: as in `api.commands`, of which this is a part. What all ways of signing say stands here once; a command
adds what is its own behind these fields.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from meshcoal.api.fields import Command, Language, Name, OptionalName
from meshcoal.limits import LANGUAGES_MAX, NETWORK_MEMBERS_MAX
from meshcoal.wire.naming import Names
from meshcoal.wire.record import Id32, Items, Range
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCommand(Command):
    """Base of the commands that sign: which text, and who signs it as what."""

    campaign: Id32
    statement: Id32
    digest: Id32  # of the frozen text, and of no other
    capacity: Capacity
    name: Name  # of the organisation, or of the person
    title: OptionalName = ""
    affiliation: OptionalName = ""  # needed with, and only with, the capacity `AFFILIATED`
    country: OptionalName = ""
    languages_read: Annotated[tuple[Language, ...], Items(0, LANGUAGES_MAX)] = ()
    names: Names = ()  # in other languages and scripts
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)] = 0  # with, and only with, the capacity `NETWORK`


def who_signs(command: SigningCommand) -> dict[str, Any]:
    """The fields of `SigningCommand` by name, to make another command that signs the same."""
    return {field.name: getattr(command, field.name) for field in dataclasses.fields(SigningCommand)}

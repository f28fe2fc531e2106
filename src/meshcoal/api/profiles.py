"""Profiles: how a user signs, entered once and kept on this device.

Law: as in `api.commands` and `api.views`, of which this is a part. A profile leaves the device inside a
sign-on that is made with it, and in no other way.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command, Name, OptionalName
from meshcoal.limits import LOGO_BYTES_MAX, NETWORK_MEMBERS_MAX, PROFILES_MAX
from meshcoal.wire.naming import Names
from meshcoal.wire.record import Items, Range, Record, Size
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity

LogoBytes = Annotated[bytes, Size(0, LOGO_BYTES_MAX)]
ChosenLogo = Annotated[bytes, Size(0, 16 * LOGO_BYTES_MAX)]  # as it is on disk


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProfile(Command):
    """Keep a profile under a label, instead of what stood there. Answered by `ProfilesView`."""

    label: Name
    capacity: Capacity
    name: Name
    names: Names = ()  # in other languages and scripts
    title: OptionalName = ""
    affiliation: OptionalName = ""  # with, and only with, the capacity `AFFILIATED`
    country: OptionalName = ""
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)] = 0  # with, and only with, `NETWORK`
    role: OptionalName = ""  # what is published where the letter permits to sign by role
    logo: ChosenLogo = b""  # PNG; what programs wrote beside the picture is taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProfile(Command):
    """Answered by `ProfilesView`."""

    label: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProfiles(Command):
    """Answered by `ProfilesView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView(Record):
    """One profile, as it is kept."""

    label: Name
    capacity: Capacity
    name: Name
    names: Names
    title: OptionalName
    affiliation: OptionalName
    country: OptionalName
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)]
    role: OptionalName
    logo: LogoBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilesView(Record):
    """All profiles on this device, by label."""

    profiles: Annotated[tuple[ProfileView, ...], Items(0, PROFILES_MAX)]

"""How a user signs: profiles, entered once and kept on this device.

Law: what a profile holds has been cleaned and fits a sign-on before it is kept, so that signing with it
fails for nothing that could have been said then. It leaves the device inside a sign-on and nowhere else.
"""

from __future__ import annotations

import dataclasses

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import BadArgument, OverLimit, Unknown
from meshcoal.limits import PROFILES_MAX
from meshcoal.node.commands import Commands, handles
from meshcoal.node.records import PROFILES, ProfileRecord, load_all
from meshcoal.node.step import Step
from meshcoal.statement.signon import clean_names_of
from meshcoal.wire.logo import clean_logo
from meshcoal.wire.plain import normalise_line
from meshcoal.wire.record import Record
from meshcoal.wire.terms import Capacity


@handles(ask.SetProfile)
def _set_profile(self: Commands, step: Step, command: ask.SetProfile) -> Record:
    name = normalise_line(command.name)
    label = normalise_line(command.label)
    if not name or not label:
        raise BadArgument("A profile has a label and a name.")
    if (command.capacity is Capacity.AFFILIATED) != bool(command.affiliation):
        raise BadArgument(
            "An affiliation goes with signing as an individual whose affiliation does not endorse, only."
        )
    if (command.capacity is Capacity.NETWORK) != bool(command.members):
        raise BadArgument("A network, and nobody else, says on behalf of how many members it signs.")
    kept = _profiles(self)
    if label not in kept and len(kept) >= PROFILES_MAX:
        raise OverLimit(f"A device keeps at most {PROFILES_MAX} profiles.")
    profile = ProfileRecord(
        label=label,
        capacity=command.capacity,
        name=name,
        names=clean_names_of(command.names, name),
        title=normalise_line(command.title),
        affiliation=normalise_line(command.affiliation),
        country=normalise_line(command.country),
        members=command.members,
        role=normalise_line(command.role),
        logo=clean_logo(command.logo) if command.logo else b"",
    )
    step.put(PROFILES, label.encode(), profile)
    return _view({**kept, label: profile})


@handles(ask.RemoveProfile)
def _remove_profile(self: Commands, step: Step, command: ask.RemoveProfile) -> Record:
    kept = _profiles(self)
    label = normalise_line(command.label)
    if label not in kept:
        raise Unknown("There is no profile of that label.")
    step.erase(PROFILES, label.encode())
    del kept[label]
    return _view(kept)


@handles(ask.ListProfiles)
def _list_profiles(self: Commands, step: Step, command: ask.ListProfiles) -> Record:
    return _view(_profiles(self))


def _profiles(self: Commands) -> dict[str, ProfileRecord]:
    return {profile.label: profile for _, profile in load_all(self.core.reader, ProfileRecord, PROFILES)}


def _view(kept: dict[str, ProfileRecord]) -> show.ProfilesView:
    fields = [field.name for field in dataclasses.fields(ProfileRecord)]
    return show.ProfilesView(
        profiles=tuple(
            [
                show.ProfileView(**{name: getattr(kept[label], name) for name in fields})
                for label in sorted(kept)
            ]
        )
    )

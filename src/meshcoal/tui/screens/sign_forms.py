"""Who signs, and as what: the dialogs before the last look.

Law: what was entered once is not asked again. A profile fills the fields, and every one of them can still be
changed before anything is signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import (
    Capacity,
    MandateScope,
    NameIn,
    NameMode,
    SetProfile,
    SignStatement,
)
from meshcoal.api.views import (
    MandateView,
    ProfilesView,
    ProfileView,
    RequestState,
    RequestView,
    StatementView,
)
from meshcoal.client.entering import parse_names, parse_need
from meshcoal.errors import BadArgument
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

CAPACITY_CHOICES: Final = tuple((capacity.value, words) for capacity, words in shown.CAPACITIES.items())
_BY_HAND: Final = "-"
_NO: Final = "no"
_REQUEST: Final = "request "
_MANDATE: Final = "mandate "
_YES: Final = "yes"


def profile_form(profiles: tuple[ProfileView, ...], before: Values) -> Form[ProfileView | str]:
    """With which profile to sign. Answers it, or a text where everything is entered by hand."""

    async def choose(values: Values) -> ProfileView | str:
        chosen = values["profile"]
        return profiles[int(chosen)] if chosen != _BY_HAND else _BY_HAND

    choices = [
        (str(number), f"{name(one.label, 24)}: {name(one.name, 40)}") for number, one in enumerate(profiles)
    ]
    return Form(
        _("Sign: with which profile?"),
        (
            Field(
                name="profile",
                label=_("I sign as"),
                kind="choice",
                choices=(*choices, (_BY_HAND, _("I enter it now"))),
                value="0" if not before else _BY_HAND,
            ),
        ),
        choose,
        submit=_("Go on"),
    )


def fill(before: Values, profile: ProfileView) -> None:
    """Put a profile into the fields of `sign_form`."""
    before.update(
        capacity=profile.capacity.value,
        name=profile.name,
        names="; ".join([f"{one.language}={one.name}" for one in profile.names]),
        title=profile.title,
        affiliation=profile.affiliation,
        country=profile.country,
        members=str(profile.members) if profile.members else "",
        role=profile.role,
    )


def sign_form(
    app: MeshcoalApp,
    view: StatementView,
    before: Values,
    profile: ProfileView | None = None,
    mandates: Sequence[MandateView] = (),
    *,
    mode: NameMode = NameMode.NAMED,
) -> Form[SignStatement]:
    """Who signs. Answers the command, which is reviewed before it is sent.

    Args:
        before: what was written here before, and is filled in.
        profile: whose logo goes with the name.
        mandates: of mine, those that cover this letter.
        mode: how the name stands on the list; what that means was read before.
    """

    async def prepare(values: Values) -> SignStatement:
        before.update(values)
        capacity = Capacity(values["capacity"])
        affiliated = capacity == Capacity.AFFILIATED
        if affiliated and not values["affiliation"]:
            raise BadArgument(_("name the affiliation, or sign without one"))
        if values["affiliation"] and not affiliated:
            raise BadArgument(_("an affiliation goes only with “affiliation does not endorse”"))
        members = values["members"].strip()
        if (capacity is Capacity.NETWORK) != bool(members) or (members and not _counts(members)):
            raise BadArgument(_("a network, and nobody else, says how many members it has"))
        read = tuple([code for code in values["languages"].split("\n") if code])
        by_role = mode is NameMode.ROLE
        if not values["name"]:
            raise BadArgument(_("write the name"))
        if by_role and not values["role"]:
            raise BadArgument(_("write the role that shall stand on the letter"))
        names = parse_names([part.strip() for part in values["names"].split(";") if part.strip()])
        command = SignStatement(
            campaign=view.campaign,
            statement=view.id,
            digest=view.digest,
            capacity=capacity,
            name=values["role"] if by_role else values["name"],
            names=() if by_role else names,
            title="" if by_role else values["title"],
            affiliation=values["affiliation"],
            country=values["country"],
            languages_read=read,
            members=int(members) if members else 0,
            mode=mode,
            logo=profile.logo if profile is not None and mode is NameMode.NAMED else b"",
            needs=tuple([parse_need(part) for part in values["needs"].split(",") if part.strip()]),
            request=_id_of(values, _REQUEST),
            mandate=_id_of(values, _MANDATE),
        )
        if values["keep"] == _YES:
            await app.session.send(_kept(values, command, names, profile), ProfilesView)
        return command

    def note(values: Values) -> str:
        match mode:
            case NameMode.ADDRESSEE:
                return _("Only the addressee is told your name. The members of this campaign see it too.")
            case NameMode.ROLE:
                return _("Your role stands on it. The members of this campaign see that it is you.")
        match values["capacity"]:
            case Capacity.ORGANISATION.value:
                return _("The name of the organisation stands on the letter, and speaks for all of it.")
            case Capacity.NETWORK.value:
                return _("The network’s name stands on it, and on behalf of how many members it signs.")
            case Capacity.AFFILIATED.value:
                return _("Your name stands on it; the affiliation is named and does not endorse.")
            case _other:
                return _("Your own name stands on the letter.")

    only = view.languages[0] if len(view.languages) == 1 else ""
    asked = _to_sign(view)
    return Form(
        _("Sign: who signs?"),
        (
            Field(
                name="capacity",
                label=_("I sign as"),
                kind="choice",
                choices=CAPACITY_CHOICES,
                value=before.get("capacity", Capacity.ORGANISATION.value),
            ),
            *_role(mode, before),
            Field(
                name="name",
                label=_("Name on the letter"),
                value=before.get("name", asked[0].office if asked else ""),
            ),
            Field(
                name="names",
                label=_("In other scripts"),
                value=before.get("names", ""),
                placeholder=_("fa=...; my=..."),
            ),
            Field(name="title", label=_("Title or office"), value=before.get("title", "")),
            Field(name="affiliation", label=_("Affiliation"), value=before.get("affiliation", "")),
            Field(name="country", label=_("Country"), value=before.get("country", "")),
            Field(
                name="members",
                label=_("Of a network: members"),
                value=before.get("members", ""),
            ),
            *_offices(view, mandates),
            Field(
                name="needs",
                label=_("Count me only with others"),
                value=before.get("needs", ""),
                placeholder=shown.NEEDS_EXAMPLE,
            ),
            Field(
                name="languages",
                label=_("I have read it in"),
                kind="checks",
                choices=tuple((code, name(code, 16)) for code in view.languages),
                value=before.get("languages", only),
            ),
            Field(
                name="keep",
                label=_("Keep this on my device"),
                kind="choice",
                choices=((_NO, _("no")), (_YES, _("as a profile, for the next letter"))),
                value=_NO,
            ),
        ),
        prepare,
        submit=_("Look at what is signed"),
        note=note,
    )


def _counts(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6


def _role(mode: NameMode, before: Values) -> list[Field]:
    if mode is not NameMode.ROLE:
        return []
    return [Field(name="role", label=_("The role that stands on it"), value=before.get("role", ""))]


def covering(mandates: Sequence[MandateView], view: StatementView, now_ms: int) -> tuple[MandateView, ...]:
    """Mandates of mine that hold now and cover a letter."""
    return tuple(
        [
            one
            for one in mandates
            if one.mine
            and one.office_name
            and not one.revoked
            and one.expires_ms > now_ms
            and MandateScope(
                words=one.words or "-",
                topics=one.topics,
                countries=one.countries,
                asks_excluded=one.asks_excluded,
            ).covers(topics=view.topics, countries=view.countries, asks=view.asks)
        ]
    )


def _to_sign(view: StatementView) -> list[RequestView]:
    """Offices that were asked, and whose last step is mine now."""
    return [one for one in view.requests if one.my_turn and one.state is RequestState.TO_SIGN]


def _id_of(values: Values, kind: str) -> bytes:
    """What was chosen under the offices, if it is of that kind."""
    chosen = values.get("office", "")
    return bytes.fromhex(chosen.removeprefix(kind)) if chosen.startswith(kind) else b""


def _offices(view: StatementView, mandates: Sequence[MandateView]) -> list[Field]:
    """For which office I may sign now: one that was asked and whose last step is open, or under a mandate."""
    asked = _to_sign(view)
    if not asked and not mandates:
        return []
    choices = [(_REQUEST + one.id.hex(), name(one.office, 40)) for one in asked]
    under = _("%(office)s, under a mandate of %(name)s")
    choices += [
        (_MANDATE + one.id.hex(), under % {"office": name(one.office_name, 30), "name": name(one.giver, 20)})
        for one in mandates
    ]
    return [
        Field(
            name="office",
            label=_("For the office"),
            kind="choice",
            choices=(*choices, ("", _("none of them"))),
            value=choices[0][0] if asked else "",
        )
    ]


def _kept(
    values: Values, command: SignStatement, names: tuple[NameIn, ...], profile: ProfileView | None
) -> SetProfile:
    """The profile that holds what was entered; of two of one label the new one stays."""
    return SetProfile(
        label=profile.label if profile is not None else values["name"],
        capacity=command.capacity,
        name=values["name"],
        names=names,
        title=values["title"],
        affiliation=values["affiliation"],
        country=values["country"],
        members=command.members,
        role=values.get("role", profile.role if profile is not None else ""),
        logo=profile.logo if profile is not None else b"",
    )

"""Signing and taking back: who signs, exactly what, and a typed word.

Law: what is shown at the last look is what is signed: its digest travels with the form, and a letter that
was changed meanwhile is shown anew and not signed. How somebody stands on the list is explained where it is
chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meshcoal.api.commands import (
    Capacity,
    Command,
    ListProfiles,
    NameMode,
    SetProfile,
    SignCounted,
    SignSealed,
    SignStatement,
    who_signs,
)
from meshcoal.api.views import Action, ProfilesView, ProfileView, StatementView
from meshcoal.browser.elements import Child, el, language_name, name, said
from meshcoal.browser.forms import NONE, WORD_FIELD, Field, Values, chosen, must_type, typed_field
from meshcoal.browser.pages.comparing import exact_text, letter_link, version_changes
from meshcoal.browser.pages.letter import statement
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.client.entering import parse_names, parse_need
from meshcoal.errors import BadArgument, WrongPhase
from meshcoal.text.folding import fold
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.modes import SENTENCES, TITLES, Way, choices_of
from meshcoal.tui.sentences import counted_sentences, seal_sentences
from meshcoal.tui.standing import may_count, may_seal, withdrawal

_REVIEW: Final = "review"
_SIGN: Final = "sign"
_CHANGE: Final = "change"
_DIGEST: Final = "digest"
_KEEP_PROFILE: Final = "keep_profile"
BY_THIS_FORM: Final = (NameMode.NAMED, NameMode.ROLE, NameMode.ADDRESSEE)
CAPACITIES: Final = tuple((capacity.value, words) for capacity, words in shown.CAPACITIES.items())


class SignPage(Page):
    """Ids: campaign, letter; which profile fills the fields. By name, role, or to the addressee only."""

    SEALED = False

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        self._allowed(view)
        kept = (await visit.ask(ListProfiles(), ProfilesView)).profiles
        profile = _profile(visit, kept)
        body: list[Child] = []
        if self.SEALED and view.seal is not None:
            body.append(el("ul", [el("li", one) for one in seal_sentences(view.seal)], class_="warn"))
        if Action.SIGN_LATE in view.actions:
            told = _("This is late: the name will stand in an addendum, beside the list.")
            body.append(el("p", told, class_="warn"))
        if kept:
            links = [
                el("li", visit.link(said(one.label), *self._here(visit), str(at), current=one is profile))
                for at, one in enumerate(kept)
            ]
            body.append(
                el("nav", el("p", _("Fill in from a profile:")), el("ul", links), aria_label=_("Profiles"))
            )
        fields = _fields(view, profile, sealed=self.SEALED)
        body.append(visit.form(fields, ((_REVIEW, _("Look at what is signed")),)))
        if not self.SEALED:
            body.append(_other_ways(visit, view))
        heading = _("Sign sealed") if self.SEALED else _("Sign: who signs?")
        return Sheet(heading=heading, body=body, trail=(letter_link(visit, view),), typed=True)

    def _here(self, visit: Visit) -> tuple[str, ...]:
        return (visit.place.page, *visit.place.ids[:2])

    def _allowed(self, view: StatementView) -> None:
        """Raises `WrongPhase`."""
        if not {Action.SIGN, Action.SIGN_LATE} & {*view.actions}:
            raise WrongPhase(_("This letter cannot be signed now."))
        if self.SEALED and not may_seal(view):
            raise WrongPhase(_("This letter cannot be signed sealed now."))

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        self._allowed(view)
        # At the last look these come in one answer; a form that comes back wants them one by one.
        visit.values = Values({**values.texts, "languages_read": _read(values)})
        if values["do"] == _CHANGE:
            return await self.show(visit)
        kept = (await visit.ask(ListProfiles(), ProfilesView)).profiles
        command = _command(view, values, _profile(visit, kept))
        word = _("seal") if self.SEALED else _("sign")
        if values["do"] != _SIGN:
            return self._review(visit, view, values, command, word, "")
        if values[_DIGEST] != view.digest.hex():
            told = _("The letter changed meanwhile: look at it again.")
            return self._review(visit, view, values, command, word, told)
        if fold(values.line(WORD_FIELD)) != fold(word):
            told = _("To go on, type exactly: %(word)s") % {"word": word}
            return self._review(visit, view, values, command, word, told)
        sent: Command = command
        if self.SEALED:
            sent = SignSealed(**who_signs(command), floor=_floor(view, values))
        await visit.ask(sent, StatementView)
        if values[_KEEP_PROFILE]:
            await visit.ask(_kept(values, command), ProfilesView)
        visit.told = _("You have signed.")
        return place_of("letter", view.campaign, view.id)

    def _review(
        self, visit: Visit, view: StatementView, values: Values, command: SignStatement, word: str, told: str
    ) -> Sheet:
        if self.SEALED:
            _floor(view, values)
        others = [one.name for one in command.names]
        parts = [command.name, *others, command.title, command.affiliation, command.country]
        listed: list[Child] = []
        for part in parts:
            if part:
                listed += [", " if listed else "", said(part)]
        body: list[Child] = [el("p", told, class_="problem", role="alert")] if told else []
        body.append(el("p", el("strong", _("Signed by: ")), listed))
        body.append(el("p", _("as %(capacity)s") % {"capacity": shown.CAPACITIES[command.capacity]}))
        if self.SEALED:
            sealed = _("Sealed: nobody sees it until %(floor)d have signed. The day is kept, not the hour.")
            body.append(el("p", el("strong", sealed % {"floor": _floor(view, values)})))
        else:
            body.append(el("p", SENTENCES[Way(command.mode.value)]))
        if command.late:
            late = _("This is late: the name will stand in an addendum, beside the list.")
            body.append(el("p", late, class_="warn"))
        body += [el("p", shown.counts_only(one)) for one in command.needs]
        body.append(el("p", _("Deadline %(deadline)s") % {"deadline": visit.exact(view.deadline_ms)}))
        body += [*version_changes(view), *exact_text(view)]
        hidden = {
            key: texts[-1]
            for key, texts in values.texts.items()
            if texts and key not in ("form-key", "do", WORD_FIELD, _DIGEST, "languages_read")
        }
        hidden[_DIGEST] = view.digest.hex()
        hidden["languages_read"] = "\n".join(_read(values))
        visit.values = NONE
        buttons = ((_SIGN, _("Sign")), (_CHANGE, _("Change something")))
        form = visit.form((typed_field(word),), buttons, hidden=hidden, danger=True)
        return Sheet(
            heading=_("Exactly this is signed"),
            body=[*body, form],
            trail=(letter_link(visit, view),),
            typed=True,
        )


class SealPage(SignPage):
    """The same, so that nobody sees it until enough have signed."""

    SEALED = True


class CountPage(Page):
    """Ids: campaign, letter: to be counted, and not named."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        count = view.unnamed
        if count is None or not may_count(view):
            why = count.refusal if count is not None and count.refusal else _("It is not possible now.")
            raise WrongPhase(_("You cannot be counted: %(why)s") % {"why": name(why, 200)})
        told = [el("li", one) for one in counted_sentences(count)]
        return Sheet(
            heading=_("Be counted, and not named"),
            body=[
                el("ul", told, class_="warn"),
                *version_changes(view),
                *exact_text(view),
                visit.form(
                    (typed_field(_("count")),),
                    (("count", _("Count me")),),
                    hidden={_DIGEST: view.digest.hex()},
                    danger=True,
                ),
            ],
            trail=(letter_link(visit, view),),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        must_type(values, _("count"))
        if values[_DIGEST] != view.digest.hex():
            raise WrongPhase(_("The letter changed meanwhile: look at it again."))
        command = SignCounted(campaign=view.campaign, statement=view.id, digest=view.digest)
        await visit.ask(command, StatementView)
        return place_of("letter", view.campaign, view.id)


class WithdrawPage(Page):
    """Ids: campaign, letter: take back what I gave."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        back = withdrawal(view)
        word = typed_field(_("withdraw"))
        return Sheet(
            heading=back.title,
            body=[
                el("p", back.explain, class_="said"),
                visit.form((word,), (("withdraw", _("Withdraw")),), danger=True),
            ],
            trail=(letter_link(visit, view),),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        must_type(values, _("withdraw"))
        view = await statement(visit)
        await visit.ask(withdrawal(view).command, StatementView)
        return place_of("letter", view.campaign, view.id)


# --- Who signs


def _profile(visit: Visit, kept: Sequence[ProfileView]) -> ProfileView | None:
    number = visit.word(2)
    if number.isascii() and number.isdecimal() and int(number[:6]) < len(kept):
        return kept[int(number[:6])]
    return None


def _fields(view: StatementView, profile: ProfileView | None, *, sealed: bool) -> tuple[Field, ...]:
    named = profile.names if profile is not None else ()
    spelled = "; ".join([f"{one.language}={one.name}" for one in named])
    only = view.languages if len(view.languages) == 1 else ()
    fields = [
        Field(
            name="capacity",
            label=_("I sign as"),
            kind="choice",
            choices=CAPACITIES,
            value=(profile.capacity if profile is not None else Capacity.ORGANISATION).value,
        ),
        Field(
            name="name",
            label=_("Name on the letter"),
            value=profile.name if profile is not None else "",
            required=True,
        ),
        Field(name="names", label=_("In other scripts"), value=spelled, hint=_("such as: fa=...; my=...")),
        Field(name="title", label=_("Title or office"), value=profile.title if profile is not None else ""),
        Field(
            name="affiliation",
            label=_("Affiliation"),
            value=profile.affiliation if profile is not None else "",
        ),
        Field(name="country", label=_("Country"), value=profile.country if profile is not None else ""),
        Field(
            name="members",
            label=_("Of a network: members"),
            value=str(profile.members) if profile is not None and profile.members else "",
        ),
    ]
    if sealed:
        assert view.seal is not None, "the page was refused before"
        label = _("Mine stays shut until so many have signed (all see that number)")
        fields.append(Field(name="floor", label=label, value=str(view.seal.threshold), required=True))
    else:
        permitted = [one for one in view.modes if one in BY_THIS_FORM]
        if len(permitted) > 1:
            ways = [Way(one.value) for one in permitted]
            choices = tuple([(one.value, f"{TITLES[one]}: {SENTENCES[one]}") for one in ways])
            fields.append(
                Field(
                    name="mode",
                    label=_("I stand on the list"),
                    kind="choice",
                    choices=choices,
                    value=NameMode.NAMED.value,
                )
            )
        if NameMode.ROLE in permitted:
            role = profile.role if profile is not None else ""
            fields.append(Field(name="role", label=_("The role, if by role"), value=role))
        fields.append(Field(name="needs", label=_("Count me only with others"), hint=shown.NEEDS_EXAMPLE))
    fields.append(
        Field(
            name="languages_read",
            label=_("I have read it in"),
            kind="checks",
            choices=tuple([(code, language_name(code)) for code in view.languages]),
            values=tuple(only),
        )
    )
    kept = (("yes", _("as a profile, for the next letter")),)
    fields.append(Field(name=_KEEP_PROFILE, label=_("Keep this on my device"), kind="checks", choices=kept))
    return tuple(fields)


def _other_ways(visit: Visit, view: StatementView) -> Child:
    """Ways that this form does not sign in: where they are, or why they are not."""
    pages = {Way.SEALED: "seal", Way.COUNTED: "count"}
    rows = []
    for one in choices_of(view):
        page = pages.get(one.way)
        if one.why_not:
            rows.append(el("li", el("strong", one.title), ": ", one.sentences, " ", el("em", one.why_not)))
        elif page is not None:
            link = visit.link(one.title, page, view.campaign, view.id)
            rows.append(el("li", el("strong", link), ": ", one.sentences))
    return [el("h2", _("Other ways to stand on the letter")), el("ul", rows)] if rows else None


def _read(values: Values) -> tuple[str, ...]:
    """Languages that were checked; at the last look they come in one answer."""
    return tuple([code for text in values.all("languages_read") for code in text.split("\n") if code])


def _command(view: StatementView, values: Values, profile: ProfileView | None) -> SignStatement:
    """What signs, in clear. Raises `BadArgument`."""
    chosen(values, "capacity", Capacity)
    capacity = Capacity(values["capacity"])
    if values["mode"]:
        chosen(values, "mode", NameMode)
    mode = NameMode(values["mode"]) if values["mode"] else NameMode.NAMED
    if mode not in BY_THIS_FORM:
        raise BadArgument(_("choose one of those that are offered"))
    affiliated = capacity is Capacity.AFFILIATED
    if affiliated and not values.line("affiliation"):
        raise BadArgument(_("name the affiliation, or sign without one"))
    if values.line("affiliation") and not affiliated:
        raise BadArgument(_("an affiliation goes only with “affiliation does not endorse”"))
    members = values.line("members")
    counts = members.isascii() and members.isdecimal() and len(members) <= 6
    if (capacity is Capacity.NETWORK) != bool(members) or (members and not counts):
        raise BadArgument(_("a network, and nobody else, says how many members it has"))
    by_role = mode is NameMode.ROLE
    if not values.line("name"):
        raise BadArgument(_("write the name"))
    if by_role and not values.line("role"):
        raise BadArgument(_("write the role that shall stand on the letter"))
    names = parse_names([part.strip() for part in values.line("names").split(";") if part.strip()])
    return SignStatement(
        campaign=view.campaign,
        statement=view.id,
        digest=view.digest,
        capacity=capacity,
        name=values.line("role") if by_role else values.line("name"),
        names=() if by_role else names,
        title="" if by_role else values.line("title"),
        affiliation=values.line("affiliation"),
        country=values.line("country"),
        languages_read=_read(values),
        members=int(members) if members else 0,
        mode=mode,
        logo=profile.logo if profile is not None and mode is NameMode.NAMED else b"",
        needs=tuple([parse_need(part) for part in values.line("needs").split(",") if part.strip()]),
        late=Action.SIGN_LATE in view.actions,
    )


def _floor(view: StatementView, values: Values) -> int:
    """Raises `BadArgument`."""
    seal = view.seal
    assert seal is not None, "the page was refused before"
    given = values.line("floor")
    floor = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    if not seal.threshold <= floor <= seal.members:
        raise BadArgument(
            _("your own number is %(least)d to %(most)d") % {"least": seal.threshold, "most": seal.members}
        )
    return floor


def _kept(values: Values, command: SignStatement) -> SetProfile:
    names = parse_names([part.strip() for part in values.line("names").split(";") if part.strip()])
    return SetProfile(
        label=values.line("name"),
        capacity=command.capacity,
        name=values.line("name"),
        names=names,
        title=values.line("title"),
        affiliation=command.affiliation,
        country=command.country,
        members=command.members,
        role=values.line("role"),
        logo=command.logo,
    )

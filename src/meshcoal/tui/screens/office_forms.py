"""Dialogs about offices: by which steps an organisation signs, mandates, asking for a signature.

Law: each says in plain words who will be able to do what, and until when. What gives somebody power wants a
word typed; who is meant is shown by name before it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from meshcoal.api.commands import (
    GiveMandate,
    MakeOffice,
    MandateScope,
    OfficeStep,
    RequestSignature,
    RevokeMandate,
)
from meshcoal.api.views import CampaignView, MandateView, MemberView, OfficesView, OfficeView, StatementView
from meshcoal.client.entering import eligible, find_members, parse_tags
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.errors import BadArgument, MeshcoalError
from meshcoal.limits import HOLDERS_MAX, OFFICE_STEPS_MAX
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.form import Field, Form, Values, must_type, typed_field
from meshcoal.tui.screens.moments import parse_deadline, written
from meshcoal.tui.widgets.plain import name

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp

MANDATE_DAYS_DEFAULT: Final = 30
_WAITS_MS: Final = (0, 6 * HOUR_MS, 24 * HOUR_MS, 48 * HOUR_MS, 7 * DAY_MS)
_FURTHER: Final = "further"
_SIGNS: Final = "signs"
_STEP_NAMES: Final = (_("policy"), _("director"))


@dataclass(slots=True)
class Plan:
    """An office that is being entered: what was written in each step."""

    name: str = ""
    replaces: bytes = b""
    steps: list[Values] = field(default_factory=list)


def plan_of(office: OfficeView) -> Plan:
    """An office as it stands, to be changed."""
    steps = []
    for number, step in enumerate(office.steps, 1):
        first, *deputies = step.holders
        last = number == len(office.steps)
        steps.append(
            {
                "step": step.name,
                "first": first,
                "deputies": ", ".join(deputies),
                "wait": str(step.wait_ms),
                "then": _SIGNS if last else _FURTHER,
            }
        )
    return Plan(name=office.name, replaces=office.id, steps=steps)


def office_form(plan: Plan) -> Form[Plan]:
    """Whose signature it is about."""

    async def enter(values: Values) -> Plan:
        plan.name = values["name"]
        return plan

    return Form(
        _("Change an office") if plan.replaces else _("A new office"),
        (
            Field(
                name="name",
                label=_("Organisation"),
                value=plan.name,
                placeholder=_("The Centre"),
                required=True,
            ),
        ),
        enter,
        submit=_("Go on"),
        explain=_(
            "An office says by which steps an organisation with several members here decides that it signs. "
            "You take part in it yourself. It binds nobody: what somebody signs in another name is theirs. "
            "Every member of the campaign sees it."
        ),
    )


def step_form(view: CampaignView, plan: Plan, number: int) -> Form[bool]:
    """One step, from 1. Answers whether a further one follows; what was written is kept in the plan."""
    members = eligible(view.members)
    before = plan.steps[number - 1] if number <= len(plan.steps) else {}
    last_possible = number == OFFICE_STEPS_MAX

    async def enter(values: Values) -> bool:
        _step(members, values)
        further = values["then"] == _FURTHER
        plan.steps[number - 1 :] = [values, *(plan.steps[number:] if further else [])]
        return further

    def note(values: Values) -> str:
        try:
            return _step_in_words(members, values)
        except MeshcoalError as exc:
            return str(exc) if values["first"] or values["deputies"] else ""

    waits = sorted({*_WAITS_MS, int(before.get("wait", "0"))})
    thens = ((_FURTHER, _("a further step decides")), (_SIGNS, _("nothing: who decides this signs")))
    return Form(
        _("Step %(number)d of %(office)s") % {"number": number, "office": name(plan.name, 40)},
        (
            Field(
                name="step",
                label=_("What is decided"),
                value=before.get("step", _STEP_NAMES[number - 1] if number <= len(_STEP_NAMES) else ""),
                required=True,
            ),
            Field(
                name="first",
                label=_("Who decides"),
                value=before.get("first", ""),
                placeholder=_names(members),
                required=True,
            ),
            Field(
                name="deputies",
                label=_("Who may stand in"),
                value=before.get("deputies", ""),
                placeholder=_("may stay empty; else names with commas between"),
            ),
            Field(
                name="wait",
                label=_("They may stand in"),
                kind="choice",
                choices=tuple([(str(wait_ms), shown.span(wait_ms)) for wait_ms in waits]),
                value=before.get("wait", str(24 * HOUR_MS)),
            ),
            Field(
                name="then",
                label=_("After this step"),
                kind="choice",
                choices=thens[1:] if last_possible else thens,
                value=before.get("then", _FURTHER if number == 1 else _SIGNS),
            ),
        ),
        enter,
        submit=_("Go on"),
        note=note,
    )


def confirm_office_form(app: MeshcoalApp, view: CampaignView, plan: Plan) -> Form[OfficesView]:
    """The whole office in words, before it is made."""
    members = eligible(view.members)

    async def make(_values: Values) -> OfficesView:
        command = MakeOffice(
            campaign=view.id,
            name=plan.name,
            steps=tuple([_step(members, values) for values in plan.steps]),
            replaces=plan.replaces,
        )
        return await app.session.send(command, OfficesView)

    told = [
        _("%(number)d. %(step)s: %(who)s")
        % {"number": number, "step": name(values["step"], 30), "who": _step_in_words(members, values)}
        for number, values in enumerate(plan.steps, 1)
    ]
    count = ngettext(
        "“%(office)s” signs in %(count)d step:", "“%(office)s” signs in %(count)d steps:", len(told)
    )
    change = _("It takes the place of the office as it stands; what was asked of that one is asked anew.")
    return Form(
        _("Is this how it decides?"),
        (),
        make,
        submit=_("Change the office") if plan.replaces else _("Make the office"),
        explain="\n".join(
            [
                count % {"office": name(plan.name, 40), "count": len(told)},
                *told,
                *([change] if plan.replaces else []),
            ]
        ),
    )


def _step(members: Sequence[MemberView], values: Values) -> OfficeStep:
    holders = _holders(members, values)
    return OfficeStep(
        name=values["step"],
        holders=tuple([one.author for one in holders]),
        wait_ms=int(values["wait"]) if len(holders) > 1 else 0,
    )


def _holders(members: Sequence[MemberView], values: Values) -> tuple[MemberView, ...]:
    """Who decides, and who may stand in. Raises `BadArgument`, `Unknown`, `Ambiguous`."""
    if len(find_members(members, values["first"])) != 1:
        raise BadArgument(_("one person decides; others stand in"))
    holders = find_members(members, f"{values['first']},{values['deputies']}")
    if len(holders) > HOLDERS_MAX:
        raise BadArgument(_("at most %(count)d can stand in") % {"count": HOLDERS_MAX - 1})
    return holders


def _step_in_words(members: Sequence[MemberView], values: Values) -> str:
    first, *deputies = [name(one.name, 24) for one in _holders(members, values)]
    does = _("%(name)s signs") if values["then"] == _SIGNS else _("%(name)s decides")
    if not deputies:
        return does % {"name": first}
    may = _("; %(names)s may stand in %(when)s")
    when = shown.span(int(values["wait"]))
    return does % {"name": first} + may % {"names": ", ".join(deputies), "when": when}


def _names(members: Sequence[MemberView]) -> str:
    """For an empty field: told from something that was entered by its words, not by its colour."""
    return _("empty; one of: %(names)s") % {"names": ", ".join([name(one.name, 24) for one in members])}


def mandate_form(app: MeshcoalApp, view: CampaignView, office: OfficeView) -> Form[OfficesView]:
    """Let somebody sign for an office without its steps, within bounds and for a time."""
    word = _("mandate")
    check = must_type(word)
    members = [one for one in eligible(view.members) if not one.me]
    until = written(app.now_ms() + MANDATE_DAYS_DEFAULT * DAY_MS, app.zone)

    async def give(values: Values) -> OfficesView:
        check(values)
        holders = find_members(members, values["holder"])
        if len(holders) != 1:
            raise BadArgument(_("a mandate is for one person; give another one to the next"))
        expires_ms = parse_deadline(values["until"], app.zone)
        if expires_ms <= app.now_ms():
            raise BadArgument(_("that time has passed already"))
        command = GiveMandate(
            campaign=view.id,
            office=office.id,
            holder=holders[0].author,
            scope=MandateScope(
                words=values["words"],
                topics=parse_tags(values["topics"]),
                countries=parse_tags(values["countries"]),
                asks_excluded=parse_tags(values["asks"]),
            ),
            expires_ms=expires_ms,
        )
        return await app.session.send(command, OfficesView)

    def note(values: Values) -> str:
        try:
            holders = find_members(members, values["holder"])
        except MeshcoalError as exc:
            return str(exc)
        if len(holders) != 1:
            return ""
        sentence = _("%(name)s may sign for %(office)s alone, without its steps, until %(until)s.")
        said = {"name": name(holders[0].name, 24), "office": name(office.name, 40), "until": values["until"]}
        return sentence % said

    return Form(
        _("A mandate for %(office)s") % {"office": name(office.name, 40)},
        (
            Field(name="holder", label=_("Who may sign"), placeholder=_names(members), required=True),
            Field(
                name="words",
                label=_("For what, in words"),
                kind="text",
                placeholder=_("Death-penalty cases; no call for sanctions"),
                required=True,
            ),
            Field(
                name="topics", label=_("Only these topics"), placeholder=_("any; or: death-penalty, torture")
            ),
            Field(name="countries", label=_("Only these countries"), placeholder=_("any; or: ir, af")),
            Field(name="asks", label=_("Never if it asks for"), placeholder=_("nothing; or: sanctions")),
            Field(name="until", label=_("Until, my time"), value=until, required=True),
            typed_field(word),
        ),
        give,
        submit=_("Give the mandate"),
        danger=True,
        note=note,
        explain=_(
            "Only whoever decides the last step gives one. It covers letters that say what they are about, "
            "and no others. Every member reads it, and each use of it stands in the list. You can take it "
            "back: what was signed before that was known stays signed."
        ),
    )


def revoke_form(app: MeshcoalApp, campaign: bytes, mandate: MandateView) -> Form[OfficesView]:
    """Take a mandate back."""
    word = _("revoke")
    check = must_type(word)

    async def revoke(values: Values) -> OfficesView:
        check(values)
        return await app.session.send(RevokeMandate(campaign=campaign, mandate=mandate.id), OfficesView)

    return Form(
        _("Take a mandate back"),
        (typed_field(word),),
        revoke,
        submit=_("Revoke"),
        danger=True,
        explain=_(
            "%(name)s may then sign for %(office)s no longer. What somebody signed under it who had not "
            "heard of this stays signed."
        )
        % {"name": name(mandate.holder, 24), "office": name(mandate.office_name, 40)},
    )


def request_form(app: MeshcoalApp, view: StatementView, offices: Sequence[OfficeView]) -> Form[StatementView]:
    """Ask an office in which I have a part to sign."""

    async def ask(values: Values) -> StatementView:
        command = RequestSignature(
            campaign=view.campaign,
            statement=view.id,
            office=bytes.fromhex(values["office"]),
            note=values["note"],
        )
        return await app.session.send(command, StatementView)

    by_id = {one.id.hex(): one for one in offices}

    def note(values: Values) -> str:
        office = by_id[values["office"]]
        return " → ".join([f"{name(step.name, 20)} ({name(step.holders[0], 20)})" for step in office.steps])

    return Form(
        _("Ask an organisation to sign"),
        (
            Field(
                name="office",
                label=_("Office"),
                kind="choice",
                choices=tuple([(key, name(one.name, 40)) for key, one in by_id.items()]),
                value=next(iter(by_id)),
            ),
            Field(name="note", label=_("For those who decide"), kind="text"),
        ),
        ask,
        submit=_("Ask"),
        note=note,
        explain=_(
            "Its steps decide in their order; the clock begins now, and deputies may stand in when a step "
            "has waited. All members see where it stands, and your note."
        ),
    )

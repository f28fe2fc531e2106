"""Fixing a letter: the text that is signed, the list that goes out, and what is added to it.

Law: each form says in plain words what it does and cannot undo, and wants a word typed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from meshcoal.api.commands import FreezeStatement, NameMode, PublishAddendum, ReleaseStatement
from meshcoal.api.views import Action, RedLine, RevisionView, StatementView
from meshcoal.browser.elements import Child, el, language_name, name, said
from meshcoal.browser.forms import Field, Values, must_type, typed_field
from meshcoal.browser.pages.comparing import letter_link
from meshcoal.browser.pages.letter import statement, tally_table
from meshcoal.browser.visit import Answer, Page, Sheet, Visit, place_of
from meshcoal.client.entering import parse_tags
from meshcoal.clock import HOUR_MS
from meshcoal.errors import BadArgument, WrongPhase
from meshcoal.limits import GRACE_MS_MAX, MEMBERS_MAX, SEALED_THRESHOLD_MIN
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.moments import parse_deadline

_PAPER: Final = "paper"
_DEADLINE_DAYS: Final = 3
_GRACE_HOURS: Final = (0, 6, 12, 24, 48)


class FreezePage(Page):
    """Ids: campaign, letter. The first version, or the next one."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        again = Action.REVISE in view.actions
        if again:
            explain = _(
                "Version %(version)d takes the place of the text that is open. %(counted)d signatures lapse: "
                "everybody sees what changed and signs anew, or stays off the letter. These are fixed:"
            ) % {"version": view.version + 1, "counted": view.tally.counted}
        else:
            explain = _("After this nobody can change the text. These are fixed:")
        picked = _current(view)
        texts = [
            el(
                "li",
                said(language_name(one.language)),
                ": ",
                said(one.title, lang=one.language),
                ", ",
                said(one.name),
            )
            for one in picked
        ]
        body: list[Child] = [el("p", explain), el("ul", texts)]
        lines = [one for one in view.comments if one.red_line is RedLine.STANDS]
        if lines:
            head = _("! Red lines that stand: %(count)d. Who drew them will not sign.") % {
                "count": len(lines)
            }
            listed = [el("li", said(one.name), ": ", said(one.text)) for one in lines]
            body.append(el("div", el("p", head), el("ul", listed), class_="warn"))
        body.append(
            visit.form(_freeze_fields(visit, view, again), (("freeze", _words(again)[1]),), danger=True)
        )
        return Sheet(heading=_words(again)[0], body=body, trail=(letter_link(visit, view),), typed=True)

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        again = Action.REVISE in view.actions
        must_type(values, _words(again)[2])
        deadline_ms = parse_deadline(values["deadline"], visit.zone)
        if deadline_ms <= visit.now_ms:
            raise BadArgument(_("the deadline has passed already"))
        soft, expires = values["soft_deadline"], values["seal_expires"]
        until = _number(values.line("sealed_until"))
        if expires and not until:
            raise BadArgument(_("sealed ones need the number of how many open them"))
        permitted = values.all("modes")
        command = FreezeStatement(
            campaign=view.campaign,
            statement=view.id,
            revisions=tuple([one.id for one in _current(view)]),
            addressees=tuple(
                [line.strip() for line in values.text("addressees").split("\n") if line.strip()]
            ),
            deadline_ms=deadline_ms,
            soft_deadline_ms=parse_deadline(soft, visit.zone) if soft else 0,
            grace_ms=_grace(values["grace"]),
            replaces=view.digest if again else b"",
            modes=tuple([one for one in NameMode if one is NameMode.NAMED or one.value in permitted]),
            paper=_PAPER in permitted,
            sealed_until=until,
            seal_expires_ms=parse_deadline(expires, visit.zone) if expires else 0,
            topics=parse_tags(values.line("topics")),
            countries=parse_tags(values.line("countries")),
            asks=parse_tags(values.line("asks")),
        )
        await visit.ask(command, StatementView)
        return place_of("letter", view.campaign, view.id)


def _words(again: bool) -> tuple[str, str, str]:
    """Heading, button, word to type."""
    if again:
        return _("Freeze the next version"), _("Replace"), _("replace")
    return _("Freeze the text and open it for signing"), _("Freeze"), _("freeze")


def _current(view: StatementView) -> tuple[RevisionView, ...]:
    """The newest text of each language that nobody has succeeded."""
    return tuple({one.language: one for one in view.revisions if one.current}.values())


def _freeze_fields(visit: Visit, view: StatementView, again: bool) -> tuple[Field, ...]:
    deadline_ms = view.deadline_ms if again else 0
    local = datetime.fromtimestamp((deadline_ms or visit.now_ms) / 1000, tz=visit.zone).astimezone(visit.zone)
    if not again:
        local += timedelta(days=_DEADLINE_DAYS)
    modes = tuple([one.value for one in view.modes]) + ((_PAPER,) if view.paper else ())
    grace = sorted({*_GRACE_HOURS, view.grace_ms // HOUR_MS})
    hours = [
        (
            str(count * HOUR_MS),
            ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
            if count
            else _("not at all"),
        )
        for count in grace
    ]
    return (
        Field(
            name="addressees",
            label=_("Addressees, one a line"),
            kind="text",
            value="\n".join(view.addressees),
            hint=_("such as: The Minister of Justice"),
        ),
        Field(name="soft_deadline", label=_("Please sign by (may stay empty)"), kind="moment"),
        Field(
            name="deadline",
            label=_("Deadline, my time"),
            kind="moment",
            value=f"{local:%Y-%m-%d %H:%M}",
            required=True,
        ),
        Field(
            name="grace",
            label=_("What is signed in time is waited for"),
            kind="choice",
            choices=tuple(hours),
            value=str(view.grace_ms),
        ),
        Field(
            name="modes",
            label=_("May also sign"),
            kind="checks",
            choices=(
                *[(mode.value, words) for mode, words in shown.HIDDEN_MODES.items()],
                (_PAPER, _("on paper, entered by a member who saw it")),
            ),
            values=modes,
        ),
        Field(
            name="sealed_until",
            label=_("Sealed until so many have signed (may stay empty)"),
            value=str(view.seal.threshold) if view.seal is not None else "",
        ),
        Field(
            name="seal_expires",
            label=_("Sealed ones stay shut from"),
            kind="moment",
            hint=_("empty: the deadline"),
        ),
        Field(
            name="topics",
            label=_("It is about"),
            value=", ".join(view.topics),
            hint=_("empty; or: death-penalty, torture"),
        ),
        Field(
            name="countries",
            label=_("Countries"),
            value=", ".join(view.countries),
            hint=_("empty; or: ir, af. Mandates need both"),
        ),
        Field(name="asks", label=_("It asks for"), value=", ".join(view.asks), hint=_("empty; or: release")),
        typed_field(_words(again)[2]),
    )


def _number(given: str) -> int:
    """0 where nothing is written. Raises `BadArgument`."""
    if not given:
        return 0
    if not (given.isascii() and given.isdigit()) or not SEALED_THRESHOLD_MIN <= int(given[:9]) <= MEMBERS_MAX:
        raise BadArgument(
            _("sealed sign-ons open after %(least)d at the soonest") % {"least": SEALED_THRESHOLD_MIN}
        )
    return int(given)


def _grace(given: str) -> int:
    if not (given.isascii() and given.isdigit()) or len(given) > 12 or int(given) > GRACE_MS_MAX:
        raise BadArgument(_("choose one of those that are offered"))
    return int(given)


class ReleasePage(Page):
    """Ids: campaign, letter: what holds and what is missing, then the release."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        told = _(
            "The list of signatories is fixed as it stands: %(counted)d counted.\n"
            "Every member can then export the letter with all names on it. This cannot be undone."
        ) % {"counted": view.tally.counted}
        word = _("release")
        fields = (
            Field(name="embargo", label=_("Not before"), kind="moment", hint=_("an embargo; empty: at once")),
            typed_field(word),
        )
        body: list[Child] = [
            el("h2", _("Before you release")),
            el("ul", [el("li", one) for one in checklist(visit, view)]),
            tally_table(view.tally),
            el("p", told, class_="said"),
            visit.form(fields, (("release", _("Release")),), danger=True),
        ]
        return Sheet(
            heading=_("Release the letter"), body=body, trail=(letter_link(visit, view),), typed=True
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        must_type(values, _("release"))
        wanted = values["embargo"]
        view = await visit.ask(
            ReleaseStatement(
                campaign=visit.id(),
                statement=visit.id(1),
                not_before_ms=parse_deadline(wanted, visit.zone) if wanted else 0,
            ),
            StatementView,
        )
        return place_of("exports", view.campaign, view.id)


def checklist(visit: Visit, view: StatementView) -> list[Child]:
    """Each thing to look at before the release, with a sign and a word."""
    rows: list[Child] = []

    def row(good: bool, words: str) -> None:
        rows.append(("✓ " if good else "! ") + words)

    waited_for_ms = view.deadline_ms + view.grace_ms
    over = visit.now_ms >= waited_for_ms
    when = {"when": visit.exact(waited_for_ms)}
    row(
        over,
        _("The deadline has passed.")
        if over
        else _("Signatures are waited for until %(when)s. What comes after the release is not on this list.")
        % when,
    )
    for share in view.quorum:
        fields = {"seat": shown.SEATS[share.seat], "have": share.have, "needed": share.needed}
        row(share.have >= share.needed, _("%(seat)s: %(have)s of %(needed)s agreed") % fields)
    lines = sum(one.red_line is RedLine.STANDS for one in view.comments)
    row(not lines, _("Red lines that stand: %(count)d") % {"count": lines})
    unchecked = [
        one.language for one in view.revisions if one.frozen and one.translates and not one.checked_by
    ]
    if unchecked:
        row(
            False,
            _("Nobody has compared these languages: %(languages)s") % {"languages": ", ".join(unchecked)},
        )
    else:
        row(True, _("Every translation was compared."))
    fields = {"by": view.held_by, "of": view.held_of}
    row(view.held_by == view.held_of, _("Held by %(by)d of %(of)d members.") % fields)
    if view.unsigned:
        names = ", ".join([name(one, 24) for one in view.unsigned])
        row(False, _("Not signed yet: %(names)s") % {"names": names})
    if view.replies:
        row(False, _("Replies from outside that wait for a decision: %(count)d") % {"count": view.replies})
    return rows


class AddendumPage(Page):
    """Ids: campaign, letter."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        late = view.late
        if late is None:
            raise WrongPhase(_("Nobody waits for an addendum."))
        wanted = set(late.sign_ons)
        names = [
            el("li", "+ ", said(one.name or one.member)) for one in view.tally.entries if one.id in wanted
        ]
        if late.outside:
            outside = ngettext(
                "+ %(count)d from outside the campaign", "+ %(count)d from outside the campaign", late.outside
            )
            names.append(el("li", outside % {"count": late.outside}))
        names += [el("li", _("– %(name)s withdrew") % {"name": name(one, 40)}) for one in late.withdrawals]
        told = _("The released list stays as it is. These are added behind it, under a number of their own:")
        return Sheet(
            heading=_("Publish addendum %(number)d") % {"number": len(view.addenda) + 1},
            body=[
                el("p", told),
                el("ul", names),
                el("p", _("Export the files anew afterwards. This cannot be undone.")),
                visit.form((typed_field(_("publish")),), (("publish", _("Publish")),), danger=True),
            ],
            trail=(letter_link(visit, view),),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        must_type(values, _("publish"))
        await visit.ask(PublishAddendum(campaign=visit.id(), statement=visit.id(1)), StatementView)
        return place_of("letter", *visit.place.ids[:2])

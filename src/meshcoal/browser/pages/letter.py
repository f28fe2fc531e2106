"""One letter: how it stands, its texts with what was said of them, who signed, and what may be done now.

Law: what may be done is what the daemon's view lists, nothing more. The tally is shown as it came, with the
digest that every node shares.
"""

from __future__ import annotations

from collections.abc import Sequence

from meshcoal.api.case_views import WAITING_STATES, next_step
from meshcoal.api.commands import NameMode, ShowStatement, Stance
from meshcoal.api.views import (
    Action,
    EntryState,
    EntryView,
    RedLine,
    RevisionView,
    StatementPhase,
    StatementView,
    TallyView,
)
from meshcoal.browser.elements import Child, Element, el, language_name, name, put, said
from meshcoal.browser.pages.campaign import trail
from meshcoal.browser.pages.files import attached
from meshcoal.browser.pages.standing import counted_standing, mine_back, seal_standing
from meshcoal.browser.visit import Page, Sheet, Visit
from meshcoal.client.remarks import Remark, remarks
from meshcoal.tui import shown
from meshcoal.tui.countdown import countdown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.pace import pace, pace_sentences
from meshcoal.tui.sentences import STEP_STATES, STEPS, step_facts, where_now, who_waits
from meshcoal.tui.standing import may_count, may_seal, mode_rows, tally_rows


async def statement(visit: Visit) -> StatementView:
    """The letter that the first two ids of the place name."""
    return await visit.ask(ShowStatement(campaign=visit.id(), statement=visit.id(1)), StatementView)


def languages_of(view: StatementView) -> tuple[str, ...]:
    """Languages that have a text, in order of appearance."""
    return tuple(dict.fromkeys(one.language for one in view.revisions))


def text_of(view: StatementView, language: str) -> RevisionView:
    """The text of a language: the frozen one, else the newest that nobody succeeded."""
    texts = [one for one in view.revisions if one.language == language]
    return ([one for one in texts if one.frozen] or [one for one in texts if one.current] or texts)[-1]


def direction_of(revision: RevisionView) -> str:
    return revision.direction.value


class LetterPage(Page):
    """Ids: campaign, letter; the revision shown, if it is not the usual one."""

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        revision = _revision(visit, view)
        body: list[Child] = [_facts(visit, view), _warnings(view)]
        acts = _acts(visit, view, revision)
        if acts:
            body += [el("h2", _("What you can do")), el("ul", [el("li", one) for one in acts])]
        body += [el("h2", _("Text")), _languages(visit, view, revision), *_text(visit, view, revision)]
        body += [el("h2", _("Signatures"), id="signatures"), *_signatures(visit, view)]
        body += [el("h2", _("Course")), _course(visit, view)]
        return Sheet(
            heading=name(revision.title if revision else view.title, 120),
            body=body,
            trail=await trail(visit, view.campaign),
        )


def _revision(visit: Visit, view: StatementView) -> RevisionView | None:
    wanted = visit.word(2)
    for one in view.revisions:
        if one.id.hex() == wanted:
            return one
    languages = languages_of(view)
    return text_of(view, languages[0]) if languages else None


def _facts(visit: Visit, view: StatementView) -> Element:
    rows: list[tuple[str, Child]] = [(_("State"), shown.PHASES[view.phase])]
    if view.phase is StatementPhase.OPEN:
        if view.soft_deadline_ms > visit.now_ms:
            rows.append((_("Please sign by"), visit.at(view.soft_deadline_ms)))
        left = countdown(view, now_ms=visit.now_ms, motion=False)
        rows.append((_("Deadline"), (visit.at(view.deadline_ms), f" ({left})")))
    if view.phase is StatementPhase.RELEASED:
        fields = {"when": visit.exact(view.released_ms), "who": name(view.released_by, 24)}
        rows.append((_("Released"), _("on %(when)s by %(who)s") % fields))
        if view.not_before_ms > visit.now_ms:
            rows.append((_("Embargo"), visit.at(view.not_before_ms)))
    if view.addressees:
        rows.append(
            (_("Addressees"), el("ul", [el("li", said(one)) for one in view.addressees], class_="plain"))
        )
    if view.digest:
        fields = {"version": str(view.version), "digest": shown.short_digest(view.digest)}
        rows.append((_("Digest"), _("Version %(version)s, digest: %(digest)s") % fields))
    rows.append((_("Held by"), _("%(by)d of %(of)d members") % {"by": view.held_by, "of": view.held_of}))
    step = next_step(view.course)
    if step is not None:
        who = f" ({who_waits(step)})" if step.waits_for else ""
        rows.append((_("Next"), f"{STEPS[step.step]}{who}"))
    if view.mine is not None:
        rows.append((_("My signature"), shown.ENTRY_STATES[view.mine]))
    made = el("dl", class_="facts")
    for words, value in rows:
        put(made, el("dt", words), el("dd", value))
    return made


def _warnings(view: StatementView) -> Child:
    told = []
    if view.ineffective:
        late = _("! %(count)d acts came too late or without the right, and count for nothing.")
        told.append(late % {"count": view.ineffective})
    lines = sum(one.red_line is RedLine.STANDS for one in view.comments)
    if lines:
        told.append(_("! Red lines that stand: %(count)d") % {"count": lines})
    if view.lapsed:
        names = ", ".join([name(one, 24) for one in view.lapsed])
        told.append(_("! Signed an earlier version, and not this one: %(names)s") % {"names": names})
    if view.set_aside:
        names = ", ".join([name(one, 24) for one in view.set_aside])
        aside = _("! Set aside, since that device gave two different operations at one place: %(names)s")
        told.append(aside % {"names": names})
    return el("div", [el("p", one) for one in told], class_="warn") if told else None


def _acts(visit: Visit, view: StatementView, revision: RevisionView | None) -> list[Element]:
    """Links to forms, each for something that may be done now."""
    where = (view.campaign, view.id)
    found: list[Element] = []
    actions = view.actions
    if Action.SIGN in actions or Action.SIGN_LATE in actions:
        found.append(el("strong", visit.link(_("Sign"), "sign", *where)))
    if may_seal(view):
        found.append(visit.link(_("Sign sealed"), "seal", *where))
    if may_count(view):
        found.append(visit.link(_("Be counted, and not named"), "count", *where))
    if Action.WITHDRAW in actions or mine_back(view):
        found.append(visit.link(_("Withdraw my signature"), "withdraw", *where))
    if revision is not None and Action.COMMENT in actions:
        found.append(visit.link(_("Comment on the whole text"), "comment", *where, revision.id, "0"))
    if revision is not None and Action.AMEND in actions:
        found.append(visit.link(_("Amend this text"), "amend", *where, revision.id))
        beside = _beside(view, revision)
        if beside is not None:
            found.append(visit.link(_("Merge two texts"), "amend", *where, revision.id, beside.id))
        found.append(visit.link(_("Add a further language"), "translate", *where, revision.id))
    if Action.FREEZE in actions:
        found.append(visit.link(_("Freeze the text and open it for signing"), "freeze", *where))
    if Action.REVISE in actions:
        found.append(visit.link(_("Freeze the next version"), "freeze", *where))
    if Action.RELEASE in actions:
        found.append(visit.link(_("Release the letter"), "release", *where))
    if Action.ADDENDUM in actions:
        found.append(visit.link(_("Publish an addendum"), "addendum", *where))
    if Action.EXPORT in actions:
        found.append(visit.link(_("Files of the released letter"), "exports", *where))
    if view.digest:
        found.append(visit.link(_("Exactly what is signed"), "exact", *where))
    return found


def _beside(view: StatementView, revision: RevisionView) -> RevisionView | None:
    """A current text beside this one."""
    if not revision.current:
        return None
    others = [one for one in view.revisions if one.language == revision.language and one.current]
    return next((one for one in others if one.id != revision.id), None)


def _languages(visit: Visit, view: StatementView, revision: RevisionView | None) -> Child:
    if revision is None:
        return None
    where = (view.campaign, view.id)
    known = languages_of(view)
    links = [
        el(
            "li",
            visit.link(
                said(language_name(code), lang=code),
                "letter",
                *where,
                text_of(view, code).id,
                current=code == revision.language,
            ),
        )
        for code in known
    ]
    rows: list[Child] = [el("nav", el("ul", links), aria_label=_("Languages"))]
    texts = [one for one in view.revisions if one.language == revision.language]
    at = texts.index(revision)
    fields = {"at": at + 1, "of": len(texts), "name": name(revision.name, 24)}
    rows.append(
        el(
            "p",
            _("Revision %(at)d of %(of)d by %(name)s") % fields,
            ", ",
            visit.moment(revision.at_ms),
            class_="dim",
        )
    )
    if revision.translates:
        if revision.checked_by:
            by = ", ".join([name(one, 20) for one in revision.checked_by])
            rows.append(el("p", _("a translation, checked by %(names)s") % {"names": by}, class_="dim"))
        else:
            rows.append(el("p", _("a translation that nobody has checked"), class_="dim"))
    if revision.stale:
        rows.append(el("p", _("! What it translates was changed since."), class_="warn"))
    current = [one for one in texts if one.current]
    if len(current) > 1:
        told = _("! %(count)d revisions stand side by side.")
        rows.append(el("p", told % {"count": len(current)}, class_="warn"))
    ways = []
    if at > 0:
        ways.append(visit.link(_("Older revision"), "letter", *where, texts[at - 1].id))
    if at + 1 < len(texts):
        ways.append(visit.link(_("Newer revision"), "letter", *where, texts[at + 1].id))
    if revision.base:
        ways.append(visit.link(_("What this revision changed"), "changes", *where, revision.id))
    if len(known) > 1:
        ways.append(visit.link(_("Two languages side by side"), "beside", *where, revision.language))
    if ways:
        rows.append(el("ul", [el("li", one) for one in ways]))
    return el("div", rows)


def _text(visit: Visit, view: StatementView, revision: RevisionView | None) -> list[Child]:
    if revision is None:
        return [el("p", _("There is no text yet."))]
    language, direction = revision.language, direction_of(revision)
    by_paragraph: dict[int, list[Remark]] = {}
    for remark in remarks(view, revision):
        by_paragraph.setdefault(remark.paragraph, []).append(remark)
    rows: list[Child] = [said(revision.title, "h3", lang=language, direction=direction)]
    rows.append(attached(visit, view.campaign, revision.id, revision.attachments))
    rows.append(_comments(visit, view, by_paragraph.get(0, ())))
    for number, text in enumerate(revision.paragraphs, start=1):
        part = el(
            "div", said(text, "p", lang=language, direction=direction, class_="said"), class_="paragraph"
        )
        if Action.COMMENT in view.actions:
            words = _("Comment on paragraph %(number)d") % {"number": number}
            link = visit.link(words, "comment", view.campaign, view.id, revision.id, str(number))
            put(part, el("p", link, class_="number"))
        put(part, _comments(visit, view, by_paragraph.get(number, ())))
        rows.append(part)
    return rows


def _comments(visit: Visit, view: StatementView, found: Sequence[Remark]) -> Child:
    if not found:
        return None
    return el("ul", [_comment(visit, view, one) for one in found], class_="comments plain")


def _comment(visit: Visit, view: StatementView, remark: Remark) -> Element:
    one = remark.comment
    made = el("li", el("p", el("strong", said(one.name)), ", ", visit.moment(one.at_ms), class_="dim"))
    about = where_now(remark)
    if about:
        put(made, el("p", about, class_="dim"))
    what = ""
    if one.stance is Stance.CHECKED:
        what = _("checked this translation. ")
    elif one.stance is Stance.AGREE:
        what = _("does not agree any more. ") if one.lifts else _("agrees that it goes out. ")
    elif one.lifts:
        what = _("lifted a red line. ")
    elif one.red_line is not RedLine.NONE:
        what = f"{shown.STANCES[one.stance]} ({shown.RED_LINES[one.red_line]})"
    if what:
        put(
            made, el("p", el("strong", what.strip()), class_="warn" if one.red_line is RedLine.STANDS else "")
        )
    if one.text:
        put(made, said(one.text, "p", lang=one.language, class_="said"))
    return put(made, attached(visit, view.campaign, one.id, one.attachments))


# --- Signatures


def _signatures(visit: Visit, view: StatementView) -> list[Child]:
    body: list[Child] = [tally_table(view.tally), *_ways_and_pace(visit, view)]
    if view.seal is not None:
        body += [el("p", one) for one in seal_standing(view.seal, zone=visit.zone)]
    if view.unnamed is not None:
        body += [el("p", one) for one in counted_standing(view.unnamed)]
    if view.tally.entries:
        body.append(el("h3", _("Who signed")))
        body.append(el("ol", [_entry(visit, view, one) for one in view.tally.entries], class_="things"))
    else:
        body.append(el("p", _("Nobody has signed yet.")))
    if view.unsigned:
        names = ", ".join([name(one, 24) for one in view.unsigned])
        body.append(el("p", _("Not signed yet: %(names)s") % {"names": names}))
    if view.quorum:
        body.append(el("p", _("Before the release: %(shares)s") % {"shares": shown.quorum(view)}))
    for one in view.addenda:
        told = _("Addendum %(number)d: %(added)d added, %(count)d withdrew")
        fields = {
            "number": one.number,
            "added": one.organisations + one.individuals,
            "count": one.withdrawals,
        }
        body.append(el("p", told % fields))
    if view.late is not None:
        waiting = len(view.late.sign_ons) + view.late.outside + len(view.late.withdrawals)
        told = ngettext(
            "%(count)d late one waits for the next addendum",
            "%(count)d late ones wait for the next addendum",
            waiting,
        )
        body.append(el("p", told % {"count": waiting}))
    return body


def _ways_and_pace(visit: Visit, view: StatementView) -> list[Child]:
    """How they stand on the letter, and how they came in, in words."""
    rows = mode_rows(view)
    body: list[Child] = []
    if len(rows) > 1:
        listed = [el("tr", el("th", words, scope="row"), el("td", str(count))) for words, count in rows]
        body.append(el("table", el("caption", _("How they stand on the letter")), listed))
    found = pace(view, now_ms=visit.now_ms)
    if found is not None:
        body.append(el("p", " ".join(pace_sentences(found, now_ms=visit.now_ms, zone=visit.zone))))
    return body


def tally_table(tally: TallyView) -> Element:
    """All counts, and the digest that equals everyone's."""
    most = str(max(1, tally.counted))
    made = el("table", el("caption", shown.signed(tally.counted)))
    for words, count in tally_rows(tally):
        bar = el("meter", f"{count}", value=str(count), min="0", max=most, aria_label=words)
        put(made, el("tr", el("th", words, scope="row"), el("td", str(count)), el("td", bar)))
    parts: list[Child] = [made]
    if tally.outside:
        told = _("%(count)d of them from outside the campaign") % {"count": tally.outside}
        parts.append(el("p", told))
    if tally.on_paper:
        told = _("beside them on paper: %(count)d, entered by witnesses: %(witnesses)d")
        parts.append(el("p", told % {"count": tally.on_paper, "witnesses": tally.witnesses}))
    digest = _("Count's digest: %(digest)s") % {"digest": shown.short_digest(tally.digest)}
    return el("div", parts, el("p", digest, class_="dim"))


def _entry(visit: Visit, view: StatementView, entry: EntryView) -> Element:
    counted = entry.state in (EntryState.COUNTED, EntryState.ADDED)
    others = [one.name for one in entry.names]
    details = [part for part in (*others, entry.title, entry.affiliation, entry.country) if part]
    made = el("li", el("p", el("strong", said(entry.name))))
    for part in details:
        put(made[0], ", ", said(part))
    how = shown.CAPACITIES[entry.capacity]
    if entry.mode is not NameMode.NAMED:
        how += f", {shown.HIDDEN_MODES[entry.mode]}"
    fields = {
        "capacity": how,
        "seat": shown.SEATS[entry.seat],
        "member": name(entry.member, 24),
        "when": shown.moment(entry.at_ms, now_ms=visit.now_ms, zone=visit.zone),
    }
    told = _("as %(capacity)s, %(seat)s; entered by %(member)s, %(when)s") % fields
    held = (
        _("was sealed")
        if entry.sealed
        else _("held %(by)d/%(of)d") % {"by": entry.held_by, "of": view.held_of}
    )
    put(made, el("p", told, " · ", held, class_="dim"))
    if entry.needs:
        put(made, el("p", ", ".join([shown.need(one) for one in entry.needs]), class_="dim"))
    if entry.office:
        put(made, el("p", _("for the office %(office)s") % {"office": name(entry.office, 30)}, class_="dim"))
    if not counted:
        put(made, el("p", shown.ENTRY_STATES[entry.state], class_="warn"))
    return made


def _course(visit: Visit, view: StatementView) -> Element:
    """All steps, each with its state, for whom it waits and since when."""
    rows = []
    for step in view.course:
        waits = step.state in WAITING_STATES
        facts = [
            STEP_STATES[step.state],
            *([who_waits(step)] if waits and step.waits_for else []),
            *step_facts(step, now_ms=visit.now_ms, zone=visit.zone),
        ]
        words: Child = el("strong", STEPS[step.step]) if waits else STEPS[step.step]
        rows.append(el("li", words, " · ", " · ".join(facts)))
    return el("ol", rows)

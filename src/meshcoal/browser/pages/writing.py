"""Writing: a first draft, a revision, a further language, a comment.

Law: what is written is kept before anything can lose it. A revision names the one it was made from, so that
two people's changes stand side by side instead of one erasing the other.
"""

from __future__ import annotations

from meshcoal.api.commands import (
    AmendStatement,
    CommentStatement,
    DraftStatement,
    ShowCampaign,
    Stance,
)
from meshcoal.api.views import CampaignView, CommentView, RedLine, RevisionView, StatementView
from meshcoal.browser.elements import Child, el, name, said
from meshcoal.browser.forms import Field, Values, chosen
from meshcoal.browser.pages.campaign import trail
from meshcoal.browser.pages.comparing import letter_link, revision_of
from meshcoal.browser.pages.files import file_field, handed_over
from meshcoal.browser.pages.letter import direction_of, statement
from meshcoal.browser.visit import KEEP, Answer, Page, Sheet, Visit, draft_note, place_of
from meshcoal.errors import BadArgument
from meshcoal.text.merging import common_base, is_marked, marked, merge
from meshcoal.tui import shown
from meshcoal.tui.locale import _, pgettext

_WORDLESS = (Stance.CHECKED, Stance.AGREE)


def _fields(language: str = "", title: str = "", text: str = "") -> tuple[Field, ...]:
    return (
        Field(
            name="language",
            label=_("Language"),
            value=language,
            hint=_("code, such as en, fa, ar, my"),
            required=True,
        ),
        Field(name="title", label=pgettext("of a letter", "Title"), value=title, required=True),
        Field(
            name="text",
            label=_("Text"),
            kind="long",
            value=text,
            hint=_("An empty line begins a new paragraph."),
            required=True,
        ),
        Field(name="credit", label=_("Named in public as"), hint=_("empty: not named beside this text")),
    )


def _buttons() -> tuple[tuple[str, str], ...]:
    return (("save", _("Put it before the others")), (KEEP, _("Keep as a draft")))


class DraftPage(Page):
    """Ids: campaign."""

    WRITES = ("save",)

    async def show(self, visit: Visit) -> Sheet:
        campaign = visit.id()
        view = await visit.ask(ShowCampaign(campaign=campaign), CampaignView)
        await visit.find_draft()
        fields = (*_fields(), *file_field(view.file_bytes_max))
        return Sheet(
            heading=_("A new letter"),
            body=[draft_note(visit), visit.form(fields, _buttons(), files=True)],
            trail=await trail(visit, campaign, view=view),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        campaign = visit.id()
        view = await visit.ask(
            DraftStatement(
                campaign=campaign,
                language=values.line("language").lower(),
                title=values.line("title"),
                text=values.text("text"),
                credit=values.line("credit"),
                attachments=await handed_over(visit, campaign, values),
            ),
            StatementView,
        )
        return place_of("letter", campaign, view.id)


class AmendPage(Page):
    """Ids: campaign, letter, revision; the one beside it that is merged in."""

    WRITES = ("save",)

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        revision = revision_of(view, visit.word(2))
        beside = revision_of(view, visit.word(3)) if visit.word(3) else None
        await visit.find_draft()
        body: list[Child] = [draft_note(visit)]
        source = _source(view, revision)
        if source is not None:
            body.append(el("p", _("The text that this one translates was changed; it says now:")))
            direction = direction_of(source)
            body += [
                said(one, "blockquote", lang=source.language, direction=direction, class_="said")
                for one in source.paragraphs
            ]
        paragraphs = revision.paragraphs
        if beside is not None:
            base = common_base(
                [one for one in view.revisions if one.language == revision.language], revision, beside
            )
            parts = merge(base.paragraphs if base else (), paragraphs, beside.paragraphs)
            paragraphs = marked(parts, name(revision.name, 24), name(beside.name, 24))
            told = _(
                "Changes of only one side are in the text already. Where both sides changed something, "
                "both wordings stand between ⟦⟦ and ⟧⟧: keep one or write a third, and delete the marks."
            )
            body.append(el("p", told))
        fields = _fields(revision.language, revision.title, "\n\n".join(paragraphs))
        body.append(visit.form((*fields, *file_field()), _buttons(), files=True))
        heading = _("Merge two texts") if beside is not None else _("Amend this text")
        return Sheet(heading=heading, body=body, trail=(letter_link(visit, view),), typed=True)

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        revision = revision_of(view, visit.word(2))
        beside = revision_of(view, visit.word(3)) if visit.word(3) else None
        text = values.text("text")
        if is_marked(text.split("\n")):
            raise BadArgument(_("marks between ⟦⟦ and ⟧⟧ are left: decide what stands there"))
        source = _source(view, revision)
        done = await visit.ask(
            AmendStatement(
                campaign=view.campaign,
                statement=view.id,
                language=values.line("language").lower(),
                title=values.line("title"),
                text=text,
                base=revision.id,
                merges=(beside.id,) if beside is not None else (),
                translates=source.id if source is not None else b"",
                credit=values.line("credit"),
                attachments=await handed_over(visit, view.campaign, values),
            ),
            StatementView,
        )
        return place_of("letter", view.campaign, view.id, done.revisions[-1].id)


class TranslatePage(Page):
    """Ids: campaign, letter, the revision that is translated."""

    WRITES = ("save",)

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        revision = revision_of(view, visit.word(2))
        await visit.find_draft()
        body: list[Child] = [draft_note(visit), el("h2", _("The text that is translated"))]
        direction = direction_of(revision)
        body.append(said(revision.title, "h3", lang=revision.language, direction=direction))
        body += [
            said(one, "p", lang=revision.language, direction=direction, class_="said")
            for one in revision.paragraphs
        ]
        body.append(visit.form((*_fields(), *file_field()), _buttons(), files=True))
        return Sheet(
            heading=_("Add a further language"), body=body, trail=(letter_link(visit, view),), typed=True
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        done = await visit.ask(
            AmendStatement(
                campaign=view.campaign,
                statement=view.id,
                language=values.line("language").lower(),
                title=values.line("title"),
                text=values.text("text"),
                translates=revision_of(view, visit.word(2)).id,
                credit=values.line("credit"),
                attachments=await handed_over(visit, view.campaign, values),
            ),
            StatementView,
        )
        return place_of("letter", view.campaign, view.id, done.revisions[-1].id)


def _source(view: StatementView, revision: RevisionView) -> RevisionView | None:
    """For a stale translation: the one current text of the language that it translates."""
    if not revision.stale:
        return None
    known = {one.id: one for one in view.revisions}
    old = known.get(revision.translates)
    texts = [one for one in known.values() if old and one.current and one.language == old.language]
    return texts[0] if len(texts) == 1 else None


class CommentPage(Page):
    """Ids: campaign, letter, revision, paragraph (0: the whole text)."""

    WRITES = ("comment",)

    async def show(self, visit: Visit) -> Sheet:
        view = await statement(visit)
        revision, paragraph = revision_of(view, visit.word(2)), _paragraph(visit)
        await visit.find_draft()
        quoted = revision.title if not paragraph else "".join(revision.paragraphs[paragraph - 1 : paragraph])
        checks = paragraph == 0 and bool(revision.translates)
        possible = {
            Stance.CHECKED: checks,
            Stance.AGREE: paragraph == 0 and revision.frozen and not view.agreed_by_me,
        }
        lifts = [(one.id.hex(), _lifted(one)) for one in _mine(view, revision, paragraph)]
        stances = [(one.value, shown.STANCES[one]) for one in shown.STANCES if possible.get(one, True)]
        fields = [
            Field(name="text", label=_("Comment"), kind="text"),
            Field(
                name="stance",
                label=_("Kind of comment"),
                kind="choice",
                choices=(*stances, *lifts),
                value=Stance.REMARK.value,
            ),
        ]
        if checks:
            hint = _("empty: not named in public")
            fields.append(Field(name="credit", label=_("Named in public as"), hint=hint))
        heading = (
            _("Comment on paragraph %(number)d") % {"number": paragraph}
            if paragraph
            else _("Comment on the whole text")
        )
        quote = said(
            quoted, "blockquote", lang=revision.language, direction=direction_of(revision), class_="said"
        )
        form = visit.form(
            (*fields, *file_field()), (("comment", _("Comment")), (KEEP, _("Keep as a draft"))), files=True
        )
        return Sheet(
            heading=heading,
            body=[draft_note(visit), quote, form],
            trail=(letter_link(visit, view),),
            typed=True,
        )

    async def act(self, visit: Visit, values: Values) -> Answer:
        view = await statement(visit)
        revision, paragraph = revision_of(view, visit.word(2)), _paragraph(visit)
        mine = _mine(view, revision, paragraph)
        lifted = next((one for one in mine if one.id.hex() == values["stance"]), None)
        if lifted is None:
            chosen(values, "stance", Stance)
        stance = Stance(values["stance"]) if lifted is None else lifted.stance
        if lifted is None and not values.text("text") and stance not in _WORDLESS:
            raise BadArgument(_("write what you have to say"))
        credit = values.line("credit")
        if credit and stance is not Stance.CHECKED:
            raise BadArgument(_("you are named in public only for having compared"))
        await visit.ask(
            CommentStatement(
                campaign=view.campaign,
                statement=view.id,
                revision=lifted.revision if lifted else revision.id,
                paragraph=paragraph,
                text=values.text("text"),
                stance=stance,
                lifts=lifted.id if lifted else b"",
                attachments=await handed_over(visit, view.campaign, values),
                credit=credit,
            ),
            StatementView,
        )
        return place_of("letter", view.campaign, view.id, revision.id)


def _paragraph(visit: Visit) -> int:
    number = visit.word(3)
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0


def _mine(view: StatementView, revision: RevisionView, paragraph: int) -> list[CommentView]:
    """What of mine can be lifted there."""
    return [
        one
        for one in view.comments
        if one.mine
        and (one.red_line in (RedLine.STANDS, RedLine.REWORDED) or one.id == view.agreed_by_me)
        and (one.language, one.paragraph) == (revision.language, paragraph)
    ]


def _lifted(one: CommentView) -> str:
    if one.stance is Stance.AGREE:
        return _("take back that I agree to the release")
    return _("lift my red line: %(text)s") % {"text": name(one.text, 40)}

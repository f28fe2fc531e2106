"""Statements fold alike everywhere: order of arrival leaves no trace, and each rule holds by itself."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import LocalError, OverLimit
from meshcoal.ids import AuthorId, OperationId
from meshcoal.statement.checked import Checked
from meshcoal.statement.drafting import make_amend, make_comment, make_freeze
from meshcoal.statement.freezing import Terms, frozen_text
from meshcoal.statement.model import EntryState, Reason, Row, Signer, SignOn, Statement, StatementPhase
from meshcoal.statement.publication import build, verify
from meshcoal.statement.reducer import Statements
from meshcoal.statement.signon import make_release
from meshcoal.statement.tally import fold, list_digest
from meshcoal.wire.bodies import AmendBody, CommentBody, DraftBody, FreezeBody, ReleaseBody, SignBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import SignOnFields, digest_of, release_text, sign_on_text
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from lettering import (
    CAMPAIGN,
    DEADLINE_MS,
    MEMBERS,
    Desk,
    act_key,
    author,
    folded,
    released_desk,
    roster,
)


def reasons(statement: Statement) -> dict[bytes, Reason]:
    return dict(statement.ineffective)


def states(statement: Statement) -> dict[AuthorId, EntryState]:
    return {entry.sign_on.author: entry.state for entry in statement.entries}


def open_desk() -> tuple[Desk, Row]:
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    return desk, draft


def test_a_letter_goes_from_draft_to_open_to_released() -> None:
    """Goal: the phases follow the acts. Method: look after each."""
    desk = Desk()
    draft = desk.draft()
    assert desk.view(draft.id).phase is StatementPhase.DRAFT
    desk.translate(draft)
    desk.freeze(draft)
    opened = desk.view(draft.id)
    assert opened.phase is StatementPhase.OPEN
    assert opened.frozen is not None
    assert opened.frozen.languages == ("en", "fa")
    desk.sign(draft, "ana")
    desk.release(draft)
    assert desk.view(draft.id).phase is StatementPhase.RELEASED
    assert desk.view(draft.id).ineffective == ()
    assert folded(desk.rows).ids() == (draft.id,)


def test_a_statement_needs_its_draft() -> None:
    """Goal: nothing hangs in the air. Method: apply all but the draft; strike the draft."""
    desk, draft = released_desk()
    without = folded(desk.rows[1:])
    assert without.ids() == ()
    assert without.get(draft.id) is None
    assert without.apply(desk.rows[0], True) == draft.id
    assert without.get(draft.id) == desk.view(draft.id)
    assert folded(desk.rows, [draft.id]).ids() == ()
    assert folded(desk.rows).get(OperationId(bytes(32))) is None


def test_a_verdict_may_come_late_and_change() -> None:
    """Goal: a new verdict is as if it had always been so. Method: strike and restore one sign-on."""
    desk, draft = open_desk()
    desk.sign(draft, "ana")
    second = desk.sign(draft, "ben")
    statements = folded(desk.rows)
    statements.apply(second, False)
    struck = statements.get(draft.id)
    assert struck == folded(desk.rows, [second.id]).get(draft.id)
    assert struck is not None
    assert reasons(struck) == {second.id: Reason.NOT_AUTHORISED}
    assert len(struck.counted()) == 1
    statements.apply(second, True)
    assert statements.get(draft.id) == desk.view(draft.id)


def test_a_changed_roster_is_seen_after_refresh() -> None:
    """Goal: who loses their card loses their sign-on. Method: a roster that forgets."""
    desk, draft = open_desk()
    desk.sign(draft, "ana")
    known = {"ana"}

    def forgetful(who: AuthorId) -> Signer | None:
        return roster(who) if known else None

    statements = Statements(CAMPAIGN, forgetful, checked=Checked())
    for row in desk.rows:
        statements.apply(row, True)
    before = statements.get(draft.id)
    known.clear()
    assert statements.get(draft.id) == before
    statements.refresh()
    after = statements.get(draft.id)
    assert after is not None
    assert after.entries == ()


def test_concurrent_amendments_stay_side_by_side() -> None:
    """Goal: nobody's edit wins silently. Method: two edits of one base; then one on top."""
    desk = Desk()
    draft = desk.draft()
    seen = list(desk.rows)
    view = desk.view(draft.id)
    for who in ("ben", "chi"):
        body = make_amend(
            view, language="en", title="Free her", text=f"By {who}", base=draft.id, now_ms=desk.now_ms
        )
        desk.write(who, Kind.AMEND, body, seen)
    current = [revision for revision in desk.view(draft.id).revisions if revision.current]
    assert {revision.paragraphs for revision in current} == {("By ben",), ("By chi",)}
    body = make_amend(
        desk.view(draft.id),
        language="en",
        title="Free her",
        text="Both",
        base=current[0].id,
        now_ms=desk.now_ms,
    )
    merged = desk.write("ana", Kind.AMEND, body)
    left = {revision.id for revision in desk.view(draft.id).revisions if revision.current}
    assert left == {merged.id, current[1].id}
    body = make_amend(
        desk.view(draft.id),
        language="en",
        title="Free her",
        text="Both of us",
        base=merged.id,
        merges=(current[1].id,),
        now_ms=desk.now_ms,
    )
    last = desk.write("ana", Kind.AMEND, body)
    assert [one.id for one in desk.view(draft.id).revisions if one.current] == [last.id]


def test_amendments_after_the_release_count_for_nothing() -> None:
    """Goal: a letter that is out stays. Method: an amendment made by a node that ignores the release."""
    desk = Desk()
    draft = desk.draft()
    before = desk.view(draft.id)
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.release(draft)
    body = make_amend(before, language="en", title="T", text="Softer", base=draft.id, now_ms=desk.now_ms)
    late = desk.write("ben", Kind.AMEND, body)
    statement = desk.view(draft.id)
    assert reasons(statement) == {late.id: Reason.AFTER_RELEASE}
    assert [revision.id for revision in statement.revisions] == [draft.id]
    assert statement.revisions[0].current
    remark = CommentBody(at_ms=0, statement=draft.id, revision=late.id, paragraph=0, text="?")
    comment = desk.write("ben", Kind.COMMENT, remark)
    assert reasons(desk.view(draft.id))[comment.id] is Reason.NO_REVISION


def test_an_amendment_needs_a_base_in_its_language() -> None:
    """Goal: histories do not mix. Method: unknown base, base of another language, unusable language."""
    desk = Desk()
    draft = desk.draft()
    wanted = []
    for base, language, reason in (
        (bytes(32), "en", Reason.BAD_BASE),
        (draft.id, "fa", Reason.BAD_BASE),
        (b"", "EN", Reason.BAD_TEXT),
    ):
        body = AmendBody(at_ms=0, statement=draft.id, base=base, language=language, title="T", text="x")
        wanted.append((desk.write("ben", Kind.AMEND, body).id, reason))
    persian = desk.translate(draft)
    for base, merges in ((draft.id, (bytes(32),)), (draft.id, (persian.id,)), (b"", (draft.id,))):
        body = AmendBody(
            at_ms=0, statement=draft.id, base=base, merges=merges, language="en", title="T", text="x"
        )
        wanted.append((desk.write("ben", Kind.AMEND, body).id, Reason.BAD_BASE))
    assert reasons(desk.view(draft.id)) == dict(wanted)


def test_a_draft_that_no_page_can_hold_begins_nothing() -> None:
    """Goal: no statement without a text. Method: drafts of blank lines only, and of a bad language."""
    desk = Desk()
    for language, text in (("en", "\n\n\n"), ("E N", "x")):
        row = desk.write("ana", Kind.DRAFT, DraftBody(at_ms=0, language=language, title="T", text=text))
        assert folded(desk.rows).get(row.id) is None
    assert folded(desk.rows).ids() == ()


def test_a_comment_needs_its_paragraph() -> None:
    """Goal: remarks have a place. Method: one on the last paragraph, one behind it."""
    desk = Desk()
    draft = desk.draft()
    for paragraph in (0, 3, 4):
        body = CommentBody(at_ms=0, statement=draft.id, revision=draft.id, paragraph=paragraph, text="ok")
        last = desk.write("ben", Kind.COMMENT, body)
    statement = desk.view(draft.id)
    assert [comment.paragraph for comment in statement.comments] == [0, 3]
    assert reasons(statement) == {last.id: Reason.NO_REVISION}


def test_a_freeze_must_state_the_digest_of_what_it_fixes() -> None:
    """Goal: nobody signs another text than they saw. Method: change each field of a good freeze."""
    desk = Desk()
    draft = desk.draft()
    good = make_freeze(
        desk.view(draft.id), revisions=(), addressees=("A",), deadline_ms=DEADLINE_MS, now_ms=desk.now_ms
    )
    bad = [
        dataclasses.replace(good, digest=bytes(32)),
        dataclasses.replace(good, addressees=("B",)),
        dataclasses.replace(good, deadline_ms=good.deadline_ms + 1),
        dataclasses.replace(good, revisions=(bytes(32),)),
        dataclasses.replace(good, revisions=(draft.id, draft.id)),
        dataclasses.replace(good, addressees=("A\u202e",)),
    ]
    rows = [desk.write("ana", Kind.FREEZE, body) for body in bad]
    statement = desk.view(draft.id)
    assert statement.phase is StatementPhase.DRAFT
    assert reasons(statement) == {row.id: Reason.BAD_FREEZE for row in rows}
    desk.write("ana", Kind.FREEZE, good)
    assert desk.view(draft.id).phase is StatementPhase.OPEN


def test_a_text_with_refused_characters_cannot_be_frozen() -> None:
    """Goal: what is frozen is what is seen. Method: a peer's text with an override, properly digested."""
    desk = Desk()
    text = "pay \u202eevil\u202c"
    draft = desk.write("ana", Kind.DRAFT, DraftBody(at_ms=0, language="en", title="T", text=text))
    body = FreezeBody(
        at_ms=0,
        statement=draft.id,
        revisions=(draft.id,),
        addressees=(),
        deadline_ms=DEADLINE_MS,
        digest=digest_of(text.encode()),
    )
    desk.write("ana", Kind.FREEZE, body)
    assert desk.view(draft.id).phase is StatementPhase.DRAFT


def test_of_two_freezes_the_first_holds_and_signatures_follow_it() -> None:
    """Goal: one text for all. Method: two organisers freeze in a partition, different signers follow each."""
    desk = Desk()
    draft = desk.draft()
    half = list(desk.rows)
    here = desk.freeze(draft, "ana", seen=half)
    body = make_freeze(
        desk.view(draft.id, half),
        revisions=(),
        addressees=("Somebody else",),
        deadline_ms=DEADLINE_MS,
        now_ms=desk.now_ms,
    )
    there = desk.write("chi", Kind.FREEZE, body, half)
    on_here = desk.sign(draft, "ana", seen=[*half, here])
    on_there = desk.sign(draft, "dov", seen=[*half, there])
    statement = desk.view(draft.id)
    winner, loser = sorted([(here, on_here), (there, on_there)], key=lambda pair: pair[0].place)
    assert statement.frozen is not None
    assert statement.frozen.id == winner[0].id
    assert [sign_on.id for sign_on in statement.counted()] == [winner[1].id]
    assert reasons(statement) == {loser[0].id: Reason.LATER_FREEZE, loser[1].id: Reason.OTHER_TEXT}


def test_a_release_settles_which_freeze_holds() -> None:
    """Goal: a letter that went out is not displaced. Method: release the freeze that stands second."""
    desk = Desk()
    draft = desk.draft()
    half = list(desk.rows)
    freezes = []
    for who, addressee in (("ana", "A"), ("chi", "B")):
        body = make_freeze(
            desk.view(draft.id, half),
            revisions=(),
            addressees=(addressee,),
            deadline_ms=DEADLINE_MS,
            now_ms=desk.now_ms,
        )
        freezes.append((desk.write(who, Kind.FREEZE, body, half), who))
    second, who = max(freezes, key=lambda pair: pair[0].place)
    seen = [*half, second]
    seen.append(desk.sign(draft, who, seen=seen))
    desk.release(draft, who, seen=seen)
    statement = desk.view(draft.id)
    assert statement.phase is StatementPhase.RELEASED
    assert statement.frozen is not None
    assert statement.frozen.id == second.id


def test_one_member_signs_once_and_may_sign_anew_after_withdrawing() -> None:
    """Goal: nobody counts twice. Method: a second sign-on while one stands, then after a withdrawal."""
    desk, draft = open_desk()
    first = desk.sign(draft, "ana", name="First")
    assert isinstance(first.body, SignBody)
    doubled = desk.write("ana", Kind.SIGN, first.body)
    assert reasons(desk.view(draft.id)) == {doubled.id: Reason.DOUBLED}
    desk.withdraw(draft, "ana")
    assert states(desk.view(draft.id)) == {author("ana"): EntryState.WITHDRAWN}
    assert desk.view(draft.id).counted() == ()
    again = desk.sign(draft, "ana", name="Again")
    assert [sign_on.id for sign_on in desk.view(draft.id).counted()] == [again.id]


def test_a_sign_on_by_another_key_or_with_an_unusable_name_does_not_count() -> None:
    """Goal: an act is signed by the key on the card. Method: another key; a changed name; a bad name."""
    desk, draft = open_desk()
    good = desk.sign(draft, "ana")
    assert isinstance(good.body, SignBody)
    stolen = desk.write("ben", Kind.SIGN, good.body)
    renamed = desk.write("chi", Kind.SIGN, dataclasses.replace(good.body, name="Another"))
    broken = desk.write("dov", Kind.SIGN, dataclasses.replace(good.body, name="A\nname: B"))
    statement = desk.view(draft.id)
    assert len(statement.counted()) == 1
    assert reasons(statement) == dict.fromkeys((stolen.id, renamed.id, broken.id), Reason.BAD_ACT)


def test_a_stranger_without_a_card_does_not_count() -> None:
    """Goal: only members sign. Method: an author the roster does not know."""
    desk, draft = open_desk()
    good = desk.sign(draft, "ana")
    row = dataclasses.replace(good, id=OperationId(bytes(32)), author=AuthorId(bytes(32)))
    desk.rows.append(row)
    assert reasons(desk.view(draft.id)) == {row.id: Reason.NOT_AUTHORISED}


def test_one_act_key_on_two_cards_counts_once() -> None:
    """Goal: a doubled key never reaches a package. Method: a roster that gives two members one key."""
    desk, draft = open_desk()
    first = desk.sign(draft, "ana")
    second = desk.sign(draft, "ben")
    assert isinstance(second.body, SignBody)
    shared = act_key("ana")
    statement = desk.view(draft.id)
    assert statement.frozen is not None
    fields = SignOnFields(
        capacity=second.body.capacity,
        name=second.body.name,
        title="",
        affiliation="",
        country=second.body.country,
        languages_read=second.body.languages_read,
        signed_ms=second.body.at_ms,
    )
    signature = shared.sign(sign_on_text(statement.frozen.digest, shared.public, fields))
    forged = dataclasses.replace(second, body=dataclasses.replace(second.body, act_signature=signature))
    rows = [row if row is not second else forged for row in desk.rows]
    signer = roster(author("ana"))
    statements = Statements(CAMPAIGN, lambda who: signer)
    for row in rows:
        statements.apply(row, True)
    folded_anew = statements.get(draft.id)
    assert folded_anew is not None
    assert [sign_on.id for sign_on in folded_anew.counted()] == [first.id]
    assert reasons(folded_anew) == {second.id: Reason.DOUBLED}


def signed_by_hand(desk: Desk, draft: Row, who: str, at_ms: int) -> Row:
    """A sign-on dated as its author likes, as a node would make that ignores the deadline."""
    key: SigningKey = act_key(who)
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    fields = SignOnFields(
        capacity=Capacity.INDIVIDUAL,
        name=who.title(),
        title="",
        affiliation="",
        country="",
        languages_read=(),
        signed_ms=at_ms,
    )
    body = SignBody(
        at_ms=at_ms,
        statement=draft.id,
        digest=frozen.digest,
        capacity=fields.capacity,
        name=fields.name,
        title="",
        affiliation="",
        country="",
        languages_read=(),
        act_signature=key.sign(sign_on_text(frozen.digest, key.public, fields)),
    )
    return desk.write(who, Kind.SIGN, body)


def released_by_hand(desk: Desk, draft: Row, who: str, sign_ons: list[SignOn]) -> ReleaseBody:
    """A properly signed release of any list."""
    key = act_key(who)
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    tally = list_digest(frozen.digest, sign_ons)
    return ReleaseBody(
        at_ms=desk.now_ms,
        statement=draft.id,
        digest=frozen.digest,
        sign_ons=tuple([sign_on.id for sign_on in sign_ons]),
        tally_digest=tally,
        act_signature=key.sign(release_text(frozen.digest, key.public, tally, desk.now_ms)),
    )


def test_a_late_sign_on_is_shown_and_neither_counted_nor_released() -> None:
    """Goal: the deadline holds for all. Method: sign at it and behind it, then release both."""
    desk, draft = open_desk()
    on_time = signed_by_hand(desk, draft, "ana", DEADLINE_MS)
    signed_by_hand(desk, draft, "ben", DEADLINE_MS + 1)
    statement = desk.view(draft.id)
    assert states(statement) == {author("ana"): EntryState.COUNTED, author("ben"): EntryState.LATE}
    assert [sign_on.id for sign_on in statement.counted()] == [on_time.id]
    everybody = [entry.sign_on for entry in statement.entries]
    refused = desk.write("ana", Kind.RELEASE, released_by_hand(desk, draft, "ana", everybody))
    assert reasons(desk.view(draft.id)) == {refused.id: Reason.BAD_RELEASE}
    counted = list(statement.counted())
    desk.write("ana", Kind.RELEASE, released_by_hand(desk, draft, "ana", counted))
    assert states(desk.view(draft.id)) == {author("ana"): EntryState.COUNTED, author("ben"): EntryState.LATE}


def test_a_release_lists_one_sign_on_of_an_author_and_none_it_cannot_have_seen() -> None:
    """Goal: nobody stands twice on a list. Method: two of one author; one as deep as the release."""
    desk, draft = open_desk()
    desk.sign(draft, "ana", name="First")
    first = desk.view(draft.id).counted()[0]
    desk.withdraw(draft, "ana")
    desk.sign(draft, "ana", name="Second")
    second = desk.view(draft.id).counted()[0]
    both = desk.write("chi", Kind.RELEASE, released_by_hand(desk, draft, "chi", [first, second]))
    assert reasons(desk.view(draft.id)) == {both.id: Reason.BAD_RELEASE}
    opened = desk.rows[:2]
    unseen = desk.write("chi", Kind.RELEASE, released_by_hand(desk, draft, "chi", [second]), opened)
    unseen_early = dataclasses.replace(unseen, depth=second.depth)
    early = folded([*desk.rows[:-1], unseen_early]).get(draft.id)
    assert early is not None
    assert reasons(early)[unseen.id] is Reason.BAD_RELEASE
    later = folded([*desk.rows[:-1], dataclasses.replace(unseen, depth=second.depth + 1)]).get(draft.id)
    assert later is not None
    assert later.phase is StatementPhase.RELEASED


def test_an_authors_own_log_decides_what_stands() -> None:
    """Goal: sign, withdraw, sign is not sign, sign, withdraw. Method: fold the acts in reverse."""
    desk, draft = open_desk()
    desk.sign(draft, "ana")
    desk.withdraw(draft, "ana")
    again = desk.sign(draft, "ana")
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    ledger = fold(
        desk.rows[:1:-1],
        digest=frozen.digest,
        deadline_ms=DEADLINE_MS,
        roster=roster,
        holds=Checked().holds,
    )
    assert ledger.refused == {}
    assert ledger.last[author("ana")].id == again.id


def test_a_freeze_fixes_only_what_it_can_have_seen() -> None:
    """Goal: a later text cannot be drawn into an earlier freeze. Method: one as deep as its revision."""
    desk, draft = open_desk()
    freeze = desk.rows[-1]
    early = folded([draft, dataclasses.replace(freeze, depth=draft.depth)]).get(draft.id)
    assert early is not None
    assert early.phase is StatementPhase.DRAFT
    assert reasons(early) == {freeze.id: Reason.BAD_FREEZE}


def test_a_release_must_list_good_sign_ons_under_their_digest() -> None:
    """Goal: the list is what was signed. Method: spoil each field of a good release."""
    desk, draft = open_desk()
    ana = desk.sign(draft, "ana")
    ben = desk.sign(draft, "ben")
    good = make_release(desk.view(draft.id), act_key=act_key("ana"), now_ms=desk.now_ms)
    bad = [
        dataclasses.replace(good, sign_ons=()),
        dataclasses.replace(good, sign_ons=(ana.id,)),
        dataclasses.replace(good, sign_ons=(ana.id, ana.id)),
        dataclasses.replace(good, sign_ons=(*good.sign_ons, bytes(32))),
        dataclasses.replace(good, tally_digest=bytes(32)),
        dataclasses.replace(good, digest=bytes(32)),
        dataclasses.replace(good, at_ms=good.at_ms + 1),
        dataclasses.replace(good, act_signature=bytes(64)),
    ]
    rows = [desk.write("ana", Kind.RELEASE, body) for body in bad]
    rows.append(desk.write("ben", Kind.RELEASE, good))  # signed by another than its author
    statement = desk.view(draft.id)
    assert statement.phase is StatementPhase.OPEN
    of_another_text = [row.id for row in rows if getattr(row.body, "digest", b"") == bytes(32)]
    assert len(of_another_text) == 1
    assert reasons(statement) == {
        row.id: Reason.OTHER_TEXT if row.id in of_another_text else Reason.BAD_RELEASE for row in rows
    }
    desk.write("ana", Kind.RELEASE, good)
    released = desk.view(draft.id)
    assert released.phase is StatementPhase.RELEASED
    assert {sign_on.id for sign_on in released.counted()} == {ana.id, ben.id}
    again = desk.write("ana", Kind.RELEASE, good)
    assert reasons(desk.view(draft.id))[again.id] is Reason.LATER_RELEASE


def test_what_comes_after_the_release_is_shown_beside_the_list() -> None:
    """Goal: the list stays what was released. Method: a sign-on and a withdrawal that it did not know."""
    desk, draft = open_desk()
    desk.sign(draft, "ana")
    ben = desk.sign(draft, "ben")
    seen = list(desk.rows)
    desk.sign(draft, "chi", seen=seen)
    desk.withdraw(draft, "ben", seen=seen)
    desk.release(draft, "ana", seen=seen)
    statement = desk.view(draft.id)
    assert states(statement) == {
        author("ana"): EntryState.COUNTED,
        author("ben"): EntryState.WITHDRAWN_AFTER_RELEASE,
        author("chi"): EntryState.AFTER_RELEASE,
    }
    assert ben.id in {sign_on.id for sign_on in statement.counted()}
    assert isinstance(statement.released.body if statement.released else None, ReleaseBody)
    assert statement.released is not None
    assert statement.tally_digest == statement.released.body.tally_digest
    desk.withdraw(draft, "chi")
    assert states(desk.view(draft.id))[author("chi")] is EntryState.WITHDRAWN


def test_a_withdrawal_takes_back_one_sign_on_by_its_own_key() -> None:
    """Goal: nobody withdraws for another. Method: a copied withdrawal, and one with nothing to take."""
    desk, draft = open_desk()
    desk.sign(draft, "ana")
    desk.sign(draft, "ben")
    taken = desk.withdraw(draft, "ana")
    copied = desk.write("ben", Kind.WITHDRAW, taken.body)
    idle = desk.write("ana", Kind.WITHDRAW, taken.body)
    statement = desk.view(draft.id)
    assert states(statement)[author("ben")] is EntryState.COUNTED
    assert reasons(statement) == {
        copied.id: Reason.BAD_ACT,
        idle.id: Reason.NOTHING_TO_WITHDRAW,
    }


def test_a_statement_too_long_for_the_public_cannot_be_frozen() -> None:
    """Goal: what is frozen can be shown and published. Method: two long texts."""
    desk = Desk()
    draft = desk.draft(text="a" * 59_000)
    desk.translate(draft, text="b" * 59_000)
    with pytest.raises(OverLimit):
        frozen_text(
            CAMPAIGN,
            draft.id,
            list(desk.view(draft.id).revisions),
            version=1,
            terms=Terms(addressees=(), deadline_ms=DEADLINE_MS),
        )


SIGNERS = [name for name in MEMBERS if name != "eve"]


ACTS = ("sign", "sign", "sign", "withdraw", "freeze", "release", "amend", "comment", "meet", "meet")
SCRIPTS = st.lists(
    st.tuples(st.sampled_from(SIGNERS), st.sampled_from(ACTS), st.sampled_from(SIGNERS)),
    min_size=15,
    max_size=40,
)


class Coalition:
    """Members who act on what they hold, through the real builders, and meet now and then."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.draft = self.desk.draft()
        self.held: dict[str, set[OperationId]] = {name: {self.draft.id} for name in MEMBERS}

    def play(self, script: list[tuple[str, str, str]]) -> None:
        for who, act, other in script:
            if act == "meet":
                both = self.held[who] | self.held[other]
                self.held[who], self.held[other] = set(both), set(both)
                continue
            seen = [row for row in self.desk.rows if row.id in self.held[who]]
            try:
                self.held[who].add(self.attempt(who, act, seen).id)
            except LocalError:
                continue  # not now: the builder refuses what the reducer would

    def attempt(self, who: str, act: str, seen: list[Row]) -> Row:
        desk, now_ms = self.desk, self.desk.now_ms
        match act:
            case "sign":
                return desk.sign(self.draft, who, seen=seen)
            case "withdraw":
                return desk.withdraw(self.draft, who, seen=seen)
            case "freeze":
                return desk.freeze(self.draft, who, seen=seen)
            case "release":
                return desk.release(self.draft, who, seen=seen)
            case "amend":
                view = desk.view(self.draft.id, seen)
                edited = next(revision for revision in view.revisions if revision.current)
                text = f"Text {len(desk.rows)}"
                amended = make_amend(view, language="en", title="T", text=text, base=edited.id, now_ms=now_ms)
                return desk.write(who, Kind.AMEND, amended, seen)
            case _:
                view = desk.view(self.draft.id, seen)
                remark = make_comment(
                    view, me=author(who), revision=self.draft.id, paragraph=0, text="hm", now_ms=now_ms
                )
                return desk.write(who, Kind.COMMENT, remark, seen)


@given(script=SCRIPTS, shuffler=st.randoms(use_true_random=False), frozen=st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_history_folds_alike_in_any_order(
    script: list[tuple[str, str, str]], shuffler: random.Random, frozen: bool
) -> None:
    """Goal: nodes agree. Method: members act in parallel; fold in two orders, check what must hold."""
    coalition = Coalition()
    opening = [("ana", "freeze", "ana")] + [("ana", "meet", name) for name in SIGNERS]
    coalition.play(opening + script if frozen else script)
    rows = list(coalition.desk.rows)
    statement = coalition.desk.view(coalition.draft.id)
    shuffler.shuffle(rows)
    assert folded(rows).get(coalition.draft.id) == statement
    counted = statement.counted()
    assert len({sign_on.author for sign_on in counted}) == len(counted)
    known = {row.id for row in rows}
    assert {row for row, _ in statement.ineffective} <= known
    if statement.phase is StatementPhase.RELEASED:
        report = verify(build(statement))
        assert report.sound, report.problems
        assert report.counts.organisations == len(counted)
        assert report.counts.withdrawn == list(states(statement).values()).count(
            EntryState.WITHDRAWN_AFTER_RELEASE
        )


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_topological_order_of_arrival_gives_equal_prefixes_and_ends(data: st.DataObject) -> None:
    """Goal: live folding equals folding at once. Method: apply one by one, viewing in between."""
    desk, draft = released_desk()
    desk.withdraw(draft, "ben")
    left = list(desk.rows)
    statements = Statements(CAMPAIGN, roster)
    held: list[Row] = []
    while left:
        ready = [row for row in left if desk.parents[row.id] <= {row.id for row in held}]
        row = data.draw(st.sampled_from(ready))
        left.remove(row)
        held.append(row)
        statements.apply(row, True)
        assert statements.get(draft.id) == folded(sorted(held, key=lambda row: row.id)).get(draft.id)
    assert statements.get(draft.id) == desk.view(draft.id)


def test_ids_are_in_the_order_of_the_log() -> None:
    """Goal: lists are equal everywhere. Method: drafts applied in reverse."""
    desk = Desk()
    drafts = [desk.draft(title=f"Letter {n}") for n in range(4)]
    assert folded(desk.rows[::-1]).ids() == tuple([row.id for row in drafts])

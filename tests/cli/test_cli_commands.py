"""Each command asks the daemon for what was typed, and says what came of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    AftermathKind,
    AmendStatement,
    AnswerAcquaintance,
    Capacity,
    ChangePassphrase,
    Command,
    CommentStatement,
    CompareKey,
    ConfirmMember,
    ConfirmWords,
    CreateVault,
    DismissWarning,
    DraftStatement,
    EditMessage,
    EnterAftermath,
    ExportStatement,
    ForgetContact,
    FoundCampaign,
    FreezeStatement,
    GetStatus,
    Introduce,
    LeaveCampaign,
    ListAcquaintances,
    ListCampaigns,
    ListContacts,
    ListForks,
    ListIntroductions,
    ListMessages,
    ListWarnings,
    Lock,
    MakeInvitation,
    MarkRead,
    Means,
    OpenChannel,
    PinMessage,
    PostMessage,
    PublishAddendum,
    ReactToMessage,
    Refuse,
    ReleaseStatement,
    RemoveMember,
    RenewKeys,
    RestoreMember,
    RevokeInvitation,
    Role,
    Search,
    Seat,
    SetHints,
    SetName,
    SetPetname,
    SetRole,
    SetRules,
    SetWordList,
    ShowCampaign,
    ShowHistory,
    ShowHolders,
    ShowIdentity,
    ShowLetterHolders,
    ShowMemberWords,
    ShowMessage,
    ShowStatement,
    ShowToday,
    SignCounted,
    SignSealed,
    SignStatement,
    Stance,
    StopDaemon,
    Subscribe,
    TakeBackMessage,
    Unlock,
    WithdrawCounted,
    WithdrawSealed,
    WithdrawSignature,
    WordList,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ComparedView,
    Comparison,
    ContactsView,
    ContactView,
    CountedMine,
    CountedView,
    EntryState,
    FilesView,
    FileView,
    GapView,
    IdentityView,
    IntroductionsView,
    MessagesView,
    MessageView,
    Notice,
    NoticeKind,
    RedLine,
    RevisionView,
    SealedMine,
    SealPhase,
    SealView,
    SpellingView,
    StatementPhase,
    StatementView,
    WarningKind,
    WarningsView,
    WarningView,
)
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.errors import DaemonUnreachable, WrongPhase
from meshcoal.limits import KIB, MEMBERS_MAX, MIB
from meshcoal.wire.plain import Direction
from meshcoal.wire.public_text import LanguageText, StatementText, canonical_text

ID = bytes([0x11]) * 32
ID16 = ID[:16]
NOW_MS = 1_800_000_000_000
DIGEST = ID.hex()

# What is typed, and what the daemon is asked for. The scripted daemon calls everything `evin`.
ASKED: list[tuple[str, Command]] = [
    ("identity name Ana", SetName(name="Ana")),
    (
        "identity address 192.0.2.7:7600 home.example.org:1",
        SetHints(hints=("192.0.2.7:7600", "home.example.org:1")),
    ),
    ("identity address", SetHints(hints=())),
    ("status", GetStatus()),
    ("lock", Lock()),
    ("contact rename evin Ben", SetPetname(person=ID, petname="Ben")),
    ("contact confirm evin --match", ConfirmWords(person=ID, match=True)),
    ("contact confirm evin --differ", ConfirmWords(person=ID, match=False)),
    ("contact forget evin --yes", ForgetContact(person=ID)),
    ("contact compare evin MESHCOALKEY1X", CompareKey(person=ID, text="MESHCOALKEY1X")),
    ("identity words russian", SetWordList(word_list=WordList.RUSSIAN)),
    ("introduce evin evin --yes", Introduce(first=ID, second=ID)),
    ("introduce evin 1111 --note hello --yes", Introduce(first=ID, second=ID, note="hello")),
    ("introduction accept evin", AnswerAcquaintance(acquaintance=ID16, accept=True)),
    ("introduction decline 1111", AnswerAcquaintance(acquaintance=ID16, accept=False)),
    ("introduction list", ListAcquaintances()),
    ("warning list", ListWarnings()),
    ("warning dismiss 1111", DismissWarning(warning=ID16)),
    ("invite make", MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=2 * DAY_MS)),
    (
        "invite make --campaign ev --seat ingo --days 7",
        MakeInvitation(campaign=ID, seat=Seat.INGO, lifetime_ms=7 * DAY_MS),
    ),
    ("invite revoke 1111", RevokeInvitation(invitation=ID16)),
    ("invite accept some-text", AcceptInvitation(text="some-text")),
    ("admit evin", Admit(introduction=ID16, seat=Seat.IN_COUNTRY, role=Role.MEMBER)),
    (
        "admit evin --seat exile --role organiser",
        Admit(introduction=ID16, seat=Seat.EXILE, role=Role.ORGANISER),
    ),
    ("refuse evin", Refuse(introduction=ID16)),
    (
        "campaign found Evin --goal Free --seat exile --my-name Ana --channel a --channel b --talk-days 30",
        FoundCampaign(
            name="Evin", goal="Free", my_name="Ana", seat=Seat.EXILE, channels=("a", "b"), talk_days=30
        ),
    ),
    (
        "campaign found Evin --seat exile",
        FoundCampaign(name="Evin", goal="", my_name="", seat=Seat.EXILE, channels=("general",)),
    ),
    ("campaign show EVIN", ShowCampaign(campaign=ID)),
    ("campaign leave evin --yes", LeaveCampaign(campaign=ID)),
    ("campaign renew-keys evin", RenewKeys(campaign=ID)),
    ("campaign rules evin", ShowCampaign(campaign=ID)),
    (
        "campaign rules evin --largest-file 1.5MiB --kept-files 20MiB",
        SetRules(
            campaign=ID,
            file_bytes_max=3 * MIB // 2,
            kept_bytes_max=20 * MIB,
            draft_seats=(Seat.IN_COUNTRY,),
            witness_seats=(Seat.IN_COUNTRY,),
            tor_seats=(Seat.IN_COUNTRY,),
            apart_seats=(Seat.IN_COUNTRY,),
            comments_by_seat=True,  # as they were
            organisers_hide=True,
            in_country_quorum=MEMBERS_MAX,
            exile_quorum=MEMBERS_MAX,
            ingo_quorum=MEMBERS_MAX,
        ),
    ),
    (
        "campaign rules evin --largest-file 0 --kept-files 500KiB --in-country 2 --exile 1 --ingo 0",
        SetRules(
            campaign=ID,
            file_bytes_max=0,
            kept_bytes_max=500 * KIB,
            draft_seats=(Seat.IN_COUNTRY,),
            witness_seats=(Seat.IN_COUNTRY,),
            tor_seats=(Seat.IN_COUNTRY,),
            apart_seats=(Seat.IN_COUNTRY,),
            comments_by_seat=True,
            organisers_hide=True,
            in_country_quorum=2,
            exile_quorum=1,
            ingo_quorum=0,
        ),
    ),
    (
        "campaign rules evin --largest-file 0 --kept-files 5KiB --tor-for exile --tor-for ingo"
        " --apart nobody",
        SetRules(
            campaign=ID,
            file_bytes_max=0,
            kept_bytes_max=5 * KIB,
            draft_seats=(Seat.IN_COUNTRY,),
            witness_seats=(Seat.IN_COUNTRY,),
            tor_seats=(Seat.EXILE, Seat.INGO),
            apart_seats=(),
            comments_by_seat=True,
            organisers_hide=True,
            in_country_quorum=MEMBERS_MAX,
            exile_quorum=MEMBERS_MAX,
            ingo_quorum=MEMBERS_MAX,
        ),
    ),
    ("campaign renew-keys", RenewKeys(campaign=ID)),
    ("campaign remove evin evin --yes", RemoveMember(campaign=ID, author=ID)),
    ("campaign restore evin evin --yes", RestoreMember(campaign=ID, author=ID)),
    ("fork list evin", ListForks(campaign=ID)),
    ("fork show evin evin", ListForks(campaign=ID)),
    (
        "campaign role evin evin --role member",
        SetRole(campaign=ID, author=ID, seat=Seat.IN_COUNTRY, role=Role.MEMBER),
    ),
    (
        "campaign role evin evin --seat ingo",
        SetRole(campaign=ID, author=ID, seat=Seat.INGO, role=Role.ORGANISER),
    ),
    ("campaign history evin", ShowHistory(campaign=ID)),
    ("channel open evin press", OpenChannel(campaign=ID, name="press")),
    ("send evin evin hello", PostMessage(campaign=ID, channel=ID16, text="hello")),
    ("send evin #evin hello --reply 1111", PostMessage(campaign=ID, channel=ID16, text="hello", reply_to=ID)),
    ("read evin evin", ListMessages(campaign=ID, channel=ID16, limit=50)),
    ("today", ShowToday()),
    ("search gate 4", Search(text="gate 4")),
    ("search gate --in evin --limit 5", Search(text="gate", campaign=ID, limit=5)),
    ("message show evin evin 1111", ShowHolders(campaign=ID, operation=ID)),
    ("message history evin evin 1111", ShowMessage(campaign=ID, message=ID)),
    ("message edit evin evin 1111 other", EditMessage(campaign=ID, message=ID, text="other")),
    ("message take-back evin evin 1111", TakeBackMessage(campaign=ID, message=ID)),
    ("message react evin evin 1111 yes", ReactToMessage(campaign=ID, message=ID, emoji="👍")),
    ("message react evin evin 1111", ReactToMessage(campaign=ID, message=ID, emoji="")),
    ("message pin evin evin 1111", PinMessage(campaign=ID, message=ID, pinned=True)),
    ("message pin evin evin 1111 --off", PinMessage(campaign=ID, message=ID, pinned=False)),
    ("statement holders evin evin", ShowLetterHolders(campaign=ID, statement=ID)),
    ("statement holders evin evin 1111", ShowHolders(campaign=ID, operation=ID)),
    ("read evin evin", MarkRead(campaign=ID, channel=ID16, message=ID)),
    (
        "statement freeze evin evin --to A --to B --deadline 3d --yes",
        FreezeStatement(
            campaign=ID, statement=ID, revisions=(), addressees=("A", "B"), deadline_ms=NOW_MS + 3 * DAY_MS
        ),
    ),
    (
        "statement freeze evin evin --revision 1111 --deadline 2027-02-01T00:00Z --yes",
        FreezeStatement(
            campaign=ID, statement=ID, revisions=(ID,), addressees=(), deadline_ms=1_801_440_000_000
        ),
    ),
    (
        "statement freeze evin evin --deadline 3d --ask-until 2d --grace 12h --yes",
        FreezeStatement(
            campaign=ID,
            statement=ID,
            revisions=(),
            addressees=(),
            deadline_ms=NOW_MS + 3 * DAY_MS,
            soft_deadline_ms=NOW_MS + 2 * DAY_MS,
            grace_ms=DAY_MS // 2,
        ),
    ),
    (
        "statement revise evin evin --to A --deadline 3d --ask-until none --grace 90m --yes",
        FreezeStatement(
            campaign=ID,
            statement=ID,
            revisions=(),
            addressees=("A",),
            deadline_ms=NOW_MS + 3 * DAY_MS,
            grace_ms=5_400_000,
            replaces=ID,
            topics=("evin",),  # as they were
            countries=("evin",),
            asks=("evin",),
            paper=True,
        ),
    ),
    (
        f"statement sign evin evin --as affiliated --name Ana --title Dr --affiliation U --country Iran "
        f"--read FA --read en --digest {DIGEST} --yes",
        SignStatement(
            campaign=ID,
            statement=ID,
            digest=ID,
            capacity=Capacity.AFFILIATED,
            name="Ana",
            title="Dr",
            affiliation="U",
            country="Iran",
            languages_read=("fa", "en"),
        ),
    ),
    ("statement withdraw evin evin --yes", WithdrawSignature(campaign=ID, statement=ID)),
    ("statement withdraw evin evin --sealed --yes", WithdrawSealed(campaign=ID, statement=ID)),
    ("statement withdraw evin evin --counted --yes", WithdrawCounted(campaign=ID, statement=ID)),
    (
        f"statement sign evin evin --as individual --name Ana --sealed --floor 9 --digest {DIGEST} --yes",
        SignSealed(campaign=ID, statement=ID, digest=ID, capacity=Capacity.INDIVIDUAL, name="Ana", floor=9),
    ),
    (
        "statement freeze evin evin --deadline 3d --sealed-until 7 --seal-expires 4d --yes",
        FreezeStatement(
            campaign=ID,
            statement=ID,
            revisions=(),
            addressees=(),
            deadline_ms=NOW_MS + 3 * DAY_MS,
            sealed_until=7,
            seal_expires_ms=NOW_MS + 4 * DAY_MS,
        ),
    ),
    ("campaign words evin evin", ShowMemberWords(campaign=ID, author=ID)),
    ("campaign confirm evin evin --differ", ConfirmMember(campaign=ID, author=ID, match=False)),
    ("statement release evin evin --yes", ReleaseStatement(campaign=ID, statement=ID)),
    ("statement addendum evin evin --yes", PublishAddendum(campaign=ID, statement=ID)),
    ("statement export evin evin", ExportStatement(campaign=ID, statement=ID)),
    ("daemon stop", StopDaemon()),
]


@pytest.mark.parametrize(("typed", "command"), ASKED, ids=[typed for typed, _ in ASKED])
def test_what_is_typed_is_what_is_asked(
    typed: str, command: Command, run: Callable[..., Result], daemon: Any
) -> None:
    """Goal: arguments become the right command. Method: compare with what reached the daemon."""
    result = run(*typed.split())
    assert result.exit_code == 0, result.output
    assert daemon.asked(type(command)) == command
    assert daemon.closed


@pytest.mark.parametrize(
    "typed",
    [
        "contact forget evin",
        "introduce evin evin",
        "campaign leave evin",
        "campaign remove evin evin",
        "statement freeze evin evin --deadline 3d",
        "statement revise evin evin --deadline 3d",
        "statement sign evin evin --as individual --name Ana",
        "statement withdraw evin evin",
        "statement release evin evin",
    ],
)
def test_what_cannot_be_undone_is_confirmed(
    typed: str, run: Callable[..., Result], daemon: Any, terminal: Any
) -> None:
    """Goal: no irreversible act by mistake. Method: without terminal; with a no; with the word."""
    word = "sign" if "sign " in typed else "yes"

    def acts() -> int:
        return sum(not type(command).__name__.startswith(("List", "Show")) for command in daemon.sent)

    refused = run(*typed.split())
    assert (refused.exit_code, acts()) == (2, 0)
    terminal.present = True
    for answer in ("\n", "no\n", "y\n"):
        declined = run(*typed.split(), typed=answer)
        assert (declined.exit_code, acts()) == (130, 0)
    agreed = run(*typed.split(), typed=word.upper() + "\n")
    assert (agreed.exit_code, acts()) == (0, 1), agreed.output


def sealing(**values: Any) -> SealView:
    """Three of five, of twelve."""
    view = SealView(
        phase=SealPhase.SHUT,
        threshold=5,
        members=12,
        shares_needed=5,
        verified=9,
        expires_ms=NOW_MS + DAY_MS,
        count=3,
        opened=0,
        false_envelopes=0,
        mine=SealedMine.NONE,
        floor=0,
        sentences=("No name is shown before 5 of 12 members have signed.", "Ana verified nine."),
        refusal="",
        without_keys=("Dov",),
    )
    return dataclasses.replace(view, **values)


def test_sealing_tells_what_it_relies_on_and_wants_its_own_word(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody seals unread. Method: the sentences come before the word; `sign` is not the word."""
    terminal.present = True
    daemon.answers[ShowStatement] = letter(build_view, seal=sealing(), digest=ID)
    typed = "statement sign evin evin --as individual --name Ana --sealed"
    declined = run(*typed.split(), typed="sign\n")
    assert declined.exit_code == 130
    assert "No name is shown before 5 of 12" in declined.output
    assert not any(isinstance(command, SignSealed) for command in daemon.sent)
    agreed = run(*typed.split(), typed="seal\n")
    assert agreed.exit_code == 0, agreed.output
    assert daemon.asked(SignSealed).floor == 0
    daemon.answers[ShowStatement] = letter(build_view, seal=sealing(refusal="Verify 3 more."), digest=ID)
    refused = run(*typed.split(), typed="seal\n")
    assert refused.exit_code != 0
    assert "Verify 3 more." in refused.output
    daemon.answers[ShowStatement] = letter(build_view, seal=None, digest=ID)
    assert "not signed sealed" in run(*typed.split(), typed="seal\n").output


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "Sealed sign-ons: 3 of 5"),
        ({"refusal": "Verify 3 more."}, "You cannot sign sealed: Verify 3 more."),
        ({"mine": SealedMine.LEAVING}, "stay on for a minute"),
        ({"mine": SealedMine.THERE, "floor": 9}, "stays shut until 9 have signed"),
        ({"phase": SealPhase.OPENING, "count": 5}, "being opened"),
        ({"phase": SealPhase.OPEN, "opened": 5, "count": 5}, "5 opened of 5"),
        ({"phase": SealPhase.OPEN, "opened": 4, "count": 4, "false_envelopes": 1}, "made up the number"),
        ({"phase": SealPhase.EXPIRED}, "They stay shut"),
        ({"phase": SealPhase.UNSAFE, "refusal": "Too few had keys."}, "not possible. Too few had keys."),
    ],
)
def test_a_letter_shows_how_far_it_is_and_no_names(
    values: dict[str, Any],
    shown: str,
    run: Callable[..., Result],
    daemon: Any,
    build_view: Callable[..., Any],
) -> None:
    """Goal: progress and risk in words. Method: each state of the sealed sign-ons."""
    daemon.answers[ShowStatement] = letter(build_view, seal=sealing(**values))
    assert shown in " ".join(run("statement", "show", "evin", "evin").output.split())


def letter(build_view: Callable[..., Any], **values: Any) -> StatementView:
    view: StatementView = build_view(StatementView, "evin", {StatementPhase: StatementPhase.OPEN})
    return dataclasses.replace(view, **values)


def counted(**values: Any) -> CountedView:
    plain = CountedView(
        members=12,
        named=3,
        crowd=9,
        counted=4,
        withdrawn=0,
        everybody=False,
        mine=CountedMine.NONE,
        over=False,
        sentences=("Your name stands nowhere.",),
        refusal="",
        without_keys=(),
    )
    return dataclasses.replace(plain, **values)


def test_being_counted_tells_what_it_relies_on_and_wants_its_own_word(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody is counted unread. Method: the text and the sentences come before the word."""
    terminal.present = True
    daemon.answers[ShowStatement] = letter(build_view, unnamed=counted(), digest=ID)
    daemon.answers[SignCounted] = letter(build_view, unnamed=counted(mine=CountedMine.LEAVING), digest=ID)
    typed = ["statement", "sign", "evin", "evin", "--counted"]
    declined = run(*typed, typed="sign\n")
    assert declined.exit_code == 130
    assert "Your name stands nowhere." in declined.output
    assert not any(isinstance(command, SignCounted) for command in daemon.sent)
    agreed = run(*typed, typed="count\n")
    assert agreed.exit_code == 0, agreed.output
    assert daemon.asked(SignCounted).digest == ID
    assert "stay on for a minute" in agreed.output
    assert run(*typed, "--digest", DIGEST, "--yes").exit_code == 0
    assert run(*typed, "--as", "individual").exit_code == 2
    assert run(*typed[:-1]).exit_code == 2
    assert run(*typed, "--digest", "00" * 32, "--yes").exit_code != 0
    daemon.answers[ShowStatement] = letter(build_view, unnamed=counted(refusal="Too few."), digest=ID)
    assert "Too few." in run(*typed, typed="count\n").output
    daemon.answers[ShowStatement] = letter(build_view, unnamed=None, digest=ID)
    assert "nobody is counted" in run(*typed, typed="count\n").output


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "Counted and not named: 4 members, among 9 who are not named."),
        ({"members": 0, "refusal": "Too few had keys."}, "not possible. Too few had keys."),
        ({"mine": CountedMine.THERE}, "You are counted."),
        ({"mine": CountedMine.NAMED}, "You stand there by name"),
        ({"everybody": True}, "is no secret"),
        ({"withdrawn": 2}, "2 took it back"),
        ({"refusal": "You had no keys."}, "You cannot be counted: You had no keys."),
        ({"without_keys": ("dov",)}, "having published no keys: dov"),
    ],
)
def test_a_letter_shows_how_many_are_counted_and_no_names(
    values: dict[str, Any],
    shown: str,
    run: Callable[..., Result],
    daemon: Any,
    build_view: Callable[..., Any],
) -> None:
    """Goal: numbers and risk in words. Method: each state of those who are counted."""
    daemon.answers[ShowStatement] = letter(build_view, unnamed=counted(**values))
    assert shown in " ".join(run("statement", "show", "evin", "evin").output.split())


def test_signing_shows_the_exact_text_first(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody signs unseen. Method: the text and whole digest stand before the question."""
    daemon.answers[ShowStatement] = letter(build_view, canonical_text="First line\n\nLast line")
    terminal.present = True
    result = run(
        *["statement", "sign", "evin", "evin", "--as", "individual", "--name", "Ana", "--json"],
        typed="sign\n",
    )
    assert result.exit_code == 0
    shown, _, _ = result.stderr.partition("type sign")
    assert "  | First line\n  |\n  | Last line\n" in shown
    assert DIGEST in shown
    assert "Careful" not in shown
    assert json.loads(result.stdout)["digest"] == DIGEST


def test_signing_shows_what_changed_since_the_version_that_was_signed(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody signs a change unseen. Method: a letter whose earlier version said something else."""
    daemon.answers[ShowStatement] = letter(
        build_view,
        canonical_text="Same\n\nNew line",
        earlier_text="Same\n\nOld line",
        earlier_version=1,
        mine=EntryState.LAPSED,
    )
    terminal.present = True
    result = run(*["statement", "sign", "evin", "evin", "--as", "individual", "--name", "Ana"], typed="no\n")
    _, _, shown = result.stderr.partition("Changed since version 1, which you signed:")
    assert "  - Old line\n  + New line\n" in shown
    assert "Same" not in shown


def test_red_lines_are_drawn_shown_and_lifted(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: who will not sign is seen before it is too late. Method: draw, show, freeze, lift."""
    text = revision(build_view, 0x22)
    view = letter(build_view, phase=StatementPhase.DRAFT, revisions=(text,))
    line = dataclasses.replace(
        view.comments[0],
        id=b"\x44" * 32,
        revision=text.id,
        language=text.language,
        paragraph=1,
        name="Ben",
        mine=True,
        stance=Stance.BLOCK,
        red_line=RedLine.STANDS,
        lifts=b"",
    )
    view = dataclasses.replace(view, comments=(line,))
    daemon.answers[ShowStatement] = view
    terminal.present = True
    assert run(*["statement", "comment", "evin", "evin", "1", "No.", "--stance", "block"]).exit_code == 0
    assert daemon.asked(CommentStatement).stance is Stance.BLOCK
    shown = run(*["statement", "show", "evin", "evin"])
    assert "Red line (44444444) by Ben" in shown.stdout
    assert "cannot sign with this, it stands" in shown.stdout
    declined = run(*["statement", "freeze", "evin", "evin", "--deadline", "3d"], typed="no\n")
    assert "1 red line stands. Who drew them will not sign: Ben" in declined.stderr
    assert run(*["statement", "lift", "evin", "evin", "4444", "Fine now."]).exit_code == 0
    asked = daemon.sent[-1]
    assert isinstance(asked, CommentStatement)
    assert (asked.lifts, asked.paragraph, asked.text) == (line.id, 1, "Fine now.")
    daemon.answers[ShowStatement] = dataclasses.replace(
        view, comments=(dataclasses.replace(line, mine=False),)
    )
    assert run(*["statement", "lift", "evin", "evin", "4444"]).exit_code == 1


def test_what_happened_afterwards_is_entered_and_shown(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: each entry says what its kind needs. Method: one of each; read the log."""
    view = letter(build_view, phase=StatementPhase.RELEASED, addressees=("The Minister", "The Judge"))
    (one,) = view.aftermath
    delivery = dataclasses.replace(
        one,
        id=b"\x51" * 32,
        entry=AftermathKind.DELIVERY,
        addressee="The Minister",
        deliverer="the lawyer",
        means=Means.BY_HAND,
        mine=True,
        replaced=False,
        corrects=b"",
        about=b"",
        due_ms=NOW_MS - 3 * DAY_MS,
    )
    answer = dataclasses.replace(
        delivery,
        id=b"\x52" * 32,
        entry=AftermathKind.REPLY,
        about=delivery.id,
        name="Ben",
        text="Soon.",
        due_ms=-1,
    )
    old = dataclasses.replace(delivery, id=b"\x53" * 32, addressee="Nobody", replaced=True, due_ms=-1)
    daemon.answers[ShowStatement] = dataclasses.replace(view, aftermath=(old, delivery, answer))
    (tmp_path / "receipt.pdf").write_bytes(b"signed by the doorman")
    place = ["evin", "evin"]

    def asked(*arguments: str) -> EnterAftermath:
        result = run("statement", *arguments)
        assert result.exit_code == 0, result.output
        sent = daemon.sent[-1]
        assert isinstance(sent, EnterAftermath)
        return sent

    told = asked(
        *["deliver", *place, "--to", "the min", "--by", "by-hand", "--deliverer", "the lawyer"],
        *["--at", "2h ago", "--again", "2w", "--receipt", "receipt.pdf", "--note", "at noon"],
    )
    assert (told.entry, told.addressee, told.means) == (AftermathKind.DELIVERY, "The Minister", Means.BY_HAND)
    assert (told.deliverer, told.text) == ("the lawyer", "at noon")
    assert told.happened_ms == NOW_MS - 2 * HOUR_MS
    assert told.follow_up_ms == NOW_MS + 14 * DAY_MS
    assert told.receipt == hashlib.sha256(b"signed by the doorman").digest()
    assert run("statement", "deliver", *place, "--by", "post").exit_code == 2, "to whom of two?"
    assert asked("deliver", *place, "--by", "post", "--to", "The embassy").addressee == "The embassy"
    again = asked("deliver", *place, "--by", "post", "--to", "The J", "--corrects", "5151")
    assert (again.addressee, again.corrects) == ("The Judge", delivery.id)
    told = asked("reply", *place, "the minister", "Soon.")
    assert (told.entry, told.about, told.text, told.follow_up_ms) == (
        AftermathKind.REPLY,
        delivery.id,
        "Soon.",
        0,
    )
    assert asked("follow-up", *place, "5151", "--done").follow_up_ms == 0
    assert asked("follow-up", *place, "5151", "--again", "1d").follow_up_ms == NOW_MS + DAY_MS
    assert run("statement", "follow-up", *place, "5151").exit_code == 2
    assert asked("note", *place, "reprisal", "He was summoned.").entry is AftermathKind.REPRISAL
    assert run("statement", "note", *place, "reprisal", "x", "--at", "yesterday").exit_code == 2
    shown = run("statement", "log", *place).stdout.splitlines()
    assert shown[0].startswith("Delivered (51515151) to The Minister by hand by the lawyer, ")
    assert any("Ask again: " in line and "3 days ago" in line for line in shown)
    assert any(line.startswith("    Reply (52525252) entered by Ben, ") for line in shown)
    assert not any("Nobody" in line for line in shown)
    assert "written anew since" in run("statement", "log", *place, "--all").stdout
    assert "Afterwards, for the campaign only:" in run("statement", "show", *place).stdout
    assert len(json.loads(run("statement", "log", *place, "--json").stdout)) == 2


def test_two_texts_are_merged_for_a_person_to_finish(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: nobody's wording is lost. Method: two texts side by side, into a file, put forward."""
    base = revision(build_view, 0x21, current=False, base=b"", merges=(), paragraphs=("Sir,", "Free her."))
    one = revision(
        build_view, 0x22, name="Ben", base=base.id, merges=(), paragraphs=("Madam,", "Free her now.")
    )
    two = revision(build_view, 0x23, name="Chi", base=base.id, merges=(), paragraphs=("Sir,", "Let her go."))
    view = letter(build_view, phase=StatementPhase.DRAFT, revisions=(base, one, two))
    daemon.answers[ShowStatement] = view
    result = run(*["statement", "merge", "evin", "evin", "--to", "merged.txt"])
    assert result.exit_code == 0, result.output
    assert "1 place is left for you to decide" in result.stdout
    text = (tmp_path / "merged.txt").read_text()
    assert text.startswith("Madam,\n\n⟦⟦ ")
    assert "Free her now.\n\n⟦ " in text
    assert run(*["statement", "merge", "evin", "evin", "--to", "merged.txt"]).exit_code != 0, (
        "no file is replaced"
    )
    (tmp_path / "merged.txt").write_text("Madam,\n\nLet her go now.\n")
    arguments = f"statement amend evin evin merged.txt --language {one.language} --base 2222 --merges 2323"
    assert run(*arguments.split()).exit_code == 0
    assert (daemon.asked(AmendStatement).base, daemon.asked(AmendStatement).merges) == (one.id, (two.id,))
    daemon.answers[ShowStatement] = dataclasses.replace(view, revisions=(base, one))
    assert run(*["statement", "merge", "evin", "evin"]).exit_code == 2


def test_a_revision_keeps_what_is_not_named(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: changing one thing changes nothing else. Method: only the text is new; a draft is refused."""
    before = letter(
        build_view,
        addressees=("The Minister",),
        deadline_ms=NOW_MS + DAY_MS,
        soft_deadline_ms=NOW_MS - 1,
        grace_ms=3_600_000,
    )
    daemon.answers[ShowStatement] = before
    assert run(*["statement", "revise", "evin", "evin", "--yes"]).exit_code == 0
    asked = daemon.asked(FreezeStatement)
    assert (asked.addressees, asked.deadline_ms, asked.grace_ms) == (
        before.addressees,
        before.deadline_ms,
        before.grace_ms,
    )
    assert asked.soft_deadline_ms == 0, "a date that is past is no date to ask by"
    daemon.answers[ShowStatement] = dataclasses.replace(before, phase=StatementPhase.DRAFT)
    assert run(*["statement", "revise", "evin", "evin", "--yes"]).exit_code == 1


def test_a_release_within_the_grace_period_warns(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody is left off by haste. Method: release a minute before the grace period ends, and after."""
    terminal.present = True
    for left_ms, warned in ((60_000, True), (-1, False)):
        daemon.answers[ShowStatement] = letter(
            build_view, deadline_ms=NOW_MS - DAY_MS + left_ms, grace_ms=DAY_MS
        )
        result = run(*["statement", "release", "evin", "evin"], typed="no\n")
        assert ("Careful" in result.stderr) is warned


def test_signing_warns_of_what_cannot_be_shown(
    run: Callable[..., Result], daemon: Any, terminal: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: a text that hides something says so. Method: a letter with a bidi override."""
    daemon.answers[ShowStatement] = letter(build_view, canonical_text="not\u202e guilty")
    terminal.present = True
    result = run(*["statement", "sign", "evin", "evin", "--as", "individual", "--name", "Ana"], typed="no\n")
    assert "Careful" in result.stderr


def test_another_digest_is_not_signed(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: a script signs what it saw or nothing. Method: another digest, a short one, a draft."""
    sign = ["statement", "sign", "evin", "evin", "--as", "individual", "--name", "Ana", "--yes", "--digest"]
    for digest in ("22" * 32, "11" * 31, "zz" * 32, ""):
        assert run(*sign, digest).exit_code == 2
    daemon.chosen[StatementPhase] = StatementPhase.DRAFT
    assert run(*sign, DIGEST).exit_code == 1
    assert not [command for command in daemon.sent if isinstance(command, SignStatement)]


def test_a_deadline_that_has_passed_is_refused(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: a typing error in the year is caught. Method: freeze with a past deadline."""
    result = run(*["statement", "freeze", "evin", "evin", "--deadline", "2020-01-01T00:00Z", "--yes"])
    assert result.exit_code == 2
    assert daemon.sent == []


def test_texts_come_from_files_and_standard_input(
    run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: each way in gives the same text. Method: file with CRLF and byte order mark, and `-`."""
    (tmp_path / "letter.txt").write_bytes("\ufeffEins.\r\n\r\nZwei.\r\n".encode())
    assert (
        run(*["statement", "draft", "evin", "letter.txt", "--language", "DE", "--title", "Brief"]).exit_code
        == 0
    )
    assert daemon.asked(DraftStatement) == DraftStatement(
        campaign=ID, language="de", title="Brief", text="Eins.\n\nZwei.\n"
    )
    assert run("send", "evin", "evin", "-", typed="two\nlines\n").exit_code == 0
    assert daemon.asked(PostMessage).text == "two\nlines"
    assert (
        run(*["statement", "comment", "evin", "evin", "0", "-", "--revision", "1111"], typed="no\n").exit_code
        == 0
    )
    assert daemon.asked(CommentStatement) == CommentStatement(
        campaign=ID, statement=ID, revision=ID, paragraph=0, text="no"
    )
    assert run("invite", "accept", "-", typed=" abc\n def\n").exit_code == 0
    assert daemon.asked(AcceptInvitation).text == "abcdef"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 300_000])
def test_text_that_is_no_text_or_too_long_is_refused(
    data: bytes, run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: a wrong file is said to be wrong. Method: not UTF-8; longer than any letter."""
    (tmp_path / "letter").write_bytes(data)
    result = run(*["statement", "draft", "evin", "letter", "--language", "en", "--title", "T"])
    assert result.exit_code in (2, 6)
    assert daemon.sent == []


def test_a_file_that_is_missing_or_a_folder_is_refused(run: Callable[..., Result], tmp_path: Path) -> None:
    """Goal: a sentence, not a traceback. Method: name what cannot be read."""
    for name in ("missing", "."):
        result = run("statement", "draft", "evin", name, "--language", "en", "--title", "T")
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr


def revision(build_view: Callable[..., Any], number: int, **values: Any) -> RevisionView:
    view: RevisionView = build_view(RevisionView, "evin")
    base = {"id": bytes([number]) * 32, "base": b"", "language": "en", "current": True, "frozen": False}
    return dataclasses.replace(view, **{**base, **values})


def test_amending_follows_the_current_text(
    run: Callable[..., Result], daemon: Any, tmp_path: Path, build_view: Callable[..., Any]
) -> None:
    """Goal: the base is right by itself, or asked for. Method: one text, a new language, two side by side."""
    (tmp_path / "new.txt").write_text("new", encoding="utf-8")
    draft = StatementPhase.DRAFT
    old = revision(build_view, 0x21, current=False)
    one = revision(build_view, 0x22, title="First", base=old.id)
    two = revision(build_view, 0x23, title="Second", base=old.id)
    amend = ["statement", "amend", "evin", "evin", "new.txt", "--language"]

    daemon.answers[ShowStatement] = letter(build_view, phase=draft, revisions=(old, one))
    assert run(*amend, "en").exit_code == 0
    assert (daemon.asked(AmendStatement).base, daemon.asked(AmendStatement).title) == (one.id, "First")
    daemon.sent.clear()
    assert run(*amend, "fa", "--title", "Persian").exit_code == 0
    assert (daemon.asked(AmendStatement).base, daemon.asked(AmendStatement).title) == (b"", "Persian")
    daemon.sent.clear()
    daemon.answers[ShowStatement] = letter(build_view, phase=draft, revisions=(old, one, two))
    ambiguous = run(*amend, "en")
    assert ambiguous.exit_code == 1
    assert "22222222" in ambiguous.stderr
    assert "23232323" in ambiguous.stderr
    assert run(*amend, "en", "--base", "2323").exit_code == 0
    assert daemon.asked(AmendStatement).base == two.id


def test_diff_marks_what_went_and_what_came(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: a reader sees every change. Method: one paragraph kept, one changed, one added."""
    old = revision(build_view, 0x21, current=False, title="T", paragraphs=("kept", "before"))
    new = revision(build_view, 0x22, base=old.id, title="T", paragraphs=("kept", "after", "added"))
    daemon.answers[ShowStatement] = letter(build_view, phase=StatementPhase.DRAFT, revisions=(old, new))
    text = run("statement", "diff", "evin", "evin").stdout
    assert [line for line in text.splitlines()[1:] if line] == [
        "  T",
        "  kept",
        "- before",
        "+ after",
        "+ added",
    ]
    changes = json.loads(run("statement", "diff", "evin", "evin", "2121", "2222", "--json").stdout)["changes"]
    assert [(one["change"], one["text"]) for one in changes] == [
        ("same", "T"),
        ("same", "kept"),
        ("removed", "before"),
        ("added", "after"),
        ("added", "added"),
    ]


def test_show_tells_apart_languages(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: one language on request, and a sentence where there is none. Method: two languages."""
    english = revision(build_view, 0x21, frozen=True, paragraphs=("hello",))
    persian = revision(build_view, 0x22, frozen=True, language="fa", paragraphs=("salam",))
    daemon.answers[ShowStatement] = letter(build_view, revisions=(english, persian))
    both = run("statement", "show", "evin", "evin").stdout
    assert "hello" in both
    assert "salam" in both
    assert "hello" not in run("statement", "show", "evin", "evin", "--language", "FA").stdout
    assert run("statement", "show", "evin", "evin", "--language", "ru").exit_code == 1


def test_export_writes_whole_files_and_overwrites_none(
    run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: files arrive whole and nothing is lost. Method: export, again, and with --force."""
    daemon.answers[ExportStatement] = FilesView(
        files=(FileView(name="a.json", data=b"one"), FileView(name="b.txt", data=b"two"))
    )
    export = ["statement", "export", "evin", "evin", "--to", "out"]
    told = json.loads(run(*export, "--json").stdout)
    assert told == {"files": ["out/a.json", "out/b.txt"]}
    assert (tmp_path / "out/a.json").read_bytes() == b"one"
    (tmp_path / "out/a.json").write_bytes(b"mine")
    assert run(*export).exit_code == 2
    assert (tmp_path / "out/a.json").read_bytes() == b"mine"
    assert run(*export, "--force").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.json", "b.txt"]
    assert (tmp_path / "out/a.json").read_bytes() == b"one"


def test_a_sheet_is_written_for_a_frozen_letter(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: people can sign on paper before the release. Method: a frozen letter; the file again; a draft."""
    only = LanguageText(
        language="en", direction=Direction.LEFT_TO_RIGHT, title="Free <b>her", paragraphs=("Now.",)
    )
    text = canonical_text(
        StatementText(campaign=ID, statement=ID, deadline_ms=1_000, texts=(only,), addressees=(), rules=())
    )
    daemon.answers[ShowStatement] = letter(build_view, canonical_text=text.decode())
    sheet = ["statement", "sheet", "evin", "evin", "sheet.html"]
    assert json.loads(run(*sheet, "--json").stdout) == {"file": "sheet.html"}
    written = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert "Free &lt;b&gt;her" in written
    assert hashlib.sha256(text).hexdigest() in written
    assert run(*sheet).exit_code == 2
    assert run(*sheet, "--force").exit_code == 0
    daemon.answers[ShowStatement] = letter(build_view, phase=StatementPhase.DRAFT, canonical_text="")
    assert run(*sheet, "--force").exit_code == WrongPhase.exit_code
    assert (tmp_path / "sheet.html").read_text(encoding="utf-8") == written


def test_export_onto_a_file_is_refused(run: Callable[..., Result], daemon: Any, tmp_path: Path) -> None:
    """Goal: a sentence. Method: a file stands where the folder should."""
    (tmp_path / "out").write_bytes(b"")
    assert run(*["statement", "export", "evin", "evin", "--to", "out/deeper"]).exit_code == 2
    assert (tmp_path / "out").read_bytes() == b""


def test_an_invitation_file_is_private_and_new(
    run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: an invitation is a secret. Method: mode of the file; a second one does not replace it."""
    assert run("invite", "make", "--file", "ben.txt").exit_code == 0
    path = tmp_path / "ben.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8") == "evin\n"
    made = len(daemon.sent)
    assert run("invite", "make", "--file", "ben.txt").exit_code == 2
    assert len(daemon.sent) == made, "no invitation is made that nobody gets"
    daemon.text = "other"
    assert run("invite", "accept", "--file", "ben.txt").exit_code == 0
    assert daemon.asked(AcceptInvitation).text == "evin"


def test_qr_is_a_drawing_of_blocks(run: Callable[..., Result]) -> None:
    """Goal: a camera can read it from any terminal. Method: only blocks, all lines of one width."""
    drawn = [line for line in run("identity", "show", "--qr").stdout.splitlines() if line.startswith("█")]
    assert len(drawn) > 10
    assert set("".join(drawn)) <= set("█▀▄ ")
    assert len({len(line) for line in drawn}) == 1


def test_words_shared_with_a_person_come_first(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: both compare the same words. Method: an introduction with this person, and none."""
    assert "which both of you see at any time" in run("contact", "words", "evin").stdout
    daemon.answers[ListIntroductions] = IntroductionsView(introductions=())
    shown = run("contact", "words", "evin").stdout
    assert "which both of you see at any time" not in shown
    assert "Both of you see these words" in shown


def test_words_are_shown_in_the_list_asked_for_and_say_which_it_is(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: two people can choose the same list. Method: the list kept, and each named for one call."""
    both = (
        SpellingView(word_list=WordList.ENGLISH, words=("harbour",)),
        SpellingView(word_list=WordList.RUSSIAN, words=("гавань",)),
    )
    me = build_view(IdentityView, "evin")
    daemon.answers[ShowIdentity] = dataclasses.replace(me, fingerprint=both, word_list=WordList.RUSSIAN)
    them = dataclasses.replace(build_view(ContactView, "evin"), words=both, fingerprint=both)
    daemon.answers[ListContacts] = ContactsView(contacts=(them,))
    for typed, word, other in (
        ("contact words evin", "гавань", "harbour"),
        ("contact words evin --words english", "harbour", "гавань"),
        ("identity show --words russian", "гавань", "harbour"),
        ("contact show evin --words english", "harbour", "гавань"),
    ):
        shown = run(*typed.split()).stdout
        assert f" 1 {word}" in shown, typed
        assert other not in shown, typed
        assert "The other person must see the same list" in shown
    assert run("contact", "words", "evin", "--words", "klingon").exit_code == 2


def test_comparing_keys_says_loudly_what_came_out(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody takes different for equal. Method: each outcome, its words and its exit code."""
    view = build_view(ComparedView, "evin")
    for outcome, words, code in (
        (Comparison.SAME, "EQUAL", 0),
        (Comparison.DIFFERENT, "!! DIFFERENT", 1),
        (Comparison.OTHER_CONTACT, "!! DIFFERENT", 1),
        (Comparison.MINE, "YOUR OWN key", 1),
    ):
        daemon.answers[CompareKey] = dataclasses.replace(view, outcome=outcome)
        result = run("contact", "compare", "evin", "-", typed="MESHCOALKEY1X\n")
        assert result.exit_code == code
        assert words in result.output
        assert ("EQUAL" in result.output) == (outcome is Comparison.SAME)
        assert run("contact", "compare", "evin", "X", "--json").exit_code == code


@pytest.mark.parametrize("kind", WarningKind)
def test_warnings_stand_where_people_are_listed(
    kind: WarningKind, run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: a changed key is loud. Method: each kind, in each list that concerns it, in plain words."""
    one: WarningView = build_view(WarningView, "evin", {WarningKind: kind})
    in_campaign = kind not in (WarningKind.CONTACT, WarningKind.DIFFERED)
    one = dataclasses.replace(
        one, known_me=False, known_refused=False, campaign=ID if in_campaign else b"", campaign_name="evin"
    )
    daemon.answers[ListWarnings] = WarningsView(warnings=(one,))
    places = (
        ["campaign show evin"] if in_campaign else ["contact list", "invite pending", "introduction list"]
    )
    if kind in (WarningKind.WITHHELD, WarningKind.RELAY):
        places.append("campaign list")
    if kind is WarningKind.RELAY:
        assert "LOST, CHANGED OR MADE UP" in run("campaign", "list").stderr
        assert "Nothing false got in" in run("campaign", "list").stderr
    for typed in (*places, "warning list"):
        assert "!! WARNING 11111111" in run(*typed.split()).output, typed
    if kind is WarningKind.CONTACT:
        assert "is NOT the key you know as" in run("contact", "list").stderr
        assert "not the key you compared words with on 2027-01-15" in run("contact", "list").stderr
    if kind is WarningKind.WITHHELD:
        assert "KEEPS BACK" in run("campaign", "list").stderr
        assert "Ask evin by another way" in run("campaign", "list").stderr
        assert "warning dismiss 11111111" in run("campaign", "list").stderr
        listed = json.loads(run("warning", "list", "--json").stdout)
        assert listed["warnings"][0]["kind"] == "withheld"


def message(build_view: Callable[..., Any], number: int, text: str) -> MessageView:
    view: MessageView = build_view(MessageView, text)
    return dataclasses.replace(view, id=bytes([number]) * 32, reply_to=b"")


class Channel:
    """A channel that grows: answers `ListMessages` as the daemon does."""

    def __init__(self, messages: list[MessageView]) -> None:
        self.messages = messages

    def page(self, command: ListMessages) -> MessagesView:
        ids = [one.id for one in self.messages]
        end = ids.index(command.before) if command.before else len(ids)
        start = max(end - command.limit, 0)
        return MessagesView(
            campaign=ID,
            channel=ID16,
            messages=tuple(self.messages[start:end]),
            more=start > 0,
            gaps=(),
            talk_days=7,
        )


def test_follow_prints_each_message_once_and_late_ones_too(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nothing is lost or doubled. Method: a burst, a late message among older ones, foreign notices."""
    channel = Channel([message(build_view, n, f"old {n}") for n in range(1, 5)])
    daemon.answers[ListMessages] = channel.page

    def ours(kind: NoticeKind = NoticeKind.MESSAGES, subject: bytes = ID16) -> Notice:
        return Notice(kind=kind, campaign=ID, subject=subject)

    def news() -> Any:
        yield ours(NoticeKind.HELD)
        yield ours(subject=b"\x22" * 16)
        channel.messages += [message(build_view, n, f"burst {n}") for n in range(100, 200)]
        yield ours()
        channel.messages.insert(2, message(build_view, 99, "late"))
        yield ours()
        yield ours()
        channel.messages.append(message(build_view, 210, "after overrun"))
        yield Notice(kind=NoticeKind.OVERRUN)

    daemon.notices = news
    result = run(*["read", "evin", "evin", "--follow", "--limit", "2", "--json"])
    assert result.exit_code == DaemonUnreachable.exit_code, "it ends only because the daemon does"
    told = [json.loads(line).get("text") for line in result.stdout.splitlines()[:104]]
    assert told == ["old 3", "old 4", *[f"burst {n}" for n in range(100, 200)], "late", "after overrun"]
    order = [type(command) for command in daemon.sent]
    assert order.index(Subscribe) < order.index(ListMessages), "nothing falls between page and notices"


def test_follow_shows_what_arrived_while_the_first_page_was_printed(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: no gap at the start. Method: a message comes between the first and the second look."""
    channel = Channel([message(build_view, 1, "old")])

    def page(command: ListMessages) -> MessagesView:
        answer = channel.page(command)
        if len(channel.messages) == 1:
            channel.messages.append(message(build_view, 2, "between"))
        return answer

    daemon.answers[ListMessages] = page
    daemon.notices = lambda: iter(())
    told = run(*["read", "evin", "evin", "--follow"]).stdout
    assert told.count("    old\n") == 1
    assert told.count("    between\n") == 1


def test_reading_marks_as_read_unless_told_not_to(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: looking back or peeking marks nothing. Method: count what was marked."""
    for more in (["--keep-unread"], ["--before", "1111"]):
        assert run("read", "evin", "evin", *more).exit_code == 0
    assert not [command for command in daemon.sent if isinstance(command, MarkRead)]
    run("read", "evin", "evin")
    assert daemon.asked(MarkRead).message == ID


def test_gaps_are_told(run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]) -> None:
    """Goal: no message is lost silently. Method: one member's entries are missing."""
    view: CampaignView = build_view(CampaignView, "evin")
    gap = GapView(author=ID, name="Chi", missing=3)
    daemon.answers[ShowCampaign] = dataclasses.replace(view, gaps=(gap,), unopened=0)
    assert "Missing: 3 entries of Chi" in run("campaign", "show", "evin").stdout
    daemon.answers[ListMessages] = MessagesView(
        campaign=ID,
        channel=ID16,
        messages=(),
        more=False,
        gaps=(dataclasses.replace(gap, missing=1),),
        talk_days=7,
    )
    assert "Missing: 1 entry of Chi" in run("read", "evin", "evin").stdout


def test_watch_names_campaigns_and_stops_on_request(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: a script can wait for news. Method: two lines, as text and as JSON."""
    lines = run("watch", "--count", "2").stdout.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("evin: ") for line in lines)
    told = [json.loads(line)["kind"] for line in run("watch", "--count", "2", "--json").stdout.splitlines()]
    assert told == ["status", "contacts"]


def test_unknown_names_list_what_there_is(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: a person sees what to type. Method: a wrong name; no campaigns at all."""
    result = run("campaign", "show", "zoe")
    assert (result.exit_code, result.stderr.split(" (unknown)")[1]) == (1, "\n")
    assert "evin (11111111)" in result.stderr
    daemon.answers[ListCampaigns] = CampaignsView(campaigns=())
    assert "There is no campaign yet" in run("campaign", "show", "zoe").stderr


def test_daemon_status_and_stop_without_a_daemon(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: asking after it does not start it. Method: nobody answers."""
    for command in (GetStatus, StopDaemon):
        daemon.answers[command] = DaemonUnreachable("Nobody there.")
    assert run("daemon", "status").stdout == "The daemon does not run.\n"
    assert json.loads(run("daemon", "status", "--json").stdout) == {"running": False, "status": None}
    assert run("daemon", "stop").stdout == "The daemon was not running.\n"
    assert json.loads(run("daemon", "stop", "--json").stdout) == {"done": True, "was_running": False}


GOOD = "correct horse battery"


def test_a_new_passphrase_is_typed_twice(run: Callable[..., Result], daemon: Any, terminal: Any) -> None:
    """Goal: a slip of the finger locks nobody out. Method: twice the same, then two that differ."""
    terminal.present = True
    terminal.hidden = [GOOD, GOOD]
    result = run("identity", "create", "Ana", "--suggest")
    assert result.exit_code == 0
    assert daemon.asked(CreateVault) == CreateVault(name="Ana", passphrase=GOOD)
    assert GOOD not in result.output
    (suggested,) = [line for line in result.stderr.splitlines() if line.startswith("    ")]
    assert len(suggested.split()) == 6
    daemon.sent.clear()
    terminal.hidden = [GOOD, GOOD + "x"]
    assert run("identity", "create", "Ana").exit_code == 2
    assert daemon.sent == []


def test_the_strength_is_told_in_words(run: Callable[..., Result], terminal: Any) -> None:
    """Goal: a weak passphrase is called weak before it is used. Method: a common one."""
    terminal.present = True
    terminal.hidden = ["password1", "password1"]
    assert "guess" in run("identity", "create", "Ana").stderr


def test_passphrases_from_standard_input_and_file(
    run: Callable[..., Result], daemon: Any, tmp_path: Path
) -> None:
    """Goal: scripts need no terminal. Method: one line, two lines, CRLF, no line end."""
    for typed in (GOOD, GOOD + "\n", GOOD + "\r\nignored"):
        assert run("unlock", "--passphrase-stdin", typed=typed).exit_code == 0
        assert daemon.sent.pop() == Unlock(passphrase=GOOD)
    file = tmp_path / "phrase"
    file.write_text(f"{GOOD}\n{GOOD} new\n", encoding="utf-8")
    file.chmod(0o600)
    quiet = run("passphrase", "--passphrase-file", "phrase")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert daemon.sent.pop() == ChangePassphrase(old=GOOD, new=GOOD + " new")
    file.chmod(0o644)
    assert "other users" in run("unlock", "--passphrase-file", "phrase").stderr


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (("unlock",), None),
        (("identity", "create", "Ana"), None),
        (("passphrase",), None),
        (("unlock", "--passphrase-stdin"), ""),
        (("unlock", "--passphrase-stdin"), b"\xff\n"),
        (("unlock", "--passphrase-stdin"), "x" * 2_000),
        (("unlock", "--passphrase-stdin", "--passphrase-file", "phrase"), "x"),
        (("unlock", "--passphrase-file", "missing"), None),
        (("identity", "create", "Ana", "--passphrase-stdin"), "short\n"),
        (("passphrase", "--passphrase-stdin"), GOOD),
    ],
)
def test_passphrases_that_cannot_be_had_are_refused(
    arguments: tuple[str, ...], typed: str | bytes | None, run: Callable[..., Result], daemon: Any
) -> None:
    """Goal: a sentence each, and nothing is sent. Method: no terminal, nothing, not text, too long."""
    result = run(*arguments, typed=typed)
    assert result.exit_code == 2, result.output
    assert result.stderr.endswith("(bad-argument)\n")
    assert daemon.sent == []

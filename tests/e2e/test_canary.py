"""Nothing in plaintext on disk: strings go in through every command, and are looked for everywhere."""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, introduced, until

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.api.commands import COMMANDS, Capacity, Command, Role, Seat
from meshcoal.api.views import IntroductionState
from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.signing import SigningKey
from meshcoal.daemon.main import now_ms
from meshcoal.errors import MeshcoalError
from meshcoal.statement.replies import make_sign_on, seal_reply
from meshcoal.wire.attachment import file_hash
from meshcoal.wire.call import parse_call
from meshcoal.wire.naming import SignOnFields
from meshcoal.wire.record import Record
from meshcoal.wire.relay_text import Relay, encode_relay

pytestmark = pytest.mark.e2e

V = TypeVar("V", bound=Record)


class Canaries:
    """Strings that occur nowhere else, each with the field it went into."""

    def __init__(self) -> None:
        self.sung: dict[str, str] = {}
        self._numbers = itertools.count(1000)

    def sing(self, where: str) -> str:
        canary = f"kestrel{next(self._numbers)}zug"
        self.sung[canary] = where
        return canary


def spellings(text: str) -> Iterator[bytes]:
    """The text as it may lie in a file: UTF-8, UTF-16, hexadecimal, base64 at each of three offsets."""
    plain = text.encode()
    for data in (plain, text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield data
        yield data.hex().encode()
        yield data.hex().upper().encode()
        for offset in range(3):
            whole = base64.b64encode(bytes(offset) + data)
            # The first and last group also hold bits of what stands beside the text.
            inner = whole[4 if offset else 0 : len(whole) - 4]
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def find(folder: Path, texts: dict[str, str]) -> set[tuple[str, str]]:
    """File and field of each canary that can be read in `folder`; names of files count too."""
    patterns = {spelled: where for text, where in texts.items() for spelled in spellings(text)}
    found: set[tuple[str, str]] = set()
    for path in sorted(folder.rglob("*")):
        data = path.name.encode() + b"\n"
        if path.is_file():
            data += path.read_bytes()
        found |= {(path.name, where) for spelled, where in patterns.items() if spelled in data}
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def nodes(folder: Path) -> AsyncIterator[tuple[RealNode, RealNode]]:
    ana, ben = RealNode(folder, "node-a"), RealNode(folder, "node-b")
    await ana.start()
    await ben.start()
    yield ana, ben
    for node in (ana, ben):
        await node.hang_up()
        if node.process is not None:
            node.process.kill()
            node.process.wait()


class Conversation:
    """Sends commands and notes which kinds were sent."""

    def __init__(self) -> None:
        self.kinds: set[type[Command]] = set()

    async def ask(self, node: RealNode, command: Command, view: type[V]) -> V:
        self.kinds.add(type(command))
        return await node.ask(command, view)

    async def refused(self, node: RealNode, command: Command) -> None:
        """A command that fails must not leave a trace of what was in it either."""
        self.kinds.add(type(command))
        with pytest.raises(MeshcoalError):
            await node.ask(command, Record)


def test_the_search_finds_every_spelling(folder: Path) -> None:
    """Goal: a silent search would prove nothing. Method: plant one string in each spelling, and in a name."""
    text = "kestrel0001zug"
    for number, spelled in enumerate(spellings(text)):
        (folder / f"{number}.bin").write_bytes(b"\xff\x00ab" + spelled + b"yz\x01")
        assert find(folder, {text: "here"}) == {(f"{number}.bin", "here")}
        (folder / f"{number}.bin").unlink()
    for offset in range(8):
        (folder / "b").write_bytes(base64.b64encode(b"x" * offset + text.encode() + b"tail"))
        assert find(folder, {text: "here"}) == {("b", "here")}
        (folder / "b").unlink()
    (folder / f"{text}.db").touch()
    assert find(folder, {text: "here"}) == {(f"{text}.db", "here")}


async def test_no_command_leaves_a_readable_string(nodes: tuple[RealNode, RealNode], folder: Path) -> None:
    """Goal: what lies on the disk tells nothing. Method: every command with strings of its own, also where
    it is refused; files, log and standard error are searched while it runs, locked, and after it ended."""
    ana, ben = nodes
    canaries, talk = Canaries(), Conversation()
    sing = canaries.sing
    first, second = sing("passphrase"), sing("new passphrase")

    # The daemon itself
    await talk.ask(ana, ask.Subscribe(), show.Done)
    await talk.ask(ana, ask.GetStatus(), show.StatusView)
    await talk.refused(ana, ask.Unlock(passphrase=sing("passphrase before there is a vault")))
    await talk.ask(ana, ask.CreateVault(name=sing("name"), passphrase=first), show.StatusView)
    await talk.ask(ben, ask.CreateVault(name=sing("name"), passphrase=sing("passphrase")), show.StatusView)
    await talk.refused(ana, ask.CreateVault(name=sing("second name"), passphrase=sing("second passphrase")))
    await talk.ask(ana, ask.ChangePassphrase(old=first, new=second), show.Done)
    await talk.refused(ana, ask.ChangePassphrase(old=sing("wrong passphrase"), new=sing("passphrase")))

    # Identity
    await talk.ask(ana, ask.SetName(name=sing("changed name")), show.IdentityView)
    await talk.ask(ana, ask.SetHints(hints=(f"{sing('address')}.invalid:4400",)), show.IdentityView)
    await talk.ask(ana, ask.SetHints(hints=()), show.IdentityView)
    identity = await talk.ask(ana, ask.ShowIdentity(), show.IdentityView)
    canaries.sung[identity.link_text] = "public key"
    for spelling in identity.fingerprint:
        canaries.sung[" ".join(spelling.words)] = "words"

    # A campaign, an invitation, a contact
    campaign = await talk.ask(
        ana,
        ask.FoundCampaign(
            name=sing("campaign"),
            goal=sing("goal"),
            my_name=sing("name in the campaign"),
            seat=Seat.EXILE,
            channels=(sing("channel"),),
        ),
        show.CampaignView,
    )
    spare = await talk.ask(
        ana,
        ask.MakeInvitation(campaign=campaign.id, seat=Seat.EXILE, lifetime_ms=DAY_MS),
        show.InvitationView,
    )
    canaries.sung[spare.text] = "invitation"
    await talk.ask(ana, ask.ListInvitations(), show.InvitationsView)
    await talk.ask(ana, ask.RevokeInvitation(invitation=spare.id), show.Done)
    await talk.refused(ben, ask.AcceptInvitation(text=sing("broken invitation")))
    by_file = ask.MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=DAY_MS, by_file=True)
    long = await talk.ask(ana, by_file, show.InvitationView)
    canaries.sung[long.text] = "invitation by file"
    carried_request = ask.AnswerInvitation(text=long.text, paper=True)
    waits = await talk.ask(ben, carried_request, show.CarriedRequestView)
    await talk.ask(ben, ask.Refuse(introduction=waits.introduction.id), show.Done)
    await talk.ask(ana, ask.RevokeInvitation(invitation=long.id), show.Done)
    bare = await talk.ask(
        ana, ask.MakeInvitation(campaign=b"", seat=Seat.OBSERVER, lifetime_ms=DAY_MS), show.InvitationView
    )
    canaries.sung[bare.text] = "invitation"
    given_up = await talk.ask(ben, ask.AcceptInvitation(text=spare.text), show.IntroductionView)
    await talk.ask(ben, ask.Refuse(introduction=given_up.id), show.Done)
    invitation = await talk.ask(
        ana,
        ask.MakeInvitation(campaign=campaign.id, seat=Seat.EXILE, lifetime_ms=DAY_MS),
        show.InvitationView,
    )
    canaries.sung[invitation.text] = "invitation"
    accepted = await talk.ask(ben, ask.AcceptInvitation(text=invitation.text), show.IntroductionView)
    talk.kinds.add(ask.ListIntroductions)
    theirs = await introduced(ben, accepted.id, IntroductionState.WAITING)
    ours = await introduced(ana, invitation.id, IntroductionState.ASKING)
    for spelling in ours.words:
        canaries.sung[" ".join(spelling.words)] = "words of an introduction"
    await talk.ask(ana, ask.ConfirmWords(person=ours.person, match=True), show.ContactView)
    await talk.ask(ben, ask.ConfirmWords(person=theirs.person, match=True), show.ContactView)
    await talk.ask(ana, ask.SetPetname(person=ours.person, petname=sing("petname")), show.ContactView)
    known = await talk.ask(ana, ask.ListContacts(), show.ContactsView)
    for spelling in (*known.contacts[0].words, *known.contacts[0].fingerprint):
        canaries.sung[" ".join(spelling.words)] = "words of a contact"
    canaries.sung[known.contacts[0].link_text] = "public key of a contact"
    await talk.ask(ana, ask.SetWordList(word_list=ask.WordList.RUSSIAN), show.IdentityView)
    mine = ask.CompareKey(person=ours.person, text=identity.link_text)
    assert (await talk.ask(ana, mine, show.ComparedView)).outcome is show.Comparison.MINE
    await talk.refused(ana, ask.CompareKey(person=ours.person, text=sing("text of a key")))
    await talk.ask(ana, ask.ListWarnings(), show.WarningsView)
    await talk.refused(ana, ask.DismissWarning(warning=bytes(16)))
    twice = ask.Introduce(first=ours.person, second=ours.person, note=sing("note of an introduction"))
    await talk.refused(ana, twice)
    await talk.ask(ana, ask.ListAcquaintances(), show.AcquaintancesView)
    await talk.refused(ana, ask.AnswerAcquaintance(acquaintance=bytes(16), accept=True))
    await talk.ask(ana, ask.Admit(introduction=ours.id, seat=Seat.EXILE, role=Role.MEMBER), show.CampaignView)

    async def not_in() -> str:
        listed = await ben.ask(ask.ListCampaigns(), show.CampaignsView)
        return "" if any(one.members == 2 for one in listed.campaigns) else str(listed)

    talk.kinds.add(ask.ListCampaigns)
    await until(not_in)
    await talk.ask(ana, ask.OpenChannel(campaign=campaign.id, name=sing("second channel")), show.CampaignView)

    # Talk
    channel = campaign.channels[0].id
    message = await talk.ask(
        ana, ask.PostMessage(campaign=campaign.id, channel=channel, text=sing("message")), show.MessageView
    )
    reply = ask.PostMessage(campaign=campaign.id, channel=channel, text=sing("reply"), reply_to=message.id)
    await until(lambda: _lacks_message(ben, campaign.id, channel, message.id))
    await talk.ask(ben, reply, show.MessageView)
    await talk.refused(ana, ask.PostMessage(campaign=campaign.id, channel=bytes(16), text=sing("no channel")))
    page = await talk.ask(ana, ask.ListMessages(campaign=campaign.id, channel=channel), show.MessagesView)
    changed = ask.ListChanged(campaign=campaign.id, channel=channel, since=page.as_of)
    await talk.ask(ana, changed, show.ChangedView)
    await talk.ask(ana, ask.MarkRead(campaign=campaign.id, channel=channel, message=message.id), show.Done)
    await talk.ask(ana, ask.ShowHolders(campaign=campaign.id, operation=message.id), show.HoldersView)
    said: dict[str, Any] = {"campaign": campaign.id, "message": message.id}
    await talk.ask(ana, ask.EditMessage(**said, text=sing("edition")), show.MessageView)
    await talk.ask(ana, ask.ReactToMessage(**said, emoji="👍"), show.MessageView)
    await talk.ask(ana, ask.PinMessage(**said, pinned=True), show.MessageView)
    await talk.ask(ana, ask.ShowMessage(**said), show.MessageDetailView)
    changed = ask.ListChanged(campaign=campaign.id, channel=channel, since=0)
    await talk.ask(ana, changed, show.ChangedView)
    await talk.ask(ana, ask.Search(text=sing("looked for")), show.FoundsView)
    await talk.ask(ben, ask.Search(text="edition"), show.FoundsView)
    await talk.ask(ben, ask.ShowToday(), show.TodayView)
    await talk.ask(ben, ask.ShowPosture(), show.PostureView)
    await talk.ask(ben, ask.ShowHistory(campaign=campaign.id), show.HistoryView)
    slip = await talk.ask(
        ana, ask.PostMessage(campaign=campaign.id, channel=channel, text=sing("slip")), show.MessageView
    )
    await talk.ask(ana, ask.TakeBackMessage(campaign=campaign.id, message=slip.id), show.MessageView)

    # A file
    content = (sing("content of a file") * 4_000).encode()
    begin = ask.BeginUpload(
        campaign=campaign.id,
        name=sing("name of a file") + ".txt",
        media_type="text/plain",
        size=len(content),
        hash=file_hash(content),
    )
    dropped = await talk.ask(ana, begin, show.UploadView)
    await talk.ask(ana, ask.DropUpload(campaign=campaign.id, upload=dropped.upload), show.Done)
    upload = await talk.ask(ana, begin, show.UploadView)
    await talk.ask(
        ana,
        ask.AppendUpload(campaign=campaign.id, upload=upload.upload, data=content),
        show.UploadView,
    )
    carried = await talk.ask(
        ana,
        ask.PostMessage(
            campaign=campaign.id, channel=channel, text=sing("with a file"), attachments=(upload.upload,)
        ),
        show.MessageView,
    )
    await until(lambda: _lacks_message(ben, campaign.id, channel, carried.id))
    await talk.ask(
        ben, ask.StopAttachment(campaign=campaign.id, message=carried.id, number=0), show.MessageView
    )
    await talk.ask(
        ben, ask.FetchAttachment(campaign=campaign.id, message=carried.id, number=0), show.MessageView
    )
    await until(lambda: _lacks_file(ben, campaign.id))
    part = await talk.ask(
        ben,
        ask.ReadAttachment(campaign=campaign.id, message=carried.id, number=0, offset=0),
        show.PartView,
    )
    assert content.startswith(part.data)
    assert part.data
    await talk.ask(ana, ask.ListAttachments(campaign=campaign.id), show.AttachmentsView)

    # A bundle, whose parts lie on the disk as well
    command = ask.BeginBundle(campaigns=(ask.BundleFor(campaign=campaign.id),), everything=True)
    bundle = (await talk.ask(ana, command, show.BundleView)).bundle
    piece = await talk.ask(ana, ask.NextPart(bundle=bundle), show.BundlePartView)
    await asyncio.to_thread((ana.home / piece.name).write_bytes, piece.data)
    await talk.ask(ana, ask.HavePart(bundle=bundle, data=piece.data), show.BundleView)
    await talk.ask(ana, ask.EndBundle(bundle=bundle), show.Done)
    reading = (await talk.ask(ben, ask.BeginReading(), show.ReadingView)).reading
    seen = await talk.ask(ben, ask.LookAtPart(reading=reading, data=piece.data), show.ReadingView)
    assert seen.opened
    await talk.ask(ben, ask.TakePart(reading=reading, data=piece.data), show.ReadingView)
    await talk.ask(ben, ask.ShowReading(reading=reading), show.ReadingView)
    await talk.ask(ben, ask.EndReading(reading=reading), show.Done)

    # A letter
    letter = await talk.ask(
        ana,
        ask.DraftStatement(campaign=campaign.id, language="en", title=sing("title"), text=sing("text")),
        show.StatementView,
    )
    revision = letter.revisions[0].id
    await talk.ask(
        ana,
        ask.AmendStatement(
            campaign=campaign.id,
            statement=letter.id,
            language="fa",
            title=sing("translated title"),
            text=sing("translated text"),
        ),
        show.StatementView,
    )
    await talk.ask(
        ana,
        ask.CommentStatement(
            campaign=campaign.id, statement=letter.id, revision=revision, paragraph=1, text=sing("comment")
        ),
        show.StatementView,
    )
    frozen = await talk.ask(
        ana,
        ask.FreezeStatement(
            campaign=campaign.id,
            statement=letter.id,
            revisions=(),
            addressees=(sing("addressee"),),
            deadline_ms=now_ms() + DAY_MS,
            paper=True,
        ),
        show.StatementView,
    )
    sign = ask.SignStatement(
        campaign=campaign.id,
        statement=letter.id,
        digest=frozen.digest,
        capacity=Capacity.AFFILIATED,
        name=sing("signatory"),
        title=sing("title of the signatory"),
        affiliation=sing("affiliation"),
        country=sing("country"),
    )
    # Profiles, offices, calls, sealed sign-ons: as far as two people can take them
    place: dict[str, Any] = {"campaign": campaign.id, "statement": letter.id}
    profile = ask.SetProfile(
        label=sing("label"), capacity=Capacity.INDIVIDUAL, name=sing("profile"), role=sing("role")
    )
    await talk.ask(ana, profile, show.ProfilesView)
    await talk.ask(ana, ask.ListProfiles(), show.ProfilesView)
    await talk.ask(ana, ask.RemoveProfile(label=profile.label), show.ProfilesView)
    members = (await talk.ask(ana, ask.ShowCampaign(campaign=campaign.id), show.CampaignView)).members
    authors = {one.me: one.author for one in members}
    words = ask.ShowMemberWords(campaign=campaign.id, author=authors[False])
    await talk.ask(ana, words, show.MemberWordsView)
    met = ask.ConfirmMember(campaign=campaign.id, author=authors[False], match=True)
    await talk.ask(ana, met, show.MemberWordsView)
    step = ask.OfficeStep(name=sing("step"), holders=(authors[True],), wait_ms=0)
    make = ask.MakeOffice(campaign=campaign.id, name=sing("office"), steps=(step,))
    (office,) = (await talk.ask(ana, make, show.OfficesView)).offices
    scope = ask.MandateScope(words=sing("mandate"), topics=(), countries=(), asks_excluded=())
    give = ask.GiveMandate(
        campaign=campaign.id,
        office=office.id,
        holder=authors[False],
        scope=scope,
        expires_ms=now_ms() + DAY_MS,
    )
    (mandate,) = (await talk.ask(ana, give, show.OfficesView)).mandates
    await talk.ask(ana, ask.RevokeMandate(campaign=campaign.id, mandate=mandate.id), show.OfficesView)
    await talk.ask(ana, ask.ListOffices(campaign=campaign.id), show.OfficesView)
    request = ask.RequestSignature(**place, office=office.id, note=sing("note of a request"))
    asked = (await talk.ask(ana, request, show.StatementView)).requests[-1]
    decide = ask.DecideRequest(
        **place, request=asked.id, verdict=ask.Verdict.ASK, text=sing("question of an office")
    )
    await talk.ask(ana, decide, show.StatementView)
    call = ask.OpenCall(
        **place, digest=frozen.digest, asks=sing("who asks"), reply_to=(sing("where replies go"),)
    )
    (called,) = (await talk.ask(ana, call, show.CallsView)).calls
    await talk.ask(ana, ask.ShowCalls(**place), show.CallsView)
    await talk.ask(ana, ask.GrantCall(**place, call=called.id), show.CallsView)
    outside = make_sign_on(
        parse_call(called.text),
        SigningKey(bytes(range(32))),
        SignOnFields(
            capacity=Capacity.INDIVIDUAL,
            name=sing("outsider"),
            title="",
            affiliation="",
            country="",
            languages_read=(),
            signed_ms=now_ms() // 1000 * 1000,
        ),
    )
    sealed = seal_reply(parse_call(called.text), outside, XWingSealer())
    await talk.ask(ana, ask.ImportReplies(**place, replies=(sealed,)), show.ImportedView)
    (waiting,) = (await talk.ask(ana, ask.ListReplies(**place), show.RepliesView)).replies
    accept = ask.DecideReplies(
        **place, replies=(waiting.id,), decision=ask.Decision.ACCEPT, note=sing("note on a reply")
    )
    await talk.ask(ana, accept, show.DecidedView)
    await talk.ask(ana, ask.ListOutside(**place), show.OutsidersView)
    sheet = ask.EnterSheet(
        **place,
        digest=frozen.digest,
        witness=sing("witness of paper"),
        scan=bytes(range(32)),
        dated_ms=now_ms() - now_ms() % DAY_MS,
        lines=(
            ask.GivenLine(
                line=1,
                name=sing("name on paper"),
                title=sing("title on paper"),
                country=sing("country on paper"),
            ),
        ),
        note=sing("note of a witness"),
    )
    await talk.ask(ana, sheet, show.PaperView)
    await talk.ask(ana, ask.ListPaper(**place), show.PaperView)
    await talk.ask(ana, ask.StrikeLines(**place, number=1), show.PaperView)
    await talk.refused(
        ana,
        ask.SignSealed(
            **place, digest=frozen.digest, capacity=Capacity.INDIVIDUAL, name=sing("sealed signatory")
        ),
    )
    await talk.refused(ana, ask.WithdrawSealed(**place))
    await talk.refused(ana, ask.SignCounted(**place, digest=frozen.digest))
    await talk.refused(ana, ask.WithdrawCounted(**place))
    await talk.refused(ana, ask.ExportAnnex(**place))
    await talk.ask(ana, sign, show.StatementView)
    await talk.ask(ana, ask.WithdrawSignature(campaign=campaign.id, statement=letter.id), show.StatementView)
    await talk.ask(ana, sign, show.StatementView)
    await talk.ask(ana, ask.ReleaseStatement(campaign=campaign.id, statement=letter.id), show.StatementView)
    await talk.ask(ana, ask.WithdrawSignature(**place), show.StatementView)
    await talk.ask(ana, ask.PublishAddendum(**place), show.StatementView)
    await talk.ask(
        ana,
        ask.EnterAftermath(
            campaign=campaign.id,
            statement=letter.id,
            entry=ask.AftermathKind.DELIVERY,
            addressee=sing("handed to"),
            deliverer=sing("deliverer"),
            means=ask.Means.BY_HAND,
            text=sing("what happened afterwards"),
        ),
        show.StatementView,
    )
    alert = ask.OpenCase(
        campaign=campaign.id,
        title=sing("alert"),
        text=sing("what is known"),
        country=sing("country of a case"),
    )
    case = await talk.ask(ana, alert, show.CaseView)
    source = ask.EnterCase(
        campaign=campaign.id, case=case.id, entry=ask.CaseKind.SOURCE, text=sing("source of a case")
    )
    await talk.ask(ana, source, show.CaseView)
    await talk.ask(ana, ask.ListCases(campaign=campaign.id), show.CasesView)
    await talk.ask(ana, ask.ShowCase(campaign=campaign.id, case=case.id), show.CaseView)
    await talk.refused(ana, ask.ShowChase(campaign=campaign.id, statement=letter.id))
    nobody = ask.MarkAsked(**place, members=(authors[False],), way=ask.Way.CALL)
    await talk.refused(ana, nobody)
    await talk.ask(ana, ask.ListStatements(campaign=campaign.id), show.StatementsView)
    await talk.ask(ana, ask.ShowStatement(campaign=campaign.id, statement=letter.id), show.StatementView)
    of_letter = ask.ShowLetterHolders(campaign=campaign.id, statement=letter.id)
    await talk.ask(ana, of_letter, show.HoldersView)
    files = await talk.ask(
        ana, ask.ExportStatement(campaign=campaign.id, statement=letter.id), show.FilesView
    )
    assert any(b"kestrel" in file.data for file in files.files)
    again = await talk.ask(ana, ask.PreviewStatement(**place), show.FilesView)
    assert again == files  # of what is released
    await talk.ask(ana, ask.SetWays(campaign=campaign.id, only_tor=False, nearby=False), show.WaysView)
    await talk.ask(ana, ask.SetSteady(every_s=2), show.SteadyView)
    await talk.ask(ana, ask.ShowSteady(), show.SteadyView)
    await talk.ask(ana, ask.SetSteady(every_s=0), show.SteadyView)
    await talk.ask(ana, ask.ShowWays(campaign=campaign.id), show.WaysView)
    await talk.ask(ana, ask.StartNearby(minutes=1), show.NearbyView)
    await talk.ask(ana, ask.ShowNearby(), show.NearbyView)
    await talk.ask(ana, ask.StopNearby(), show.NearbyView)
    await talk.ask(ana, ask.ListPeers(), show.PeersView)
    other = authors[False]
    chosen = ask.SetPersonWays(campaign=campaign.id, who=other, only_tor=False, nearby=False)
    await talk.ask(ana, chosen, show.PersonWaysView)
    await talk.ask(ana, ask.ShowPersonWays(campaign=campaign.id, who=other), show.PersonWaysView)
    await talk.ask(ana, ask.SetSaving(saving=False, day_bytes_max=0, month_bytes_max=0), show.DataView)
    await talk.ask(ana, ask.ShowData(), show.DataView)
    await talk.ask(ana, ask.ListReach(campaign=campaign.id), show.ReachesView)
    text = encode_relay(Relay(address="127.0.0.1:9", key=bytes(31) + b"\x09", passing=bytes(16)))
    await talk.ask(ana, ask.AddRelay(campaign=campaign.id, text=text), show.RelaysView)
    await talk.ask(ana, ask.ListRelays(campaign=campaign.id), show.RelaysView)
    await talk.ask(ana, ask.CoverRelays(campaign=campaign.id, minutes=0), show.RelaysView)
    await talk.ask(ana, ask.CheckRelay(campaign=campaign.id, address="127.0.0.1:9"), show.RelaysView)
    await talk.ask(ana, ask.RemoveRelay(campaign=campaign.id, address="127.0.0.1:9"), show.RelaysView)
    await talk.ask(ana, ask.GetCounters(), show.CountersView)
    await talk.ask(ana, ask.SetBridges(bridges=()), show.TorView)
    switched = ask.SwitchTor(on=False, own=False, control="", open_port=False, torrc="")
    await talk.ask(ana, switched, show.TorView)
    await talk.ask(ana, ask.ChoosePaths(only_tor=False), show.TorView)
    await talk.ask(ana, ask.GetTor(), show.TorView)
    await talk.ask(ana, ask.StartBrowser(), show.BrowserView)
    await talk.ask(ana, ask.ShowBrowser(), show.BrowserView)
    await talk.ask(ana, ask.StopBrowser(), show.BrowserView)
    slot = "page draft"
    await talk.ask(ana, ask.KeepDraft(slot=slot, body=sing("draft").encode()), show.DraftsView)
    await talk.ask(ana, ask.ListDrafts(), show.DraftsView)
    await talk.ask(ana, ask.DropDraft(slot=slot), show.DraftsView)
    await talk.ask(ana, ask.KeepDraft(slot=sing("slot"), body=sing("draft").encode()), show.DraftsView)

    # What Ben holds by now is Ana's; then members change
    await until(lambda: _not_released(ben, campaign.id))
    searched = find(folder, canaries.sung)
    assert searched == set(), "while it runs"
    shown = await talk.ask(ana, ask.ShowCampaign(campaign=campaign.id), show.CampaignView)
    (ben_author,) = [one.author for one in shown.members if not one.me]
    await talk.ask(
        ana,
        ask.SetRole(campaign=campaign.id, author=ben_author, seat=Seat.INGO, role=Role.ORGANISER),
        show.CampaignView,
    )
    await talk.refused(ana, ask.RestoreMember(campaign=campaign.id, author=ben_author))
    await talk.ask(ana, ask.ListForks(campaign=campaign.id), show.ForksView)
    rules = ask.SetRules(campaign=campaign.id, file_bytes_max=2**20, kept_bytes_max=2**25)
    await talk.ask(ana, rules, show.CampaignView)
    await talk.ask(ana, ask.RenewKeys(campaign=campaign.id), show.CampaignView)
    await talk.ask(ana, ask.RemoveMember(campaign=campaign.id, author=ben_author), show.CampaignView)
    await talk.ask(ana, ask.LeaveCampaign(campaign=campaign.id), show.CampaignView)
    await talk.ask(ben, ask.ForgetContact(person=theirs.person), show.Done)

    # Locked, opened again, ended
    await talk.ask(ana, ask.Lock(), show.StatusView)
    assert find(folder, canaries.sung) == set(), "locked"
    await talk.refused(ana, ask.Unlock(passphrase=sing("wrong passphrase")))
    await talk.refused(ana, ask.PostMessage(campaign=campaign.id, channel=channel, text=sing("while locked")))
    await talk.ask(ana, ask.Unlock(passphrase=second), show.StatusView)
    await talk.ask(ana, ask.StopDaemon(), show.Done)
    await ana.hang_up()
    assert ana.process is not None
    assert ana.process.wait() == 0
    ana.process = None
    await ben.kill()  # as a seized machine is found: nothing tidied up
    ben.process = None

    assert talk.kinds == set(COMMANDS.classes), "every command there is was used"
    assert len(canaries.sung) >= 40
    assert find(folder, canaries.sung) == set(), "ended"
    assert names_in(folder) == {ana.home.name, ben.home.name, ana.noise.name, ben.noise.name}, (
        "nothing elsewhere"
    )
    assert (ana.noise.read_bytes(), ben.noise.read_bytes()) == (b"", b"")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def _lacks_message(node: RealNode, campaign: bytes, channel: bytes, message: bytes) -> str:
    page = await node.ask(ask.ListMessages(campaign=campaign, channel=channel), show.MessagesView)
    return "" if any(one.id == message for one in page.messages) else str(page)


async def _lacks_file(node: RealNode, campaign: bytes) -> str:
    listed = await node.ask(ask.ListAttachments(campaign=campaign), show.AttachmentsView)
    here = [one.attachment.state is show.AttachmentState.HERE for one in listed.attachments]
    return "" if any(here) else str(listed)


async def _not_released(node: RealNode, campaign: bytes) -> str:
    listed = await node.ask(ask.ListStatements(campaign=campaign), show.StatementsView)
    return "" if any(one.phase is show.StatementPhase.RELEASED for one in listed.statements) else str(listed)

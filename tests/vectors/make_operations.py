"""Makes `operations.json`: one author's log with an operation of each kind, from body to bytes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.sealing import derive, seal_body
from meshcoal.crypto.signing import SigningKey
from meshcoal.group import ratchet
from meshcoal.group.agreement import Place
from meshcoal.ids import NO_EPOCH, AuthorId, CampaignId, EpochId, OperationId
from meshcoal.wire.addendum import AddendumBody
from meshcoal.wire.authority import (
    ApprovalBody,
    MandateBody,
    MandateScope,
    OfficeBody,
    OfficeStep,
    RequestBody,
    RevokeBody,
)
from meshcoal.wire.bodies import (
    AcceptBody,
    AddBody,
    AftermathBody,
    AmendBody,
    Body,
    CallBody,
    CaseBody,
    ChannelBody,
    ChannelSeed,
    CommentBody,
    CreateBody,
    DraftBody,
    FreezeBody,
    GrantBody,
    HaltBody,
    HintsBody,
    LeaveBody,
    PaperBody,
    PostBody,
    RekeyBody,
    ReleaseBody,
    RemoveBody,
    ReportBody,
    RestoreBody,
    RetireBody,
    RoleBody,
    RulesBody,
    SignBody,
    StrikeBody,
    WeekBody,
    WithdrawBody,
    encode_body,
)
from meshcoal.wire.desk import DeskBody, SealedNote
from meshcoal.wire.operation import (
    EPOCH_KINDS,
    NO_CAMPAIGN,
    SIGNATURE_BYTES,
    TALK_KINDS,
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    directs_hash,
    encode_header,
    signing_input,
)
from meshcoal.wire.outsider import KeyShares, Outsider, OutsiderWithdrawal, listed_outside
from meshcoal.wire.paper import PaperLine, listed_sheet
from meshcoal.wire.post import MENTION
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.record import to_json
from meshcoal.wire.terms import (
    AftermathKind,
    Capacity,
    CaseKind,
    Consent,
    Consenter,
    Means,
    Role,
    Seat,
    TalkAct,
    Verdict,
)
from meshcoal.wire.week_keys import WeekKeys

sys.path.insert(0, str(Path(__file__).parent))

from make_messages import card
from vectorwork import fixed, run

FILE: Final = Path(__file__).with_name("operations.json")
AT_MS: Final = 1_795_000_000_000
KEY: Final = SigningKey.from_seed(fixed("Ana author", 32))
LATER: Final = SigningKey.from_seed(fixed("Ana later author", 32))
BEN: Final = AuthorId(SigningKey.from_seed(fixed("Ben author", 32)).public)


@dataclass
class Log:
    """Ana's operations so far, and the keys that seal the next."""

    written: list[dict[str, Any]] = field(default_factory=list)
    campaign: CampaignId = NO_CAMPAIGN
    epoch: EpochId = NO_EPOCH
    secret: bytes = b""
    chain: ratchet.Chain | None = None
    key: SigningKey = KEY
    last: OperationId = OperationId(b"")  # noqa: RUF009, an id is bytes

    def write(self, kind: Kind, body: Body, *, successor: SigningKey | None = None) -> OperationId:
        seq = len(self.written)
        place = Place(
            campaign=self.campaign,
            author=AuthorId(KEY.public),
            kind=kind,
            seq=seq,
            parents=(self.last,) if seq else (),
            salt=fixed(f"salt {seq}", 16),
        )
        begins = kind in EPOCH_KINDS
        if begins:
            self.secret = fixed(f"epoch secret {seq}", 32)
            self.chain = ratchet.start(self.secret, place.author)
        assert self.chain is not None
        plain = encode_body(body)
        index = self.chain.index if kind in TALK_KINDS else 0
        if kind in TALK_KINDS:
            self.chain, sealed = ratchet.seal_next(self.chain, place.heading(self.epoch, index), plain)
        else:
            record_key = derive(self.secret, b"meshcoal record lane 1")
            sealed = seal_body(record_key, place.salt, place.author, seq, self.campaign, plain)
        directs = (
            (Direct(tag=place.tag(BEN), sealed=fixed(f"direct {seq}", 144)),)
            if kind in (Kind.ADD, Kind.REMOVE, Kind.REKEY)
            else ()
        )
        header = Header(
            campaign=self.campaign,
            author=place.author,
            seq=seq,
            backlink=self.last,
            parents=place.parents,
            kind=kind,
            epoch=NO_EPOCH if begins else self.epoch,
            salt=place.salt,
            index=index,
            successor=successor.public if successor is not None else b"",
            body_hash=body_hash(sealed),
            directs_hash=directs_hash(directs),
        )
        unsigned = Operation(
            header=header, sealed_body=sealed, directs=directs, signature=bytes(SIGNATURE_BYTES)
        )
        operation = Operation(
            header=header,
            sealed_body=sealed,
            directs=directs,
            signature=self.key.sign(signing_input(unsigned.id)),
        )
        self.written.append(
            {
                "kind": kind.name.lower(),
                "number": int(kind),
                "epoch_secret": self.secret.hex(),
                "body": to_json(body),
                "body_encoded": plain.hex(),
                "header": encode_header(header).hex(),
                "id": operation.id.hex(),
                "signature": operation.signature.hex(),
                "encoded": operation.encoded.hex(),
            }
        )
        self.last = operation.id
        self.key = successor or self.key
        if kind is Kind.CREATE:
            self.campaign = operation.campaign
        if begins:
            self.epoch = EpochId(operation.id)
        return operation.id


def build() -> dict[str, Any]:
    log = Log()
    sealer = XWingSealer()
    channel = ChannelSeed(id=fixed("channel", 16), name="hall")
    log.write(
        Kind.CREATE,
        CreateBody(
            at_ms=AT_MS,
            name="Free Dr. Haddad",
            goal="Her release",
            founder=card("Ana", sealer),
            seat=Seat.EXILE,
            channels=(channel,),
        ),
    )
    epoch = log.epoch
    log.write(
        Kind.ADD,
        AddBody(
            at_ms=AT_MS + 1,
            handed=(epoch,),
            member=card("Ben", sealer),
            seat=Seat.IN_COUNTRY,
            role=Role.MEMBER,
        ),
    )
    log.write(Kind.ROLE, RoleBody(at_ms=AT_MS + 2, member=BEN, seat=Seat.IN_COUNTRY, role=Role.ORGANISER))
    log.write(
        Kind.CHANNEL,
        ChannelBody(at_ms=AT_MS + 3, channel=ChannelSeed(id=fixed("press", 16), name="صحافة")),
    )
    log.write(Kind.HINTS, HintsBody(at_ms=AT_MS + 4, hints=("192.0.2.7:7600",)))
    first = log.write(
        Kind.POST, PostBody(at_ms=AT_MS + 5, channel=channel.id, text="gate 4 at nine", reply_to=b"")
    )
    log.write(
        Kind.POST,
        PostBody(
            at_ms=AT_MS + 6,
            channel=channel.id,
            text=f"or ten, {MENTION}?",
            reply_to=first,
            thread=first,
            mentions=(BEN,),
        ),
    )
    log.write(
        Kind.POST,
        PostBody(at_ms=AT_MS + 6, channel=channel.id, text="👍", reply_to=first, act=TalkAct.REACT),
    )
    letter = log.write(
        Kind.DRAFT, DraftBody(at_ms=AT_MS + 7, language="en", title="Free her", text="Dear Minister,")
    )
    revision = log.write(
        Kind.AMEND,
        AmendBody(
            at_ms=AT_MS + 8, statement=letter, base=letter, language="en", title="Free her", text="Sir,"
        ),
    )
    log.write(
        Kind.COMMENT,
        CommentBody(at_ms=AT_MS + 9, statement=letter, revision=revision, paragraph=1, text="shorter"),
    )
    digest = fixed("digest", 32)
    log.write(
        Kind.FREEZE,
        FreezeBody(
            at_ms=AT_MS + 10,
            statement=letter,
            revisions=(revision,),
            addressees=("The Minister",),
            deadline_ms=AT_MS + 86_400_000,
            digest=digest,
        ),
    )
    signed = log.write(
        Kind.SIGN,
        SignBody(
            at_ms=AT_MS + 1_000,
            statement=letter,
            digest=digest,
            capacity=Capacity.AFFILIATED,
            name="Ana Khalil",
            title="",
            affiliation="Open University",
            country="Bahrain",
            languages_read=("en",),
            act_signature=fixed("sign-on", 64),
        ),
    )
    log.write(
        Kind.WITHDRAW,
        WithdrawBody(
            at_ms=AT_MS + 2_000, statement=letter, digest=digest, act_signature=fixed("withdrawal", 64)
        ),
    )
    shares = KeyShares(
        commitment=fixed("commitment", 32),
        ephemeral=fixed("ephemeral", 32),
        content=fixed("content", 48),
        shares=(fixed("share", 48),),
        checks=(fixed("check", 16),),
    )
    call = log.write(
        Kind.CALL,
        CallBody(
            at_ms=AT_MS + 2_100,
            statement=letter,
            digest=digest,
            until_ms=AT_MS + 86_400_000,
            asks="The coalition",
            reply_to=("signon@example.org",),
            data=("Your name is published.",),
            key=XWingSealer().public_of(fixed("call key", 32)),
            needed=1,
            holders=(KEY.public,),
            shares=shares,
        ),
    )
    log.write(Kind.GRANT, GrantBody(at_ms=AT_MS + 2_200, statement=letter, call=call, share=shares))
    said = SignOnFields(
        capacity=Capacity.ORGANISATION,
        name="The Forum",
        title="",
        affiliation="",
        country="Kenya",
        languages_read=("en",),
        signed_ms=AT_MS + 2_150,
    )
    back = OutsiderWithdrawal(
        act_key=fixed("outsider", 32),
        sign_on=fixed("outside sign-on", 32),
        withdrawn_ms=AT_MS + 2_250,
        signature=fixed("taken back", 64),
    )
    accepted = log.write(
        Kind.ACCEPT,
        AcceptBody(
            at_ms=AT_MS + 2_300,
            statement=letter,
            digest=digest,
            sign_ons=(
                Outsider(
                    act_key=fixed("outsider", 32), fields=said, signature=fixed("outside signature", 64)
                ),
            ),
            withdrawals=(back,),
        ),
    )
    line = PaperLine(
        line=2, salt=fixed("salt", 32), capacity=Capacity.INDIVIDUAL, name="Dov Levi", country="Kenya"
    )
    sheet = log.write(
        Kind.PAPER,
        PaperBody(
            at_ms=AT_MS + 2_400,
            statement=letter,
            digest=digest,
            number=3,
            witness="The Centre",
            scan=fixed("scan", 32),
            dated_ms=AT_MS - AT_MS % DAY_MS,
            lines=(line,),
            act_signature=fixed("sheet", 64),
            note="At the gate.",
        ),
    )
    log.write(
        Kind.STRIKE,
        StrikeBody(
            at_ms=AT_MS + 2_500,
            statement=letter,
            digest=digest,
            witness=fixed("witness", 32),
            number=3,
            lines=(1, 4),
            act_signature=fixed("struck", 64),
        ),
    )
    log.write(
        Kind.RELEASE,
        ReleaseBody(
            at_ms=AT_MS + 3_000,
            statement=letter,
            digest=digest,
            sign_ons=(signed,),
            tally_digest=fixed("tally", 32),
            act_signature=fixed("release", 64),
            outside=(listed_outside(accepted, (0,)),),
            paper=(listed_sheet(sheet, (2,)),),
        ),
    )
    log.write(
        Kind.ADDENDUM,
        AddendumBody(
            at_ms=AT_MS + 3_500,
            statement=letter,
            digest=digest,
            release=fixed("tally", 32),
            number=1,
            before=b"",
            sign_ons=(signed,),
            tally_digest=fixed("late tally", 32),
            act_signature=fixed("addendum", 64),
            withdrawals=(back,),
        ),
    )
    note = SealedNote(
        commitment=fixed("note commitment", 32),
        ephemeral=fixed("note ephemeral", 32),
        content=fixed("note content", 80),
        shares=(fixed("note share", 48),),
        checks=(fixed("note check", 16),),
    )
    desk = DeskBody(at_ms=AT_MS + 3_600, statement=letter, digest=digest, holders=(KEY.public,), note=note)
    log.write(Kind.DESK, desk)
    log.write(
        Kind.REKEY,
        RekeyBody(at_ms=AT_MS + 4_000, carried=(epoch,), bundle=b"", lacks=(fixed("another epoch", 32),)),
        successor=LATER,
    )
    log.write(Kind.REMOVE, RemoveBody(at_ms=AT_MS + 5_000, member=BEN, last_seq=-1))
    ends = tuple(sorted((fixed("one end", 32), fixed("another end", 32))))
    log.write(Kind.HALT, HaltBody(at_ms=AT_MS + 5_500, member=BEN, ends=ends))
    log.write(Kind.RESTORE, RestoreBody(at_ms=AT_MS + 5_600, member=BEN))
    log.write(Kind.RETIRE, RetireBody(at_ms=AT_MS + 5_700, author=KEY.public, seeds=(KEY.seed,)))
    rules = RulesBody(at_ms=AT_MS + 5_800, file_bytes_max=2**20, kept_bytes_max=50 * 2**20)
    log.write(Kind.RULES, rules)
    step = OfficeStep(name="director", holders=(KEY.public, BEN), wait_ms=3_600_000)
    office = log.write(Kind.OFFICE, OfficeBody(at_ms=AT_MS + 5_810, name="The Centre", steps=(step,)))
    scope = MandateScope(
        words="Death-penalty cases.",
        topics=("death-penalty",),
        countries=("ir",),
        asks_excluded=("sanctions",),
    )
    mandate = log.write(
        Kind.MANDATE,
        MandateBody(
            at_ms=AT_MS + 5_820, office=office, holder=BEN, scope=scope, expires_ms=AT_MS + 86_400_000
        ),
    )
    log.write(Kind.REVOKE, RevokeBody(at_ms=AT_MS + 5_830, mandate=mandate))
    request = log.write(
        Kind.REQUEST,
        RequestBody(at_ms=AT_MS + 5_835, statement=letter, digest=digest, office=office, note="By Friday."),
    )
    log.write(
        Kind.APPROVAL,
        ApprovalBody(
            at_ms=AT_MS + 5_840, statement=letter, request=request, step=0, verdict=Verdict.REFUSE, text="No."
        ),
    )
    week = WeekKeys(ring=fixed("ring key", 32), trustee=fixed("trustee key", 32), proof=fixed("proof", 96))
    log.write(Kind.WEEK, WeekBody(at_ms=AT_MS + 5_850, keys=week))
    log.write(
        Kind.AFTERMATH,
        AftermathBody(
            at_ms=AT_MS + 5_900,
            statement=letter,
            digest=digest,
            entry=AftermathKind.DELIVERY,
            happened_ms=AT_MS + 5_850,
            addressee="The Minister",
            deliverer="the lawyer",
            means=Means.BY_HAND,
            text="taken by the doorman",
            receipt=fixed("receipt", 32),
            follow_up_ms=AT_MS + 86_400_000,
        ),
    )
    case = log.write(
        Kind.CASE,
        CaseBody(
            at_ms=AT_MS + 5_950,
            title="Dr. Haddad was taken",
            text="At dawn, at home.",
            country="Iran",
            answer_by_ms=AT_MS + 86_400_000,
        ),
    )
    log.write(
        Kind.REPORT,
        ReportBody(
            at_ms=AT_MS + 5_960,
            case=case,
            entry=CaseKind.CONSENT,
            text="No photograph.",
            consent=Consent.LIMITED,
            consenter=Consenter.FAMILY,
        ),
    )
    log.write(Kind.LEAVE, LeaveBody(at_ms=AT_MS + 6_000))
    return {
        "about": "One author's log. docs/protocol/operation.md and bodies.md. Bytes in hex. Directs, "
        "acts' signatures and digests are bytes that this layer does not look into; others hold true ones.",
        "author_seed": KEY.seed.hex(),
        "successor_seed": LATER.seed.hex(),
        "author": KEY.public.hex(),
        "recipient_of_directs": BEN.hex(),
        "operations": log.written,
    }


if __name__ == "__main__":
    run(FILE, build)

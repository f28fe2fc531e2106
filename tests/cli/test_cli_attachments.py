"""Attachments on the command line, against a daemon that answers from a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import Result

from meshcoal.api.commands import (
    AmendStatement,
    AppendUpload,
    BeginUpload,
    CommentStatement,
    DraftStatement,
    DropUpload,
    FetchAttachment,
    ListAttachments,
    PostMessage,
    ReadAttachment,
)
from meshcoal.api.views import (
    AttachmentState,
    AttachmentsView,
    MessageView,
    Notice,
    NoticeKind,
    PartView,
    UploadView,
)
from meshcoal.errors import OverLimit
from meshcoal.wire.attachment import file_hash

DATA = b"the ruling, in full" * 40


def listed(daemon: Any, build_view: Callable[..., Any], **changes: Any) -> AttachmentsView:
    view: AttachmentsView = build_view(AttachmentsView, "ruling.pdf")
    (one,) = view.attachments
    changed = replace(one.attachment, size=len(DATA), **changes)
    view = replace(view, attachments=(replace(one, attachment=changed, number=0, statement=b"", case=b""),))
    daemon.answers[ListAttachments] = view

    def read(command: ReadAttachment) -> PartView:
        return PartView(offset=command.offset, size=len(DATA), data=DATA[command.offset :][:500])

    daemon.answers[ReadAttachment] = read
    return view


def test_sent_with_a_file(run: Callable[..., Result], daemon: Any, tmp_path: Path) -> None:
    """Goal: files go with a message, cleaned and whole. Method: two files; what the daemon was told."""
    first, second = tmp_path / "ruling.pdf", tmp_path / "gate.jpg"
    first.write_bytes(DATA)
    second.write_bytes(b"\xff\xd8\xff\xfe\x00\x06here\xff\xda\x00\x02pixels\xff\xd9")
    result = run("send", "1111", "1111", "", "--attach", str(first), "--attach", str(second))
    assert result.exit_code == 0, result.output
    begun = [command for command in daemon.sent if isinstance(command, BeginUpload)]
    assert [(one.name, one.media_type) for one in begun] == [
        ("ruling.pdf", "application/pdf"), ("gate.jpg", "image/jpeg"),
    ]  # fmt: skip
    parts = [command.data for command in daemon.sent if isinstance(command, AppendUpload)]
    assert parts == [DATA, b"\xff\xd8\xff\xda\x00\x02pixels\xff\xd9"]
    assert [one.hash for one in begun] == [file_hash(part) for part in parts]
    assert len(daemon.asked(PostMessage).attachments) == 2
    assert "ruling.pdf" in result.stderr
    assert "gate.jpg" not in result.stderr


def test_letters_and_comments_take_files(run: Callable[..., Result], daemon: Any, tmp_path: Path) -> None:
    """Goal: as with messages. Method: a draft, an amendment and a comment with one file each; nine are too
    many."""
    scan, text = tmp_path / "ruling.pdf", tmp_path / "letter.txt"
    scan.write_bytes(DATA)
    text.write_text("We ask for their release.")
    attach = ("--attach", str(scan))
    for command, words in (
        (DraftStatement, ("draft", "evin", str(text), "--language", "en", "--title", "Free them")),
        (AmendStatement, ("amend", "evin", "evin", str(text), "--language", "fa")),
        (CommentStatement, ("comment", "evin", "evin", "0", "see the ruling", "--revision", "1111")),
    ):
        result = run("statement", *words, *attach)
        assert result.exit_code == 0, result.output
        assert len(daemon.asked(command).attachments) == 1
        assert run("statement", *words, *(9 * attach)).exit_code == 2
    parts = [command.data for command in daemon.sent if isinstance(command, AppendUpload)]
    assert parts == [DATA] * 3


def test_a_file_that_does_not_fit_takes_the_others_back(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: nothing half-sent stays in the daemon. Method: the second of two is refused."""
    path = tmp_path / "a.txt"
    path.write_bytes(DATA)
    begun: list[BeginUpload] = []

    def begin(command: BeginUpload) -> Any:
        begun.append(command)
        return OverLimit("no room") if len(begun) == 2 else build_view(UploadView, "x")

    daemon.answers[BeginUpload] = begin
    result = run("send", "1111", "1111", "see", "--attach", str(path), "--attach", str(path))
    assert result.exit_code == OverLimit.exit_code
    assert daemon.asked(DropUpload).upload
    assert not [command for command in daemon.sent if isinstance(command, PostMessage)]


def test_saved(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: a file comes out under a safe name. Method: a name that points elsewhere; a risky one."""
    listed(daemon, build_view, name="../../ruling.exe", state=AttachmentState.HERE, risky=True)
    result = run("attachment", "save", "1111", "1111", "--into", str(tmp_path / "case"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "case" / "ruling.exe").read_bytes() == DATA
    assert "Be sure who sent it" in result.stdout


def test_saved_once_it_is_here(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: saving waits for the file. Method: it is fetched, nobody has it, then it comes."""
    (one,) = listed(daemon, build_view, state=AttachmentState.ABSENT).attachments
    states = [AttachmentState.NOBODY, AttachmentState.COMING, AttachmentState.HERE]

    def fetch(command: FetchAttachment) -> MessageView:
        view: MessageView = build_view(MessageView, "x")
        return replace(view, attachments=(replace(one.attachment, state=states.pop(0)),))

    daemon.answers[FetchAttachment] = fetch
    daemon.announced = [Notice(kind=NoticeKind.PEERS), Notice(kind=NoticeKind.ATTACHMENT)]
    result = run("attachment", "save", "1111", "ruling.pdf", "--into", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "ruling.pdf").read_bytes() == DATA
    assert "Nobody who can be reached" in result.stderr


def test_a_broken_file_is_not_waited_for(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Path
) -> None:
    """Goal: nobody waits for what cannot come. Method: broken; and a file that ends too early."""
    (one,) = listed(daemon, build_view, state=AttachmentState.ABSENT).attachments
    broken = replace(one.attachment, state=AttachmentState.BROKEN)
    daemon.answers[FetchAttachment] = replace(build_view(MessageView, "x"), attachments=(broken,))
    result = run("attachment", "save", "1111", "1111", "--into", str(tmp_path))
    assert "malformed-attachment" in result.stderr
    listed(daemon, build_view, state=AttachmentState.HERE)
    daemon.answers[ReadAttachment] = PartView(offset=0, size=len(DATA), data=b"")
    result = run("attachment", "save", "1111", "1111", "--into", str(tmp_path))
    assert "malformed-attachment" in result.stderr
    assert list(tmp_path.iterdir()) == []

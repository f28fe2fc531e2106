"""`meshcoal statement annex`: the file that names to the addressee whom the public list does not."""

from __future__ import annotations

from pathlib import Path

import click

from meshcoal.api.commands import ExportAnnex
from meshcoal.api.views import FilesView
from meshcoal.cli import files
from meshcoal.cli.find import find_statement_id
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session


@leaf("annex", example="meshcoal statement annex evin free --to for-the-minister")
@click.argument("campaign")
@click.argument("statement")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder; else here.",
)
@click.pass_obj
def annex(session: Session, campaign: str, statement: str, folder: Path) -> None:
    """Write the file for the addressee of a released letter, and for nobody else.

    It names who is named to the addressee only. With the package the addressee checks it:
    `meshcoal verify PACKAGE --annex FILE`. Whoever gets it can pass it on.
    """
    where, letter = find_statement_id(session, campaign, statement)
    view = session.ask(ExportAnnex(campaign=where, statement=letter), FilesView)
    paths = files.write_all(folder, [(file.name, file.data) for file in view.files], private=True)

    def for_people() -> None:
        for path in paths:
            say("{path}", path=path)

    session.show({"files": [str(path) for path in paths]}, for_people)

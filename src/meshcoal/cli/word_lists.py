"""Words to compare, in the list that the reader chose.

Law: whoever is shown words is told their list, because two people who read different lists find every word
different and learn nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from meshcoal.api.commands import ShowIdentity, WordList
from meshcoal.api.views import IdentityView, SpellingView, spelled
from meshcoal.cli.output import say, words
from meshcoal.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])
LISTS: Final = click.Choice([one.value for one in WordList])


def words_option(function: F) -> F:
    """`--words`, for one call; without it the list that `meshcoal identity words` chose."""
    option = click.option("--words", "word_list", type=LISTS, help="Show the words in this list.")
    return option(function)


def chosen(session: Session, given: str | None) -> WordList:
    """The list asked for, else the one that was chosen for good."""
    if given is not None:
        return WordList(given)
    return session.ask(ShowIdentity(), IdentityView).word_list


def print_words(spellings: tuple[SpellingView, ...], word_list: WordList) -> None:
    """Numbered words of one list."""
    words(spelled(spellings, word_list))


def print_list_note(word_list: WordList) -> None:
    """Which list this is, and that the other person must look at the same."""
    others = ", ".join(one.value for one in WordList if one is not word_list)
    say(
        "These are {here} words. The other person must see the same list: it is chosen by "
        "`--words`, also {others}.",
        here=word_list.value,
        others=others,
    )

"""Differences between nodes are found, and said with a name."""

from __future__ import annotations

from meshcoal.rehearsal.comparison import Portrait, differences


def portrait(name: str, **subjects: object) -> Portrait:
    return Portrait(name=name, subjects={"the tally": 1, "the messages": ("a", "b"), **subjects}, files=())


def test_equal_portraits_have_no_difference() -> None:
    """Goal: agreement is silent. Method: three alike."""
    assert differences([portrait("Ana"), portrait("Ben"), portrait("Chi")]) == ()


def test_the_one_against_the_rest_is_named() -> None:
    """Goal: the sentence says who and on what. Method: change one subject of one node, then of the first."""
    drawn = [portrait("Ana"), portrait("Ben"), portrait("Chi", **{"the tally": 2})]
    assert differences(drawn) == ("Chi's node disagrees with the others on the tally.",)
    drawn = [portrait("Ana", **{"the messages": ("b", "a")}), portrait("Ben"), portrait("Chi")]
    assert differences(drawn) == ("Ana's node disagrees with the others on the messages.",)


def test_several_and_no_majority() -> None:
    """Goal: every case has a sentence. Method: two of five, then an even split."""
    odd = {"the tally": 2}
    five = [portrait("Ana", **odd), portrait("Ben"), portrait("Chi"), portrait("Dov"), portrait("Eli", **odd)]
    assert differences(five) == ("The nodes of Ana and Eli disagree with the others on the tally.",)
    assert differences([portrait("Ana"), portrait("Ben", **odd)]) == (
        "No majority of the nodes agrees on the tally.",
    )

"""Letters in several languages, for the interface's tests."""

from __future__ import annotations

import dataclasses

from tuidouble import HOUR_MS, NOW_MS, draft, identifier, opened, revision

from meshcoal.api import views as v

ENGLISH_THEN = revision(
    31,
    "Ben",
    paragraphs=(
        "Maryam Rahimi was taken from her home at four this morning, by men who showed no warrant.",
        "Her family has not been told where she is held.",
        "We ask for her release, now.",
    ),
    current=False,
    credit="Ben Okoye",
)
ENGLISH = revision(
    32,
    "Ben",
    paragraphs=(
        "Maryam Rahimi was taken from her home at five this morning, by men who showed no warrant.",
        "Her family has not been told where she is held.",
        "Her lawyer was turned away at the gate.",
        "We ask for her release, now.",
    ),
    base=ENGLISH_THEN.id,
)
PERSIAN = revision(
    33,
    "Chi",
    "fa",
    direction=v.Direction.RIGHT_TO_LEFT,
    title="مریم رحیمی را آزاد کنید",
    paragraphs=(
        "مریم رحیمی ساعت چهار بامداد امروز به دست مردانی که هیچ حکمی نشان ندادند از خانه‌اش برده شد.",
        "به خانواده‌اش نگفته‌اند کجا نگهداری می‌شود.",
        "ما آزادی فوری او را می‌خواهیم.",
    ),
    translates=ENGLISH_THEN.id,
    stale=True,
    checked_by=("Dov",),
    credit="Chi Wu",
    at_ms=NOW_MS - 2 * HOUR_MS,
)
SPANISH = revision(
    34,
    "Dov",
    "es",
    title="Libertad para Maryam Rahimi",
    paragraphs=(
        "Maryam Rahimi fue sacada de su casa a las cinco de la mañana por hombres sin orden judicial.",
        "No se ha dicho a su familia dónde está detenida.",
        "A su abogada la rechazaron en la puerta.",
        "Pedimos su libertad, ahora.",
    ),
    translates=ENGLISH.id,
    at_ms=NOW_MS - HOUR_MS,
)
TONGUES = draft(
    revisions=(ENGLISH_THEN, PERSIAN, ENGLISH, SPANISH), comments=(), languages=("en", "fa", "es")
)


def frozen_and_amended() -> v.StatementView:
    """English and Spanish are frozen; an English text for the next version is put forward."""
    frozen = [dataclasses.replace(one, frozen=True) for one in (ENGLISH, SPANISH)]
    coming = revision(
        35,
        "Ana",
        paragraphs=(*ENGLISH.paragraphs[:3], "We ask for her release before Friday."),
        base=ENGLISH.id,
        id=identifier("revision 35"),
    )
    frozen[0] = dataclasses.replace(frozen[0], current=False)
    return opened(
        revisions=(ENGLISH_THEN, *frozen, coming),
        comments=(),
        languages=("en", "es"),
        actions=(v.Action.SIGN, v.Action.COMMENT, v.Action.AMEND),
    )

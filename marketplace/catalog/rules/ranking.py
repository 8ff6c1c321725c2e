"""In which order products stand: by what was asked, how ready and how new they are, and whose turn it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DAY_SECONDS = 86_400.0
FRESH = ((14, 1.0), (60, 0.6), (180, 0.3))
"""Up to so many days on the shelf a product counts so much as new."""
READY_SHARE = 0.6
TEXT_SHARE = 0.8
BROWSING_GRADES, ASKED_GRADES = 5, 10
IN_A_ROW = 3
"""So many products of one seller may stand in one grade; the next ones stand a grade lower."""


def quality(readiness: Array, first_live: Array, now: float) -> Array:
    """0 to 1: how complete a product is for a store (0-100), and how new on the shelf (seconds)."""
    days = (now - first_live) / DAY_SECONDS
    fresh = np.zeros(len(days), np.float32)
    for most, share in reversed(FRESH):
        fresh[days <= most] = share
    ready = readiness.astype(np.float32) / 100
    return (READY_SHARE * ready + (1 - READY_SHARE) * fresh).astype(np.float32)


def browsing_grade(worth: Array) -> Array:
    """Products of like quality are equals: five grades, 0 the lowest."""
    return (worth * BROWSING_GRADES).astype(np.int64).clip(0, BROWSING_GRADES - 1)


def asked_score(scores: Array, worth: Array) -> Array:
    """0 to 1: mostly the text beside the best text there is, for the rest quality."""
    best = float(scores.max()) if len(scores) else 0.0
    text = scores / best if best > 0 else scores
    return (TEXT_SHARE * text + (1 - TEXT_SHARE) * worth).astype(np.float32)


def asked_grade(score: Array) -> Array:
    """Products that answer about as well are equals: ten grades, 0 the lowest."""
    return (score * ASKED_GRADES).astype(np.int64).clip(0, ASKED_GRADES - 1)


def turns(sellers: Array, day: date) -> Array:
    """A number for each seller that is the same all day and another one tomorrow."""
    mixed = sellers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(day.toordinal())
    for shift in (30, 27):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(31))


def in_fair_order(grade: Array, score: Array, seller: Array, turn: Array) -> npt.NDArray[np.int64]:
    """Places in order: the highest grade first; within one, sellers take turns, each with its best first.

    A seller's fourth equal stands a grade lower, and so on: nobody fills a page because he offers much.
    """
    if not len(grade):
        return np.empty(0, np.int64)
    by_seller = np.lexsort((-score, seller, -grade))
    new = np.ones(len(by_seller), bool)
    new[1:] = (np.diff(grade[by_seller]) != 0) | (np.diff(seller[by_seller]) != 0)
    starts = np.flatnonzero(new)
    nth = np.arange(len(by_seller)) - np.repeat(starts, np.diff(np.append(starts, len(by_seller))))
    lowered = -grade[by_seller] + nth // IN_A_ROW
    order = np.lexsort((turn[by_seller], nth % IN_A_ROW, lowered))
    return np.asarray(by_seller[order], np.int64)

"""Who publishes what: many with one model, a few with thousands, and bots that quantize."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.attachment import Attachment, ancestors
from mdi_pipeline.simulator.derivation import QUANTIZED, Derivation
from mdi_pipeline.simulator.setting import Flags, Integers, Setting

NEWCOMERS = 0.197
"""Chance that a model is its publisher's first; tuned until the number of publishers fits."""

RECENT_SHARE = 0.7
"""Share of models whose publisher was active just before."""

BOT_SHARE = 0.6
"""Share of quantized copies that bots publish."""

MODELS_PER_BOT = 30_000
"""Models of the Hub for each quantization bot."""


@dataclass(frozen=True)
class Publishers:
    """Number of each model's publisher, from 0, and whether that one is a bot."""

    number: Integers
    is_bot: Flags


def publish(derivation: Derivation, attachment: Attachment, setting: Setting) -> Publishers:
    """A Yule-Simon process.

    A model is a newcomer's or belongs to whoever published some earlier model, mostly a recent one. Own
    work goes to the parent's publisher, most quantized copies to bots.
    """
    rng = setting.stream("publishers")
    n = len(derivation.relation)
    continued = np.zeros(n, dtype=bool)
    continued[attachment.first_parent[attachment.own_work]] = True
    by_bot = (derivation.relation == QUANTIZED) & ~attachment.own_work & ~continued & (rng.random(n) < BOT_SHARE)
    pointer = np.arange(n)
    ordinary = np.flatnonzero(~by_bot & ~attachment.own_work)
    pointer[ordinary] = ordinary[_earlier_or_itself(rng, len(ordinary))]
    pointer[attachment.own_work] = attachment.first_parent[attachment.own_work]
    founder = ancestors(pointer)
    owner = np.where(by_bot, -1 - _bots(rng, n, max(3, setting.size // MODELS_PER_BOT)), founder)
    _, number = np.unique(owner, return_inverse=True)
    return Publishers(number, by_bot)


def _earlier_or_itself(rng: np.random.Generator, n: int) -> Integers:
    """For each of `n` models in a row the place of the one whose publisher it shares, itself for newcomers."""
    place = np.arange(n)
    lag = np.where(rng.random(n) < RECENT_SHARE, rng.exponential(0.01, n), rng.random(n))
    earlier = np.minimum((place * np.maximum(1 - lag, 0)).astype(np.int64), np.maximum(place - 1, 0))
    return np.where(rng.random(n) < NEWCOMERS, place, earlier)


def _bots(rng: np.random.Generator, n: int, n_bots: int) -> Integers:
    """Bots drawn by Zipf's law."""
    weight = np.cumsum(1 / np.arange(1, n_bots + 1))
    return np.minimum(np.searchsorted(weight / weight[-1], rng.random(n), side="right"), n_bots - 1)

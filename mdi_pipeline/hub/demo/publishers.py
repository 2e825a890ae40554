"""Who publishes what: many with one model, a few with thousands, and bots that quantize."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.hub.demo.attachment import Attachment, ancestors
from mdi_pipeline.hub.demo.derivation import QUANTIZED, Derivation
from mdi_pipeline.hub.demo.randomness import Flags, Integers, stream

NEWCOMERS = 0.235
"""Chance that a model is its publisher's first; tuned until the number of publishers fits."""

BOT_SHARE = 0.6
"""Share of quantized copies that bots publish."""

MODELS_PER_BOT = 30_000
"""Models of the Hub for each quantization bot."""


@dataclass(frozen=True)
class Publishers:
    """Number of each model's publisher, from 0, and whether that one is a bot."""

    number: Integers
    is_bot: Flags


def publish(derivation: Derivation, attachment: Attachment, size: int, seed: int) -> Publishers:
    """A Yule-Simon process: a model is a newcomer's or belongs to whoever published some earlier model,
    mostly a recent one. Own work goes to the parent's publisher, most quantized copies to bots."""
    rng = stream(size, seed, "publishers")
    n = len(derivation.relation)
    index = np.arange(n)
    recent = rng.exponential(0.01, n)
    lag = np.where(rng.random(n) < 0.7, recent, rng.random(n))
    earlier = (index * np.maximum(1 - lag, 0)).astype(np.int64)
    pointer = np.where(rng.random(n) < NEWCOMERS, index, np.minimum(earlier, np.maximum(index - 1, 0)))
    by_bot = (derivation.relation == QUANTIZED) & ~attachment.own_work & (rng.random(n) < BOT_SHARE)
    pointer = np.where(by_bot, index, np.where(attachment.own_work, attachment.first_parent, pointer))
    founder = ancestors(pointer)
    n_bots = max(3, size // MODELS_PER_BOT)
    rank = np.cumsum(1 / np.arange(1, n_bots + 1))
    bot = np.minimum(np.searchsorted(rank / rank[-1], rng.random(n), side="right"), n_bots - 1)
    owner = np.where(by_bot[founder], -1 - bot[founder], founder)
    _, number = np.unique(owner, return_inverse=True)
    return Publishers(number, owner < 0)

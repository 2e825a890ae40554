"""What a model is: its domain and its number of parameters. Derivatives inherit both from their root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.hub.demo.prominence import Prominence
from mdi_pipeline.hub.demo.randomness import Integers, Reals, stream

DOMAINS = ("llm", "text", "image_generation", "speech", "vision", "control", "other")
SHARES_OF_ROOTS = (0.42, 0.18, 0.07, 0.05, 0.07, 0.09, 0.12)
SHARES_OF_PROMINENT = (0.70, 0.10, 0.14, 0.03, 0.03, 0.0, 0.0)
LLM, TEXT, IMAGE_GENERATION, SPEECH, VISION, CONTROL, OTHER = range(len(DOMAINS))

BILLIONS = {
    LLM: (
        0.135,
        0.36,
        0.5,
        0.6,
        1.1,
        1.5,
        1.7,
        2,
        3,
        3.8,
        4,
        7,
        7,
        8,
        8,
        9,
        12,
        13,
        14,
        20,
        24,
        27,
        32,
        32,
        70,
        72,
        123,
        235,
    ),
    TEXT: (0.014, 0.022, 0.066, 0.11, 0.125, 0.14, 0.278, 0.335, 0.56),
    IMAGE_GENERATION: (0.86, 0.87, 1.3, 2.6, 2.6, 3.5, 8, 12, 12, 12, 20),
    SPEECH: (0.039, 0.074, 0.095, 0.244, 0.315, 0.769, 1.55),
    VISION: (0.022, 0.025, 0.086, 0.087, 0.3, 0.63),
    CONTROL: (0.00001, 0.0001, 0.0002),
    OTHER: (0.001, 0.01, 0.06, 0.1, 0.4, 1.0, 7.0),
}
"""Sizes of each domain's models, ascending, each as likely as it is often listed."""


@dataclass(frozen=True)
class Traits:
    """Domain, number of parameters and the size as its name writes it, in billions. What stands there for
    derivatives counts only until they inherit their root's.
    """

    domain: Integers
    billions: Reals

    def inherited(self, root: Integers) -> Traits:
        """The traits of each model's root."""
        return Traits(self.domain[root], self.billions[root])


def endow(n_models: int, prominence: Prominence, n_canonical: int, size: int, seed: int) -> Traits:
    """Draws domain and size.

    Among prominent models sizes are dealt like cards, in the order of prominence, so that no size is
    favoured by the luck of a few giants: else size and popularity would go together by chance.
    """
    rng = stream(size, seed, "traits")
    domain = _domains(rng, SHARES_OF_ROOTS, n_models)
    level = rng.random(n_models)
    ranked = prominence.members[np.argsort(prominence.rank)]
    domain[ranked] = _domains(rng, SHARES_OF_PROMINENT, len(ranked))
    level[ranked] = _dealt(rng, len(ranked))
    domain[:n_canonical] = TEXT
    billions = np.empty(n_models)
    for code, sizes in BILLIONS.items():
        chosen = domain == code
        billions[chosen] = np.array(sizes)[(level[chosen] * len(sizes)).astype(np.int64)]
    return Traits(domain, billions)


def _domains(rng: np.random.Generator, shares: tuple[float, ...], n: int) -> Integers:
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(shares) - 1)


def _dealt(rng: np.random.Generator, n: int, hand: int = 6) -> Reals:
    """Numbers in [0, 1): every `hand` in a row fall into different sixths."""
    hands = -(-n // hand)
    order = rng.random((hands, hand)).argsort(axis=1)
    return ((order + rng.random((hands, hand))) / hand).ravel()[:n]

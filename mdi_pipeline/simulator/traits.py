"""What a model is: its domain and its number of parameters. Derivatives inherit both from their root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mdi_pipeline.simulator.derivation import Derivation
from mdi_pipeline.simulator.prominence import Prominence
from mdi_pipeline.simulator.setting import Integers, Reals, Setting

DOMAINS = {
    "llm": 0.52,
    "text": 0.15,
    "image_generation": 0.09,
    "speech": 0.05,
    "vision": 0.06,
    "control": 0.06,
    "other": 0.07,
}
"""Share of each domain among roots: a guess."""

LLM, TEXT, IMAGE_GENERATION, SPEECH, VISION, CONTROL, OTHER = range(len(DOMAINS))

BILLIONS = {
    LLM: (
        0.135, 0.36, 0.5, 0.6, 1.1, 1.5, 1.7, 2, 3, 3.8, 4, 7, 7, 8, 8, 9, 12, 13, 14, 20, 24, 27, 32, 32, 70, 72,
        123, 235,
    ),
    TEXT: (0.014, 0.022, 0.066, 0.11, 0.125, 0.14, 0.278, 0.335, 0.56),
    IMAGE_GENERATION: (0.86, 0.87, 1.3, 2.6, 2.6, 3.5, 8, 12, 12, 12, 20),
    SPEECH: (0.039, 0.074, 0.095, 0.244, 0.315, 0.769, 1.55),
    VISION: (0.022, 0.025, 0.086, 0.087, 0.3, 0.63),
    CONTROL: (0.00001, 0.0001, 0.0002),
    OTHER: (0.001, 0.01, 0.06, 0.1, 0.4, 1.0, 7.0),
}  # fmt: skip
"""Sizes of each domain's models, each as likely as it is often listed."""

N_QUARTERS = 4
N_DEALT = 256
"""The most prominent roots, whose sizes are dealt out and not drawn."""


@dataclass(frozen=True)
class Traits:
    """Domain, and number of parameters in billions, as names write it.

    What stands there for derivatives counts only until they inherit their root's.
    """

    domain: Integers
    billions: Reals

    def inherited(self, root: Integers) -> Traits:
        """The traits of each model's root."""
        return Traits(self.domain[root], self.billions[root])


def endow(derivation: Derivation, prominence: Prominence, setting: Setting) -> Traits:
    """Draws domain and size, alike for all roots.

    Only for the most prominent ones sizes are dealt, so that each quarter of the sizes gets its share of
    the attention: else the luck of a few giants would make size and disruption go together.
    """
    rng = setting.stream("traits")
    sizes, domains, shares = _catalogue()
    level = rng.random(len(derivation.relation))
    ranked = np.argsort(prominence.rank)
    giants = ranked[~derivation.derives[prominence.members[ranked]]][:N_DEALT]
    quarter = rng.permutation(N_QUARTERS)[_dealt(prominence.children[giants])]
    level[prominence.members[giants]] = (quarter + level[prominence.members[giants]]) / N_QUARTERS
    chosen = np.minimum(np.searchsorted(np.cumsum(shares), level, side="right"), len(sizes) - 1)
    domain = domains[chosen]
    domain[: setting.n_canonical] = TEXT
    return Traits(domain, sizes[chosen])


def _catalogue() -> tuple[Reals, Integers, Reals]:
    """Every size that a domain has, ascending, with its domain and its share of all roots."""
    rows = [
        (billions, code, share / len(BILLIONS[code]))
        for code, share in enumerate(DOMAINS.values())
        for billions in BILLIONS[code]
    ]
    sizes, domains, shares = zip(*sorted(rows), strict=True)
    return np.array(sizes), np.array(domains), np.array(shares) / sum(shares)


def _dealt(attention: Reals) -> Integers:
    """A quarter for each of a few giants, in their order: always the one that has received least."""
    received = np.zeros(N_QUARTERS)
    quarters = np.empty(len(attention), dtype=np.int64)
    for giant, weight in enumerate(attention):
        quarters[giant] = np.argmin(received)
        received[quarters[giant]] += weight
    return quarters

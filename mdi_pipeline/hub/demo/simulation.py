"""The whole history of one simulated Hub, from which the listing of any day is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from mdi_pipeline.hub.demo.attachment import Attachment, attach
from mdi_pipeline.hub.demo.calibration import LARGEST, SMALLEST
from mdi_pipeline.hub.demo.declarations import adapter_bases, declare, edit_times, ways_of_declaring
from mdi_pipeline.hub.demo.derivation import Derivation, derive
from mdi_pipeline.hub.demo.metadata import describe
from mdi_pipeline.hub.demo.naming import name_models
from mdi_pipeline.hub.demo.packaging import pack
from mdi_pipeline.hub.demo.popularity import Popularity, attract
from mdi_pipeline.hub.demo.population import Population, populate
from mdi_pipeline.hub.demo.prominence import elect
from mdi_pipeline.hub.demo.publishers import publish
from mdi_pipeline.hub.demo.randomness import Integers
from mdi_pipeline.hub.demo.traits import endow
from mdi_pipeline.hub.demo.vocabulary import CANONICAL


@dataclass(frozen=True)
class Simulation:
    """Every model that ever was, numbered in the order of creation, with all that can be said of it.

    `fields` has a row per model (`id`, `author`, `declaration` and the constant fields), `declarations` one
    per declared parent and version.
    """

    population: Population
    derivation: Derivation
    attachment: Attachment
    popularity: Popularity
    edited: Integers
    fields: pl.DataFrame
    declarations: pl.DataFrame


@lru_cache(maxsize=1)
def simulate(size: int, seed: int, planted_effects: bool = True) -> Simulation:
    """The history of a Hub with `size` models on the last date.

    The last one is kept, since several dates are read from it. 3 million models take about half a
    minute and 4 GB.
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"a simulated Hub has {SMALLEST:,} to {LARGEST:,} models, not {size:,}")
    n_canonical = int(np.clip(size // 2_000, 2, len(CANONICAL)))
    population = populate(size, seed)
    derivation = derive(population, size, seed)
    prominence = elect(population, derivation, n_canonical, size, seed, planted_effects)
    own_traits = endow(len(population), prominence, n_canonical, size, seed)
    attachment = attach(population, derivation, prominence, own_traits.billions, size, seed, planted_effects)
    traits = own_traits.inherited(attachment.root)
    publishers = publish(derivation, attachment, size, seed)
    packaging = pack(derivation, size, seed)
    ids, author = name_models(derivation, attachment, traits, packaging, publishers, n_canonical, size, seed)
    ways = ways_of_declaring(derivation, size, seed)
    edited = edit_times(population, size, seed)
    declarations = declare(population, derivation, attachment, ids, ways, edited, size, seed)
    fields = describe(derivation, traits, attachment.root, packaging, size, seed)
    return Simulation(
        population,
        derivation,
        attachment,
        attract(prominence, len(population), size, seed),
        edited,
        fields.with_columns(
            id=ids,
            author=author,
            declaration=ways,
            adapter_base=adapter_bases(attachment, ids, fields["has_adapter_config"], size, seed),
        ),
        declarations,
    )

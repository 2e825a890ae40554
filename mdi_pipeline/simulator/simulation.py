"""The whole history of one simulated Hub, from which the listing of any day is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from mdi_pipeline.simulator.declarations import adapter_bases, declare, edit_times, ways_of_declaring
from mdi_pipeline.simulator.derivation import Attachment, Derivation, attach, derive, elect
from mdi_pipeline.simulator.metadata import Popularity, attract, describe, endow, model_index, pack
from mdi_pipeline.simulator.names import name_models, publish
from mdi_pipeline.simulator.population import Population, populate
from mdi_pipeline.simulator.setting import Integers, Reals, Setting


@dataclass(frozen=True)
class Simulation:
    """Every model that ever was, numbered in the order of creation, with all that can be said of it.

    `fields` has a row per model (`id`, `author`, `declaration` and the constant fields), `declarations` one
    per declared parent and version; `billions` are the true numbers of parameters.
    """

    population: Population
    derivation: Derivation
    attachment: Attachment
    popularity: Popularity
    billions: Reals
    edited: Integers
    fields: pl.DataFrame
    declarations: pl.DataFrame


MAX_KEPT = 500_000
"""Most models of a history that is kept for further dates: it holds a gigabyte of memory for each 750,000."""


def simulate(setting: Setting) -> Simulation:
    """The history of the simulated Hub of that setting.

    The last one of up to `MAX_KEPT` models is kept, since several dates are read from it. 3 million models take about
    half a minute and 4 GB, each time.
    """
    return _kept(setting) if setting.size <= MAX_KEPT else _simulated(setting)


@lru_cache(maxsize=1)
def _kept(setting: Setting) -> Simulation:
    return _simulated(setting)


def _simulated(setting: Setting) -> Simulation:
    population = populate(setting)
    derivation = derive(population, setting)
    prominence = elect(population, derivation, setting)
    own_traits = endow(derivation, prominence, setting)
    attachment = attach(population, derivation, prominence, own_traits.billions, setting)
    traits = own_traits.inherited(attachment.root)
    publishers = publish(derivation, attachment, setting)
    packaging = pack(derivation, setting)
    ids, author = name_models(
        derivation, attachment, traits, packaging=packaging, publishers=publishers, setting=setting
    )
    ways = ways_of_declaring(derivation, setting)
    edited = edit_times(population, setting)
    declarations = declare(population, derivation, attachment, ids=ids, ways=ways, edited=edited, setting=setting)
    fields = describe(
        derivation,
        traits,
        prominent=prominence.members,
        root=attachment.root,
        packaging=packaging,
        setting=setting,
    )
    return Simulation(
        population,
        derivation,
        attachment,
        attract(prominence, len(population), setting),
        traits.billions,
        edited,
        fields.with_columns(
            id=ids,
            author=author,
            declaration=ways,
            model_index=model_index(traits, setting),
            adapter_base=adapter_bases(attachment, ids, fields["has_adapter_config"], setting),
        ),
        declarations,
    )

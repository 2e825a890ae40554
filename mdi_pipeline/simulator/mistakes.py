"""What models wrongly say of their parents: themselves, nobody, a local path, their own descendants."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.simulator.attachment import Attachment
from mdi_pipeline.simulator.derivation import Derivation
from mdi_pipeline.simulator.population import NEVER, Population
from mdi_pipeline.simulator.setting import Integers, Setting
from mdi_pipeline.simulator.vocabulary import gone_models

LOCAL_PATHS = ("/workspace/models/base-8B", "./output/merged", "/root/autodl-tmp/base", "models/local")
LOCAL_ADAPTER_BASES = 0.08
"""Share of adapters' configurations that name a local path."""

MODELS_PER_GONE_PARENT = 200
"""Models of the Hub for each model that is named as a parent and is not there."""

CYCLES_PER_MODEL = 2e-5


def noise(ids: pl.Series, way: npt.NDArray[np.object_], setting: Setting) -> pl.DataFrame:
    """Declarations of roots that name themselves, a model that is not on the Hub, or a local path."""
    rng = setting.stream("noise")
    index = np.flatnonzero((way == "self") | (way == "stub") | (way == "lone_tag"))
    gone = rng.zipf(1.5, len(index)) % max(setting.size // MODELS_PER_GONE_PARENT, 5)
    itself, lone = pl.col("way") == "self", pl.col("way") == "lone_tag"
    return pl.DataFrame(
        {
            "index": index,
            "way": pl.Series(way[index], dtype=pl.String),
            "own": ids.gather(index),
            "stub": gone_models(gone),
            "path": pl.Series(LOCAL_PATHS).gather(rng.integers(0, len(LOCAL_PATHS), len(index))),
        }
    ).select(
        "index",
        hub_parent=pl.when(itself).then("index"),
        tag_parent=pl.when(itself).then("own").when(lone).then("path"),
        card_parent=pl.when(itself).then("own").when(~lone).then("stub"),
        relation=pl.when(itself).then(pl.lit("finetune")).when(lone).then(pl.lit("adapter")),
        tag_is_lone=lone,
        since=0,
        until=NEVER,
    )


def cycles(
    population: Population,
    derivation: Derivation,
    attachment: Attachment,
    *,
    ids: pl.Series,
    way: npt.NDArray[np.object_],
    setting: Setting,
) -> pl.DataFrame:
    """Roots that name a child or a grandchild of theirs as their parent."""
    parent = attachment.first_parent
    grandparent = np.where(parent >= 0, parent[parent], -1)
    innocent = ~derivation.derives & population.survives & (way == "none")
    declared = (way == "hub") & population.survives & (derivation.n_parents == 1)
    n = max(1, round(setting.size * CYCLES_PER_MODEL))
    of_two = _closing(parent, declared & innocent[parent], n)
    innocent[of_two[0]] = False
    of_three = _closing(grandparent, declared & declared[parent] & (grandparent >= 0) & innocent[grandparent], n)
    index, descendant = np.concatenate([of_two, of_three], axis=1)
    named = ids.gather(descendant)
    return pl.DataFrame({"index": index, "hub_parent": descendant}).with_columns(
        tag_parent=named, card_parent=named, relation=pl.lit("finetune"), tag_is_lone=False, since=0, until=NEVER
    )


def _closing(ancestor: Integers, usable: npt.NDArray[np.bool_], n: int) -> Integers:
    """At most `n` ancestors (first row), each with one usable descendant (second row)."""
    descendant = np.flatnonzero(usable)
    distinct, first = np.unique(ancestor[descendant], return_index=True)
    return np.stack([distinct, descendant[first]])[:, -n:]


def adapter_bases(attachment: Attachment, ids: pl.Series, has_adapter_config: pl.Series, setting: Setting) -> pl.Series:
    """What adapters' configurations name as their base.

    Mostly the parent, now and then a local path; null where there is no such configuration.
    """
    rng = setting.stream("adapter configurations")
    n = len(ids)
    frame = pl.DataFrame(
        {
            "parent": ids.gather(np.maximum(attachment.first_parent, 0)),
            "path": pl.Series(LOCAL_PATHS).gather(rng.integers(0, len(LOCAL_PATHS), n)),
            "is_local": rng.random(n) < LOCAL_ADAPTER_BASES,
            "shown": has_adapter_config,
        }
    )
    base = pl.when("is_local").then("path").otherwise("parent")
    return frame.select(base=pl.when("shown").then(base))["base"]

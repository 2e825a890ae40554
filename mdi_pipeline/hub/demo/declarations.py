"""What models say of their parents: truth, silence, mistakes and noise, each with the time it was said."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.hub.demo.attachment import Attachment
from mdi_pipeline.hub.demo.calibration import (
    CARD_NAMING_EXISTING,
    CARD_STUBS,
    CARD_UNREADABLE,
    DECLARED_BY_HUB,
    LISTED_MODELS,
    SELF_REFERENCES,
    UNDECLARED_SHARE,
)
from mdi_pipeline.hub.demo.derivation import Derivation
from mdi_pipeline.hub.demo.population import DAY, NEVER, Population
from mdi_pipeline.hub.demo.randomness import Flags, Integers, choose, stream
from mdi_pipeline.hub.demo.vocabulary import CANONICAL
from mdi_pipeline.tables.columns import RELATIONS

WAYS_OF_DERIVATIVES = {
    "hub": (DECLARED_BY_HUB - SELF_REFERENCES) / LISTED_MODELS,
    "card": 0.93 * CARD_NAMING_EXISTING / LISTED_MODELS,
    "tag": 0.07 * CARD_NAMING_EXISTING / LISTED_MODELS,
    "unreadable": CARD_UNREADABLE / LISTED_MODELS,
    "none": UNDECLARED_SHARE,
}
"""How derivatives declare: `hub` in every way, `card` in the card alone, `tag` by a plain tag alone,
`unreadable` by a path, a URL or an empty string in the card."""

WAYS_OF_ROOTS = {
    "stub": CARD_STUBS / LISTED_MODELS,
    "self": SELF_REFERENCES / LISTED_MODELS,
    "lone_tag": 0.001,
    "odd_card": 0.0003,
}
"""What models without a parent on the Hub declare: one that is not on the Hub, themselves, a typed tag
with a local path and no plain tag beside it, or a card of no known shape."""

UNREADABLE = (
    "./models/base", "/workspace/output/checkpoint-500", "C:\\\\models\\\\base", "https://huggingface.co/models", "",
    "../merged", "/content/drive/MyDrive/llm", "~/models/base-7b",
)  # fmt: skip
LOCAL_PATHS = ("/workspace/models/base-8B", "./output/merged", "/root/autodl-tmp/base", "models/local")
CASE_VARIANTS = 0.2
"""Share of cards alone that write the parent's id in another case."""

LOCAL_ADAPTER_BASES = 0.08

FORMER_NAMES = 0.5
"""Share of cards that call the Hub's oldest models by their former bare name."""

DECLARED_LATER = 0.06
CHANGED_LATER = 0.02
CYCLES_PER_MODEL = 2e-5

DECLARATION_SCHEMA = {
    "index": pl.Int64,
    "hub_parent": pl.Int64,
    "tag_parent": pl.String,
    "card_parent": pl.String,
    "relation": pl.String,
    "tag_is_lone": pl.Boolean,
    "from": pl.Int64,
    "until": pl.Int64,
}
"""One declared parent: the declaring model's number, the parent's number in `baseModels`, its id in the tag and
in the card, the relation where one is stated, whether the typed tag stands alone, and when it is said
(`from` <= t < `until`)."""


def ways_of_declaring(derivation: Derivation, size: int, seed: int) -> pl.Series:
    """How every model declares: a key of the two tables above, or `none`."""
    rng = stream(size, seed, "ways of declaring")
    n = len(derivation.relation)
    of_derivatives, first = choose(rng, WAYS_OF_DERIVATIVES, n)
    derives = derivation.derives
    scale = 1 / (1 - derives.mean())
    shares = {way: share * scale for way, share in WAYS_OF_ROOTS.items()}
    of_roots, second = choose(rng, {**shares, "none": 1 - sum(shares.values())}, n)
    all_ways = [*of_derivatives, *of_roots]
    position = np.where(derives, first, len(of_derivatives) + second)
    return pl.Series("declaration", all_ways, dtype=pl.String).gather(position)


def declare(
    population: Population,
    derivation: Derivation,
    attachment: Attachment,
    ids: pl.Series,
    ways: pl.Series,
    edited: Integers,
    size: int,
    seed: int,
) -> pl.DataFrame:
    """Every declared parent, sorted by model and, within one, as the model lists them: `DECLARATION_SCHEMA`."""
    rng = stream(size, seed, "declarations")
    way = ways.to_numpy()
    true = _true_ones(rng, derivation, attachment, ids, way, edited)
    mistaken = _changed_ones(attachment, way, edited, ids, rng.random(len(way)) < CHANGED_LATER)
    true = true.with_columns(
        pl.when(pl.col("index").is_in(mistaken["index"].implode())).then("edited").otherwise("from").alias("from")
    ).drop("edited")
    noise = _noise(rng, ids, way, size)
    cycles = _cycles(derivation, attachment, population.survives, ids, way, size)
    frames = [
        frame.select(pl.col(name).cast(dtype) for name, dtype in DECLARATION_SCHEMA.items())
        for frame in (mistaken, true, noise, cycles)
    ]
    return pl.concat(frames).sort("index", "from", maintain_order=True)


def adapter_bases(
    attachment: Attachment, ids: pl.Series, has_adapter_config: pl.Series, size: int, seed: int
) -> pl.Series:
    """What adapters' configurations name as their base: mostly the parent, now and then a local path; null
    where there is no such configuration.
    """
    rng = stream(size, seed, "adapter configurations")
    n = len(ids)
    frame = pl.DataFrame(
        {
            "parent": ids.gather(np.maximum(attachment.first_parent, 0)),
            "path": pl.Series(LOCAL_PATHS).gather(rng.integers(0, len(LOCAL_PATHS), n)),
            "luck": rng.random(n),
            "shown": has_adapter_config,
        }
    )
    luck = pl.col("luck")
    base = pl.when(luck < LOCAL_ADAPTER_BASES).then("path").otherwise("parent")
    return frame.select(pl.when("shown").then(base))["path"]


def edit_times(population: Population, size: int, seed: int) -> Integers:
    """When each model's card was edited for good; `NEVER` for most."""
    rng = stream(size, seed, "edits")
    n = len(population)
    edited = population.created + (rng.lognormal(np.log(15), 1.3, n) * DAY).astype(np.int64)
    return np.where(rng.random(n) < 0.25, edited, NEVER)


def _true_ones(
    rng: np.random.Generator,
    derivation: Derivation,
    attachment: Attachment,
    ids: pl.Series,
    way: Flags,
    edited: Integers,
) -> pl.DataFrame:
    later = (rng.random(len(way)) < DECLARED_LATER / 0.25) & (edited < NEVER)
    edges = pl.DataFrame({"index": attachment.child, "hub_parent": attachment.parent}).with_columns(
        way=pl.lit(pl.Series(way[attachment.child], dtype=pl.String)),
        parent=ids.gather(attachment.parent),
        relation=pl.Series(RELATIONS).gather(derivation.relation[attachment.child]),
        edited=edited[attachment.child],
        luck=rng.random(len(attachment.child)),
        unreadable=pl.Series(UNREADABLE).gather(rng.integers(0, len(UNREADABLE), len(attachment.child))),
        later=later[attachment.child],
    )
    former = {f"{owner}/{name}": name for name, owner in CANONICAL}
    by_card = pl.col("way") == "card"
    written = (
        pl.when(pl.col("parent").is_in(list(former)) & (pl.col("luck") < FORMER_NAMES))
        .then(pl.col("parent").replace(former))
        .when(by_card & (pl.col("luck") < CASE_VARIANTS))
        .then(pl.col("parent").str.to_lowercase())
        .otherwise("parent")
    )
    by_hub, readable = pl.col("way") == "hub", pl.col("way").is_in(["hub", "card"])
    return edges.filter(pl.col("way") != "none").select(
        "index",
        "edited",
        hub_parent=pl.when(by_hub).then("hub_parent"),
        tag_parent=pl.when(by_hub | (pl.col("way") == "tag")).then("parent"),
        card_parent=pl.when(readable).then(written).when(pl.col("way") == "unreadable").then("unreadable"),
        relation=pl.when(by_hub).then("relation"),
        tag_is_lone=False,
        **{"from": pl.when("later").then("edited").otherwise(0), "until": pl.lit(NEVER)},
    )


def _changed_ones(attachment: Attachment, way: Flags, edited: Integers, ids: pl.Series, chosen: Flags) -> pl.DataFrame:
    """Models that at first named their grandparent."""
    grandparent = np.where(attachment.first_parent >= 0, attachment.first_parent[attachment.first_parent], -1)
    chosen = chosen & (way == "hub") & (edited < NEVER) & (grandparent >= 0)
    index = np.flatnonzero(chosen)
    parent = ids.gather(grandparent[index])
    return pl.DataFrame({"index": index, "hub_parent": grandparent[index]}).with_columns(
        tag_parent=parent,
        card_parent=parent,
        relation=pl.lit("finetune"),
        tag_is_lone=False,
        **{"from": pl.lit(0), "until": edited[index]},
    )


def _noise(rng: np.random.Generator, ids: pl.Series, way: Flags, size: int) -> pl.DataFrame:
    """Roots that name themselves, a model that is not on the Hub, or a local path."""
    index = np.flatnonzero((way == "self") | (way == "stub") | (way == "lone_tag"))
    stub_number = rng.zipf(1.5, len(index)) % max(size // 200, 5)
    frame = pl.DataFrame({"index": index, "way": pl.Series(way[index], dtype=pl.String)}).with_columns(
        own=ids.gather(index),
        stub=pl.concat_str(pl.lit("gone-away/Vanished-"), pl.lit(pl.Series(stub_number)), pl.lit("-7B")),
        path=pl.Series(LOCAL_PATHS).gather(rng.integers(0, len(LOCAL_PATHS), len(index))),
    )
    itself, lone = pl.col("way") == "self", pl.col("way") == "lone_tag"
    return frame.select(
        "index",
        hub_parent=pl.when(itself).then("index"),
        tag_parent=pl.when(itself).then("own").when(lone).then("path"),
        card_parent=pl.when(itself).then("own").when(~lone).then("stub"),
        relation=pl.when(itself).then(pl.lit("finetune")).when(lone).then(pl.lit("adapter")),
        tag_is_lone=lone,
        **{"from": pl.lit(0), "until": pl.lit(NEVER)},
    )


def _cycles(
    derivation: Derivation, attachment: Attachment, survives: Flags, ids: pl.Series, way: Flags, size: int
) -> pl.DataFrame:
    """Roots that name a child or a grandchild of theirs as their parent."""
    n = max(1, round(size * CYCLES_PER_MODEL))
    parent = attachment.first_parent
    grandparent = np.where(parent >= 0, parent[parent], -1)
    declared = (way == "hub") & survives & (derivation.n_parents == 1)
    ends = []
    for ancestor, closes in ((parent, declared), (grandparent, declared & declared[parent] & (grandparent >= 0))):
        usable = (
            closes & (ancestor >= 0) & ~derivation.derives[ancestor] & survives[ancestor] & (way[ancestor] == "none")
        )
        child = np.flatnonzero(usable)
        _, first = np.unique(ancestor[child], return_index=True)
        chosen = child[first][len(ends) * n :][:n]
        ends.append(np.stack([ancestor[chosen], chosen]))
    index, parent_index = np.concatenate(ends, axis=1)
    named = ids.gather(parent_index)
    return pl.DataFrame({"index": index, "hub_parent": parent_index}).with_columns(
        tag_parent=named,
        card_parent=named,
        relation=pl.lit("finetune"),
        tag_is_lone=False,
        **{"from": pl.lit(0), "until": pl.lit(NEVER)},
    )

"""What models say of their parents, from when on, and how it is written: truth, silence, corrections, mistakes.

`declare` gives every declared parent with the time at which it is said; the last functions write cards and
configurations as JSON text, with the odd shapes that people use.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.simulator.calibration import (
    CANONICAL,
    CARD_NAMING_EXISTING,
    CARD_STUBS,
    CARD_UNREADABLE,
    DECLARED_BY_HUB,
    LISTED_MODELS,
    SELF_REFERENCES,
    UNDECLARED_SHARE,
)
from mdi_pipeline.simulator.derivation import Attachment, Derivation
from mdi_pipeline.simulator.names import gone_models
from mdi_pipeline.simulator.population import DAY, NEVER, Population
from mdi_pipeline.simulator.setting import Flags, Integers, Setting, choose
from mdi_pipeline.tables.vocabulary import RELATIONS

# 1. Which models declare, how, and when.

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

CASE_VARIANTS = 0.2
"""Share of cards alone that write the parent's id in another case."""

FORMER_NAMES = 0.5
"""Share of cards that call the Hub's oldest models by their former bare name."""

EDITED = 0.25
"""Share of cards that are edited for good some time after the upload."""

DECLARED_LATER = 0.06
"""Share of declaring models that do so only with that edit."""

CHANGED_LATER = 0.1
"""Share of edits, of derivatives of derivatives, that replace the grandparent by the parent."""

DECLARATION_SCHEMA = {
    "index": pl.Int64,
    "hub_parent": pl.Int64,
    "tag_parent": pl.String,
    "card_parent": pl.String,
    "relation": pl.String,
    "tag_is_lone": pl.Boolean,
    "since": pl.Int64,
    "until": pl.Int64,
}
"""One declared parent: the declaring model's number, the parent's number in `baseModels`, its id in the tag and
in the card, the relation where one is stated, whether the typed tag stands alone, and when it is said
(`since` <= t < `until`)."""


def ways_of_declaring(derivation: Derivation, setting: Setting) -> pl.Series:
    """How every model declares: a key of the two tables above, or `none`."""
    rng = setting.stream("ways of declaring")
    derives = derivation.derives
    of_derivatives, first = choose(rng, WAYS_OF_DERIVATIVES, len(derives))
    shares = {way: share / (1 - derives.mean()) for way, share in WAYS_OF_ROOTS.items()}
    of_roots, second = choose(rng, {**shares, "none": 1 - sum(shares.values())}, len(derives))
    position = np.where(derives, first, len(of_derivatives) + second)
    return pl.Series("declaration", [*of_derivatives, *of_roots], dtype=pl.String).gather(position)


def edit_times(population: Population, setting: Setting) -> Integers:
    """When each model's card was edited for good; `NEVER` for most."""
    rng = setting.stream("edits")
    n = len(population)
    edited = population.created + (rng.lognormal(np.log(15), 1.3, n) * DAY).astype(np.int64)
    return np.where(rng.random(n) < EDITED, edited, NEVER)


def declare(
    population: Population,
    derivation: Derivation,
    attachment: Attachment,
    *,
    ids: pl.Series,
    ways: pl.Series,
    edited: Integers,
    setting: Setting,
) -> pl.DataFrame:
    """Every declared parent, sorted by model and, within one, as the model lists them: `DECLARATION_SCHEMA`."""
    rng = setting.stream("corrections")
    way: npt.NDArray[np.object_] = ways.to_numpy()
    deriving_twice = (attachment.first_parent >= 0) & (attachment.first_parent[attachment.first_parent] >= 0)
    is_edited = edited < NEVER
    corrected = deriving_twice & (way == "hub") & is_edited & (rng.random(len(way)) < CHANGED_LATER)
    late = is_edited & (rng.random(len(way)) < DECLARED_LATER / EDITED)
    frames = (
        _before_correction(attachment, ids, np.flatnonzero(corrected), edited),
        _truth(derivation, attachment, ids, way, since=np.where(corrected | late, edited, 0), setting=setting),
        _noise(ids, way, setting),
        _cycles(population, derivation, attachment, ids=ids, way=way, setting=setting),
    )
    return pl.concat(
        frame.select(pl.col(name).cast(dtype) for name, dtype in DECLARATION_SCHEMA.items()) for frame in frames
    ).sort("index", "since", maintain_order=True)


def _truth(
    derivation: Derivation,
    attachment: Attachment,
    ids: pl.Series,
    way: npt.NDArray[np.object_],
    *,
    since: Integers,
    setting: Setting,
) -> pl.DataFrame:
    """The true parents, as far as they are declared and however they are written."""
    rng = setting.stream("true declarations")
    child = attachment.child
    edges = pl.DataFrame(
        {
            "index": child,
            "hub_parent": attachment.parent,
            "way": pl.Series(way[child], dtype=pl.String),
            "parent": ids.gather(attachment.parent),
            "relation": pl.Series(RELATIONS).gather(derivation.relation[child]),
            "since": since[child],
            "unreadable": pl.Series(UNREADABLE).gather(rng.integers(0, len(UNREADABLE), len(child))),
            "luck": rng.random(len(child)),
        }
    ).filter(pl.col("way") != "none")
    former = {f"{owner}/{name}": name for name, owner in CANONICAL}
    by_hub, by_card, by_tag = (pl.col("way") == way for way in ("hub", "card", "tag"))
    written = (
        pl.when(pl.col("parent").is_in(list(former)) & (pl.col("luck") < FORMER_NAMES))
        .then(pl.col("parent").replace(former))
        .when(by_card & (pl.col("luck") < CASE_VARIANTS))
        .then(pl.col("parent").str.to_lowercase())
        .otherwise("parent")
    )
    return edges.select(
        "index",
        "since",
        hub_parent=pl.when(by_hub).then("hub_parent"),
        tag_parent=pl.when(by_hub | by_tag).then("parent"),
        card_parent=pl.when(by_hub | by_card).then(written).when(~by_tag).then("unreadable"),
        relation=pl.when(by_hub).then("relation"),
        tag_is_lone=False,
        until=NEVER,
    )


def _before_correction(attachment: Attachment, ids: pl.Series, index: Integers, edited: Integers) -> pl.DataFrame:
    """What models said that at first named their grandparent."""
    grandparent = attachment.first_parent[attachment.first_parent[index]]
    named = ids.gather(grandparent)
    return pl.DataFrame({"index": index, "hub_parent": grandparent, "until": edited[index]}).with_columns(
        tag_parent=named, card_parent=named, relation=pl.lit("finetune"), tag_is_lone=False, since=0
    )


# 2. Mistakes: models that name themselves, nobody, a local path, or their own descendants.

LOCAL_PATHS = ("/workspace/models/base-8B", "./output/merged", "/root/autodl-tmp/base", "models/local")
LOCAL_ADAPTER_BASES = 0.08
"""Share of adapters' configurations that name a local path."""

MODELS_PER_GONE_PARENT = 200
"""Models of the Hub for each model that is named as a parent and is not there."""

CYCLES_PER_MODEL = 2e-5


def _noise(ids: pl.Series, way: npt.NDArray[np.object_], setting: Setting) -> pl.DataFrame:
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


def _cycles(
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


def _closing(ancestor: Integers, usable: Flags, n: int) -> Integers:
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


# 3. How it is written.

ODD_CARDS = ('{"name": "some/model"}', "42", "[null]", '[["some/model"]]')
"""What a few cards hold in place of a model's id."""

STATES_RELATION = 7
"""One declared card in so many repeats the relation."""

LISTS_SINGLE_PARENT = 5
"""One card with a single parent in so many writes it as a list all the same."""


def base_model_text() -> pl.Expr:
    """`base_model` of the card from `index` and `card_parents`, as JSON; null where the card names no parent."""
    index, parents = pl.col("index"), pl.col("card_parents")
    listed = pl.lit('["') + parents.list.join('", "') + pl.lit('"]')
    single = pl.lit('"') + parents.list.first() + pl.lit('"')
    as_list = (parents.list.len() > 1) | (index % LISTS_SINGLE_PARENT == 0)
    return pl.when(as_list & (parents.list.len() > 0)).then(listed).otherwise(single)


def odd_base_model_text() -> pl.Expr:
    """`base_model` of a card of no known shape, from `index`."""
    return (pl.col("index") % len(ODD_CARDS)).replace_strict(dict(enumerate(ODD_CARDS)), return_dtype=pl.String)


def card_text() -> pl.Expr:
    """`cardData` from `index`, `base_model`, `relation`, `license`, `has_card`; null without a card."""
    has_parent = pl.col("base_model").is_not_null()
    states_relation = has_parent & (pl.col("index") % STATES_RELATION == 0)
    entries = pl.concat_str(
        pl.lit('"base_model": ') + pl.col("base_model"),
        pl.when(states_relation).then(pl.lit('"base_model_relation": "') + pl.col("relation") + pl.lit('"')),
        pl.lit('"license": "') + pl.col("license") + pl.lit('"'),
        separator=", ",
        ignore_nulls=True,
    )
    return pl.when(pl.col("has_card") | has_parent).then(pl.lit("{") + entries + pl.lit("}"))


def config_text() -> pl.Expr:
    """`config` from `architecture`, `model_type`, `adapter_base`, `has_config`; null without one."""
    plain = (
        pl.lit('{"architectures": ["') + pl.col("architecture") + pl.lit('"], "model_type": "')
        + pl.col("model_type") + pl.lit('"}')
    )  # fmt: skip
    peft = pl.lit('{"peft": {"base_model_name_or_path": "') + pl.col("adapter_base") + pl.lit('"}}')
    return pl.when(pl.col("adapter_base").is_not_null()).then(peft).when("has_config").then(plain)

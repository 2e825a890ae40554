"""What models say of their parents, each with the time from which they say it: truth, silence, corrections."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.simulator.attachment import Attachment
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
from mdi_pipeline.simulator.derivation import Derivation
from mdi_pipeline.simulator.mistakes import cycles, noise
from mdi_pipeline.simulator.population import DAY, NEVER, Population
from mdi_pipeline.simulator.setting import Integers, Setting, choose
from mdi_pipeline.tables.vocabulary import RELATIONS

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
        noise(ids, way, setting),
        cycles(population, derivation, attachment, ids=ids, way=way, setting=setting),
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

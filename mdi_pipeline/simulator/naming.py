"""What models are called: families share stems, copies carry suffixes, and some names mean nothing."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.simulator import vocabulary
from mdi_pipeline.simulator.attachment import Attachment
from mdi_pipeline.simulator.calibration import CANONICAL
from mdi_pipeline.simulator.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT, Derivation
from mdi_pipeline.simulator.packaging import KINDS
from mdi_pipeline.simulator.publishers import Publishers
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting
from mdi_pipeline.simulator.traits import LLM, Traits

NAMED_AFTER_PARENT = {ROOT: 0.0, FINETUNE: 0.38, ADAPTER: 0.22, MERGE: 0.2, QUANTIZED: 0.92}
"""How often a derivative carries its parent's name and a suffix."""

LONGEST_CHAIN = 5
"""Suffixes that a name carries at most; after that a model gets a name of its own."""

COMMON_NAME_SHARE = 0.08
MODELS_PER_BRAND = 6


def name_models(
    derivation: Derivation,
    attachment: Attachment,
    traits: Traits,
    *,
    packaging: Integers,
    publishers: Publishers,
    setting: Setting,
) -> tuple[pl.Series, pl.Series]:
    """Id and author of every model; ids differ even when case is ignored."""
    rng = setting.stream("naming")
    fresh = _fresh_names(rng, derivation, traits, setting.size)
    suffix = _suffixes(rng, derivation, packaging)
    name = _family_names(rng, derivation, attachment, fresh, suffix)
    author = _author_names(rng, publishers, setting.seed)
    named = pl.DataFrame({"author": author, "name": name}).with_row_index()
    canonical = pl.DataFrame(
        CANONICAL[: setting.n_canonical], schema={"canonical": pl.String, "owner": pl.String}, orient="row"
    ).with_row_index()
    named = (
        named.join(canonical, on="index", how="left", maintain_order="left")
        .with_columns(author=pl.coalesce("owner", "author"), name=pl.coalesce("canonical", "name"))
        .with_columns(id=pl.concat_str("author", pl.lit("/"), "name"))
        .with_columns(
            id=pl.when(pl.col("id").str.to_lowercase().is_first_distinct())
            .then("id")
            .otherwise(pl.concat_str("id", pl.lit("-"), "index"))
        )
    )
    return named["id"], named["author"]


def _fresh_names(rng: np.random.Generator, derivation: Derivation, traits: Traits, size: int) -> pl.Series:
    """A name for every model as if it derived from nothing."""
    n = len(derivation.relation)
    brand = vocabulary.two_syllables(rng.integers(0, 6_400, n))
    brand += vocabulary.two_syllables(rng.integers(0, max(size // MODELS_PER_BRAND // 64, 4), n))
    word = vocabulary.words(vocabulary.WORDS, rng, n)
    parts = pl.DataFrame(
        {
            "brand": brand,
            "Brand": vocabulary.capitalised(brand),
            "word": word,
            "version": vocabulary.words(vocabulary.VERSIONS, rng, n),
            "variant": vocabulary.words(vocabulary.VARIANTS, rng, n),
            "size": _size_labels(traits.billions),
            "common": vocabulary.words(vocabulary.COMMON_NAMES, rng, n),
            "is_llm": traits.domain == LLM,
            "relation": derivation.relation,
            "template": rng.random(n),
        }
    )
    family = pl.concat_str("Brand", "version", pl.lit("-"), "size", "variant")
    plain = pl.concat_str("brand", pl.lit("-"), "word", "version")
    adapter = pl.concat_str("word", pl.lit("-"), "brand", pl.lit("-lora"))
    underscored = pl.concat_str("brand", pl.lit("_"), "word")
    template = pl.col("template")
    return parts.select(
        name=pl.when(template < COMMON_NAME_SHARE)
        .then("common")
        .when((pl.col("relation") == ADAPTER) & (template < 0.6))  # noqa: PLR2004
        .then(adapter)
        .when(pl.col("is_llm") & (template < 0.85))  # noqa: PLR2004
        .then(family)
        .when(template < 0.95)  # noqa: PLR2004
        .then(plain)
        .otherwise(underscored)
    )["name"]


def _size_labels(billions: Reals) -> pl.Series:
    sizes, position = np.unique(billions, return_inverse=True)
    labels = [f"{size:g}B" if size >= 0.5 else f"{max(size * 1000, 1):.0f}M" for size in sizes]  # noqa: PLR2004
    return pl.Series("size", labels).gather(position)


def _suffixes(rng: np.random.Generator, derivation: Derivation, packaging: Integers) -> pl.Series:
    """What each derivative would put behind its parent's name; empty for roots."""
    n = len(derivation.relation)
    by_relation = {
        FINETUNE: vocabulary.words(vocabulary.FINETUNE_SUFFIXES, rng, n),
        ADAPTER: vocabulary.words(vocabulary.ADAPTER_SUFFIXES, rng, n),
        MERGE: vocabulary.words(vocabulary.MERGE_SUFFIXES, rng, n),
    }
    by_kind = {code: vocabulary.words(vocabulary.QUANTIZED_SUFFIXES[kind], rng, n) for code, kind in enumerate(KINDS)}
    frame = pl.DataFrame(
        {"relation": derivation.relation, "packaging": packaging, "word": vocabulary.words(vocabulary.WORDS, rng, n)}
    )
    suffix = pl.lit("")
    for relation, drawn in by_relation.items():
        suffix = pl.when(pl.col("relation") == relation).then(pl.lit(drawn)).otherwise(suffix)
    for code, drawn in by_kind.items():
        suffix = pl.when(pl.col("packaging") == code).then(pl.lit(drawn)).otherwise(suffix)
    return frame.select(suffix=suffix.str.replace("{word}", pl.col("word"), literal=True))["suffix"]


def _family_names(
    rng: np.random.Generator, derivation: Derivation, attachment: Attachment, fresh: pl.Series, suffix: pl.Series
) -> pl.Series:
    """The nearest ancestor's own name, then the suffixes of the generations below it."""
    chance = np.array([NAMED_AFTER_PARENT[code] for code in sorted(NAMED_AFTER_PARENT)])[derivation.relation - ROOT]
    named_after = rng.random(len(chance)) < chance
    named_after &= (_chain_lengths(named_after, attachment.first_parent) % (LONGEST_CHAIN + 1)) != 0
    bearer = np.arange(len(chance))
    parts: list[pl.Series] = []
    for _ in range(LONGEST_CHAIN):
        carries = named_after[bearer]
        parts.append(
            pl.DataFrame({"carries": carries, "suffix": suffix.gather(bearer)})
            .select(pl.when("carries").then("suffix").otherwise(pl.lit("")))
            .to_series()
            .alias(f"suffix_{len(parts)}")
        )
        bearer = np.where(carries, attachment.first_parent[bearer], bearer)
    columns = [fresh.gather(bearer).alias("stem"), *reversed(parts)]
    return pl.DataFrame(columns).select(name=pl.concat_str(pl.all()))["name"]


def _chain_lengths(named_after: Flags, first_parent: Integers) -> Integers:
    """How many generations up each name would reach."""
    length = np.zeros(len(named_after), dtype=np.int64)
    climbing = np.flatnonzero(named_after)
    bearer = climbing
    while len(climbing):
        length[climbing] += 1
        bearer = first_parent[bearer]
        higher = named_after[bearer]
        climbing, bearer = climbing[higher], bearer[higher]
    return length


def _author_names(rng: np.random.Generator, publishers: Publishers, seed: int) -> pl.Series:
    """A word for each publisher; what follows its eight letters is only decoration, so names stay unique."""
    n = int(publishers.number.max()) + 1
    word = vocabulary.four_syllables(np.arange(n), seed)
    is_bot = np.zeros(n, dtype=bool)
    is_bot[publishers.number] = publishers.is_bot
    frame = pl.DataFrame({"word": word, "style": rng.random(n), "digits": rng.integers(1, 100, n), "bot": is_bot})
    style = pl.col("style")
    name = frame.select(
        author=pl.when("bot")
        .then(pl.concat_str("word", pl.lit("-quants")))
        .when(style < 0.35)  # noqa: PLR2004
        .then("word")
        .when(style < 0.55)  # noqa: PLR2004
        .then(pl.concat_str("word", "digits"))
        .when(style < 0.9)  # noqa: PLR2004
        .then(pl.lit(vocabulary.capitalised(word)))
        .otherwise(pl.concat_str("word", pl.lit("-ai")))
    )["author"]
    return name.gather(publishers.number)

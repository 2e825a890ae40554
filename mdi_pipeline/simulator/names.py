"""Who publishes each model and what it is called: the two halves of its id, `author/name`.

Publishers: many with one model, a few with thousands, and bots that quantize. Names: families share stems, copies
carry suffixes, and some names mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mdi_pipeline.simulator.calibration import CANONICAL
from mdi_pipeline.simulator.derivation import (
    ADAPTER,
    FINETUNE,
    MERGE,
    QUANTIZED,
    ROOT,
    Attachment,
    Derivation,
    ancestors,
    by_relation,
)
from mdi_pipeline.simulator.metadata import LLM, PACKAGINGS, Traits
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting

# 1. Who publishes what.

NEWCOMERS = 0.197
"""Chance that a model is its publisher's first; tuned until the number of publishers fits."""

RECENT_SHARE = 0.7
"""Share of models whose publisher was active just before."""

BOT_SHARE = 0.6
"""Share of quantized copies that bots publish."""

MODELS_PER_BOT = 30_000
"""Models of the Hub for each quantization bot."""


@dataclass(frozen=True)
class Publishers:
    """Number of each model's publisher, from 0, and whether that one is a bot."""

    number: Integers
    is_bot: Flags


def publish(derivation: Derivation, attachment: Attachment, setting: Setting) -> Publishers:
    """The publisher of each model, by a Yule-Simon process.

    A model is a newcomer's, or its publisher is that of some earlier model, mostly of a recent one. Own work goes to
    the parent's publisher, most quantized copies to bots.
    """
    rng = setting.stream("publishers")
    n = len(derivation.relation)
    continued = np.zeros(n, dtype=bool)
    continued[attachment.first_parent[attachment.own_work]] = True
    by_bot = (derivation.relation == QUANTIZED) & ~attachment.own_work & ~continued & (rng.random(n) < BOT_SHARE)
    pointer = np.arange(n)
    ordinary = np.flatnonzero(~by_bot & ~attachment.own_work)
    pointer[ordinary] = ordinary[_earlier_or_itself(rng, len(ordinary))]
    pointer[attachment.own_work] = attachment.first_parent[attachment.own_work]
    founder = ancestors(pointer)
    owner = np.where(by_bot, -1 - _bots(rng, n, max(3, setting.size // MODELS_PER_BOT)), founder)
    _, number = np.unique(owner, return_inverse=True)
    return Publishers(number, by_bot)


def _earlier_or_itself(rng: np.random.Generator, n: int) -> Integers:
    """For each of `n` models the place of an earlier one with the same publisher; for newcomers their own place."""
    place = np.arange(n)
    lag = np.where(rng.random(n) < RECENT_SHARE, rng.exponential(0.01, n), rng.random(n))
    earlier = np.minimum((place * np.maximum(1 - lag, 0)).astype(np.int64), np.maximum(place - 1, 0))
    return np.where(rng.random(n) < NEWCOMERS, place, earlier)


def _bots(rng: np.random.Generator, n: int, n_bots: int) -> Integers:
    """Bots drawn by Zipf's law."""
    weight = np.cumsum(1 / np.arange(1, n_bots + 1))
    return np.minimum(np.searchsorted(weight / weight[-1], rng.random(n), side="right"), n_bots - 1)


# 2. What models are called.

NAMED_AFTER_PARENT = {ROOT: 0.0, FINETUNE: 0.38, ADAPTER: 0.22, MERGE: 0.2, QUANTIZED: 0.92}
"""How often a derivative carries its parent's name and a suffix."""

LONGEST_CHAIN = 5
"""Suffixes that a name carries at most; after that a model gets a name of its own."""

COMMON_NAME_SHARE = 0.08
"""Share of models that would bear one of `COMMON_NAMES` if they derived from nothing."""

MODELS_PER_BRAND = 6
"""Models of the Hub for each brand that names may begin with."""

VARIANTS = ("", "", "", "-Instruct", "-Instruct", "-Chat", "-Base", "-it", "-Coder", "-Thinking")
VERSIONS = ("", "", "", "-2", "-3", "-2.5", "-3.1", "-v2", "-1.5", "-v0.2")
WORDS = (
    "medical", "legal", "code", "math", "chat", "story", "emotion", "sentiment", "news", "finance", "poetry", "korean",
    "german", "hindi", "arabic", "reasoning", "sql", "roleplay", "uncensored", "summary", "translation", "anime",
    "portrait", "pixel", "watercolor", "voice", "support", "science", "recipe", "travel", "router", "judge",
)  # fmt: skip
COMMON_NAMES = (
    "my-model", "test", "results", "my_awesome_model", "ppo-LunarLander-v2", "q-FrozenLake-v1-4x4-noSlippery", "output",
    "lora_model", "finetuned-model", "my_awesome_eli5_clm-model", "Taxi-v3", "sft-model", "whisper-small-hi", "model",
    "test-model", "vit-base-beans", "distilbert-base-uncased-finetuned-emotion", "ner-model", "checkpoint-1000", "dpo",
)  # fmt: skip
"""Names that many unrelated models share."""

QUANTIZED_SUFFIXES = {
    "gguf": ("-GGUF", "-GGUF", "-GGUF", "-GGUF", "-i1-GGUF", "-Q4_K_M-GGUF", "-Q4_K_M-GGUF", "-Q8_0-GGUF", "-gguf"),
    "awq": ("-AWQ", "-AWQ", "-awq-4bit"),
    "gptq": ("-GPTQ", "-GPTQ-Int4", "-GPTQ-4bit"),
    "bitsandbytes": ("-bnb-4bit", "-bnb-4bit", "-4bit"),
    "mlx": ("-4bit", "-8bit", "-mlx-4Bit", "-6bit"),
    "exl2": ("-exl2-6.0bpw", "-exl2", "-4.65bpw-h6-exl2", "-8.0bpw-exl2"),
    "onnx": ("-ONNX", "-onnx"),
}
ADAPTER_SUFFIXES = ("-lora", "-lora", "-lora-v2", "-LoRA", "-qlora", "-adapter", "-sft-lora", "-lora-{word}", "-peft")
FINETUNE_SUFFIXES = (
    "-{word}",
    "-{word}",
    "-sft",
    "-dpo",
    "-finetuned",
    "-finetuned-{word}",
    "-ft-{word}",
    "-v2",
    "-abliterated",
    "-{word}-v2",
)
MERGE_SUFFIXES = ("-merged", "-merge", "-slerp", "-dare-ties", "-{word}-merge")

ONSETS = "bdfghjklmnprstvz"
VOWELS = "aeiou"
SYLLABLES = [onset + vowel for onset in ONSETS for vowel in VOWELS]
_PAIRS = [first + second for first in SYLLABLES for second in SYLLABLES]


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


def gone_models(number: Integers) -> pl.Series:
    """Ids of models that were on the Hub once, before any date that can be crawled."""
    owner = _capitalised(_two_syllables(number)) + "-archive"
    return owner + "/" + _capitalised(_two_syllables(number + 3_000)) + "-7B"


def _fresh_names(rng: np.random.Generator, derivation: Derivation, traits: Traits, size: int) -> pl.Series:
    """A name for every model as if it derived from nothing."""
    n = len(derivation.relation)
    brand = _two_syllables(rng.integers(0, 6_400, n))
    brand += _two_syllables(rng.integers(0, max(size // MODELS_PER_BRAND // 64, 4), n))
    word = _words(WORDS, rng, n)
    parts = pl.DataFrame(
        {
            "brand": brand,
            "Brand": _capitalised(brand),
            "word": word,
            "version": _words(VERSIONS, rng, n),
            "variant": _words(VARIANTS, rng, n),
            "size": _size_labels(traits.billions),
            "common": _words(COMMON_NAMES, rng, n),
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
    of_relations = {
        FINETUNE: _words(FINETUNE_SUFFIXES, rng, n),
        ADAPTER: _words(ADAPTER_SUFFIXES, rng, n),
        MERGE: _words(MERGE_SUFFIXES, rng, n),
    }
    of_packagings = {code: _words(QUANTIZED_SUFFIXES[kind], rng, n) for code, kind in enumerate(PACKAGINGS)}
    frame = pl.DataFrame({"relation": derivation.relation, "packaging": packaging, "word": _words(WORDS, rng, n)})
    suffix = pl.lit("")
    for relation, drawn in of_relations.items():
        suffix = pl.when(pl.col("relation") == relation).then(pl.lit(drawn)).otherwise(suffix)
    for code, drawn in of_packagings.items():
        suffix = pl.when(pl.col("packaging") == code).then(pl.lit(drawn)).otherwise(suffix)
    return frame.select(suffix=suffix.str.replace("{word}", pl.col("word"), literal=True))["suffix"]


def _family_names(
    rng: np.random.Generator, derivation: Derivation, attachment: Attachment, fresh: pl.Series, suffix: pl.Series
) -> pl.Series:
    """The nearest ancestor's own name, then the suffixes of the generations below it."""
    chance = by_relation(NAMED_AFTER_PARENT, derivation.relation)
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
    word = _four_syllables(np.arange(n), seed)
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
        .then(pl.lit(_capitalised(word)))
        .otherwise(pl.concat_str("word", pl.lit("-ai")))
    )["author"]
    return name.gather(publishers.number)


def _four_syllables(number: Integers, salt: int) -> pl.Series:
    """A word of eight letters for each number below 40,960,000, and no word twice."""
    period = len(_PAIRS) ** 2
    scrambled = (number * 15_485_863 + (salt + 1) * 8_191_313) % period
    return _two_syllables(scrambled // len(_PAIRS)) + _two_syllables(scrambled % len(_PAIRS))


def _two_syllables(number: Integers) -> pl.Series:
    """A word of four letters for each number below 6,400."""
    return pl.Series("word", _PAIRS, dtype=pl.String).gather(number * 797 % len(_PAIRS))


def _words(vocabulary: tuple[str, ...], rng: np.random.Generator, n: int) -> pl.Series:
    """`n` words drawn at random."""
    return pl.Series("word", vocabulary, dtype=pl.String).gather(rng.integers(0, len(vocabulary), n))


def _capitalised(series: pl.Series) -> pl.Series:
    """The words with a capital letter at the start."""
    return series.str.slice(0, 1).str.to_uppercase() + series.str.slice(1)

"""What a listing says of a model beside its name and its parents.

Domain and size (`endow`), how quantized copies are packed (`pack`), task, library, weights, architecture, licence
and tags (`describe`), benchmark results (`model_index`): these never change. Downloads and likes (`attract`) grow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from mdi_pipeline.simulator.derivation import (
    ADAPTER,
    FINETUNE,
    MERGE,
    QUANTIZED,
    ROOT,
    Derivation,
    Prominence,
    by_relation,
)
from mdi_pipeline.simulator.population import DAY, Population
from mdi_pipeline.simulator.setting import Flags, Integers, Reals, Setting, choose

# 1. Domain and number of parameters. Derivatives inherit both from their root.

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


# 2. How quantized copies are packed.

PACKAGING_SHARES = {
    "gguf": 0.64,
    "awq": 0.06,
    "gptq": 0.07,
    "bitsandbytes": 0.07,
    "mlx": 0.09,
    "exl2": 0.05,
    "onnx": 0.02,
}
PACKAGINGS = tuple(PACKAGING_SHARES)
NOT_PACKED = -1


def pack(derivation: Derivation, setting: Setting) -> Integers:
    """The position in `PACKAGINGS` for quantized copies, `NOT_PACKED` for all others."""
    _, kind = choose(setting.stream("packaging"), PACKAGING_SHARES, len(derivation.relation))
    return np.where(derivation.relation == QUANTIZED, kind, NOT_PACKED)


# 3. The fields that do not change.

TASKS = {
    LLM: ("text-generation", "text-generation", "text-generation", "image-text-to-text"),
    TEXT: ("text-classification", "feature-extraction", "sentence-similarity", "token-classification", "fill-mask"),
    IMAGE_GENERATION: ("text-to-image",),
    SPEECH: ("automatic-speech-recognition", "text-to-speech"),
    VISION: ("image-classification", "object-detection"),
    CONTROL: ("reinforcement-learning",),
    OTHER: ("tabular-classification", "any-to-any", "robotics"),
}
LIBRARIES = {
    LLM: "transformers",
    TEXT: "sentence-transformers",
    IMAGE_GENERATION: "diffusers",
    SPEECH: "transformers",
    VISION: "transformers",
    CONTROL: "stable-baselines3",
    OTHER: "keras",
}
ARCHITECTURES = {
    LLM: (("LlamaForCausalLM", "llama"), ("Qwen2ForCausalLM", "qwen2"), ("MistralForCausalLM", "mistral"),
          ("Gemma2ForCausalLM", "gemma2"), ("Qwen3ForCausalLM", "qwen3"), ("Phi3ForCausalLM", "phi3")),
    TEXT: (("BertForSequenceClassification", "bert"), ("RobertaForMaskedLM", "roberta"), ("BertModel", "bert")),
    SPEECH: (("WhisperForConditionalGeneration", "whisper"), ("Wav2Vec2ForCTC", "wav2vec2")),
    VISION: (("ViTForImageClassification", "vit"), ("DetrForObjectDetection", "detr")),
}  # fmt: skip
LICENSES = {"apache-2.0": 0.33, "mit": 0.2, "llama3.1": 0.08, "other": 0.15, "openrail": 0.1, "cc-by-nc-4.0": 0.14}
LANGUAGES = {"en": 0.7, "zh": 0.1, "ko": 0.05, "de": 0.05, "ja": 0.05, "fr": 0.05}
GATED = {"false": 0.975, "auto": 0.017, "manual": 0.008}

TASK_FILLED = 0.34
LIBRARY_FILLED = {ROOT: 0.44, FINETUNE: 0.5, ADAPTER: 0.62, MERGE: 0.9, QUANTIZED: 0.60}
WEIGHTS_FILLED = {ROOT: 0.21, FINETUNE: 0.55, ADAPTER: 0.28, MERGE: 0.85, QUANTIZED: 0.75}
"""Share of models that state a field, by relation."""

WEIGHTS_FILLED_BY_PROMINENT = 0.8
"""Prominent models state their weights at least so often."""

CARD_FILLED = 0.62
CONFIG_FILLED = 0.5
ADAPTER_CONFIG_FILLED = 0.8
LICENSE_FILLED = 0.6
LANGUAGE_FILLED = 0.35
SIGNAL_SHOWN = 0.94
"""How often adapters and quantized copies carry the tags of their kind."""

PACKED = {"gguf": 1.0, "awq": 0.16, "gptq": 0.16, "bitsandbytes": 0.53, "mlx": 0.16, "exl2": 0.3, "onnx": 1.0}
"""What quantized weights state of the true number of parameters: packed ones count words, not weights."""

PACKAGING_TAGS = {
    "gguf": ("gguf", None), "awq": ("awq", "4-bit"), "gptq": ("gptq", "4-bit"),
    "bitsandbytes": ("bitsandbytes", "4-bit"), "mlx": ("mlx", "4-bit"), "exl2": ("exl2", None), "onnx": ("onnx", None),
}  # fmt: skip


def describe(
    derivation: Derivation,
    traits: Traits,
    *,
    prominent: Integers,
    root: Integers,
    packaging: Integers,
    setting: Setting,
) -> pl.DataFrame:
    """Constant fields, a row per model.

    `signal_1` and `signal_2` are the tags that tell adapters and quantized copies; `parameters` is what the
    weights state, `has_card`, `has_config` and `has_adapter_config` whether the listing shows those at all.
    """
    rng = setting.stream("metadata")
    n = len(root)
    relation = derivation.relation
    task = _by_domain(TASKS, traits.domain, rng.integers(0, 60, n)[root])
    shown = rng.random(n) < SIGNAL_SHOWN
    is_adapter = relation == ADAPTER
    is_peft = is_adapter & (traits.domain != IMAGE_GENERATION)
    return pl.DataFrame(
        {
            "pipeline_tag": _where(rng.random(n) < TASK_FILLED, task),
            "library_name": _where(_filled(rng, LIBRARY_FILLED, relation), _library(traits, relation, packaging)),
            "license": _where(rng.random(n) < LICENSE_FILLED, _drawn(rng, LICENSES, n)),
            "language": _where(rng.random(n) < LANGUAGE_FILLED, _drawn(rng, LANGUAGES, n)),
            "gated": _drawn(rng, GATED, n),
            "signal_1": _where(shown, _signal(relation, packaging, "lora", 0)),
            "signal_2": _where(shown, _signal(relation, packaging, None, 1)),
            "architecture": _by_domain(_architectures(0), traits.domain, rng.integers(0, 60, n)[root]),
            "parameters": _parameters(rng, derivation, traits, packaging, prominent),
            "is_gguf": packaging == PACKAGINGS.index("gguf"),
            "has_card": rng.random(n) < CARD_FILLED,
            "has_config": (rng.random(n) < CONFIG_FILLED) & ~is_peft,
            "has_adapter_config": is_peft & (rng.random(n) < ADAPTER_CONFIG_FILLED),
        }
    ).with_columns(
        model_type=pl.col("architecture").replace_strict(
            {name: kind for pairs in ARCHITECTURES.values() for name, kind in pairs}, return_dtype=pl.String
        )
    )


def _architectures(position: int) -> dict[int, tuple[str, ...]]:
    return {code: tuple(pair[position] for pair in pairs) for code, pairs in ARCHITECTURES.items()}


def _by_domain(vocabulary: dict[int, tuple[str, ...]], domain: Integers, draw: Integers) -> pl.Series:
    """A word of each model's domain; null where the domain has none."""
    flat: list[str | None] = [None]
    start, count = np.zeros(len(TASKS), dtype=np.int64), np.ones(len(TASKS), dtype=np.int64)
    for code, words in vocabulary.items():
        start[code], count[code] = len(flat), len(words)
        flat.extend(words)
    return pl.Series("word", flat, dtype=pl.String).gather(start[domain] + draw % count[domain])


def _library(traits: Traits, relation: Integers, packaging: Integers) -> pl.Series:
    names = [LIBRARIES[code] for code in range(len(LIBRARIES))]
    position = traits.domain.copy()
    extra = {"peft": (relation == ADAPTER) & (traits.domain != IMAGE_GENERATION)}
    extra |= {kind: packaging == PACKAGINGS.index(kind) for kind in ("gguf", "mlx", "onnx")}
    for name, chosen in extra.items():
        position[chosen] = len(names)
        names.append(name)
    return pl.Series("library", names).gather(position)


def _signal(relation: Integers, packaging: Integers, of_adapters: str | None, place: int) -> pl.Series:
    tags = [None, of_adapters, *(PACKAGING_TAGS[kind][place] for kind in PACKAGINGS)]
    position = np.where(packaging >= 0, packaging + 2, (relation == ADAPTER).astype(np.int64))
    return pl.Series("tag", tags, dtype=pl.String).gather(position)


def _parameters(
    rng: np.random.Generator, derivation: Derivation, traits: Traits, packaging: Integers, prominent: Integers
) -> pl.Series:
    """What the repository's own weights state: adapters their own few, packed copies too few."""
    factor = np.array([PACKED[kind] for kind in PACKAGINGS])[np.maximum(packaging, 0)]
    factor = np.where(packaging >= 0, factor, 1.0)
    adapter = rng.choice([0.0008, 0.0016, 0.0053, 0.0106, 0.021], len(factor))
    factor = np.where(derivation.relation == ADAPTER, adapter, factor)
    filled = _filled(rng, WEIGHTS_FILLED, derivation.relation)
    filled[prominent] |= rng.random(len(prominent)) < WEIGHTS_FILLED_BY_PROMINENT
    stated = np.maximum(traits.billions * 1e9 * factor * (1 + 0.03 * np.sin(traits.billions * 7)), 1).astype(np.int64)
    return _where(filled, pl.Series(stated))


def _filled(rng: np.random.Generator, shares: dict[int, float], relation: Integers) -> Flags:
    filled: Flags = rng.random(len(relation)) < by_relation(shares, relation)
    return filled


def _drawn(rng: np.random.Generator, shares: dict[str, float], n: int) -> pl.Series:
    words, position = choose(rng, shares, n)
    return pl.Series("word", words).gather(position)


def _where(shown: Flags, series: pl.Series) -> pl.Series:
    """The series, null where it is not shown."""
    return pl.DataFrame({"value": series, "shown": shown}).select(pl.when("shown").then("value"))["value"]


# 4. Benchmark results that some models report of themselves.

BENCHMARKS = {
    LLM: ("mmlu", "acc"),
    TEXT: ("glue", "accuracy"),
    IMAGE_GENERATION: ("coco", "fid"),
    SPEECH: ("common_voice", "wer"),
    VISION: ("imagenet-1k", "accuracy"),
    CONTROL: ("LunarLander-v2", "mean_reward"),
    OTHER: ("tabular", "f1"),
}
"""The benchmark data set and metric of each domain."""

RESULTS_REPORTED = 0.03
"""Share of models that report results, as in real crawls of 2026."""


def model_index(traits: Traits, setting: Setting) -> pl.Series:
    """The model index of each model; null for most. Larger models have the higher results, give or take."""
    rng = setting.stream("benchmarks")
    n = len(traits.billions)
    score = 1 / (1 + np.exp(-0.5 * np.log(traits.billions + 1e-3) - rng.normal(0, 0.5, n)))
    datasets, metrics = (pl.Series([BENCHMARKS[code][place] for code in range(len(BENCHMARKS))]) for place in (0, 1))
    text = pl.concat_str(
        pl.lit('[{"name": "model", "results": [{"task": {"type": "evaluation"}, "dataset": {"type": "'),
        "dataset",
        pl.lit('"}, "metrics": [{"type": "'),
        "metric",
        pl.lit('", "value": '),
        pl.col("score").round(3),
        pl.lit("}]}]}]"),
    )
    return pl.DataFrame(
        {
            "dataset": datasets.gather(traits.domain),
            "metric": metrics.gather(traits.domain),
            "score": score,
            "reported": rng.random(n) < RESULTS_REPORTED,
        }
    ).select(model_index=pl.when("reported").then(text))["model_index"]


# 5. Downloads and likes.


@dataclass(frozen=True)
class Popularity:
    """What a model draws in the long run, and in how many days it draws most of it."""

    downloads: Reals
    likes: Reals
    days: Reals

    def downloads_by(self, population: Population, moment: int) -> Integers:
        """Downloads since creation; they only grow."""
        return np.floor(self.downloads * self._elapsed(population, moment)).astype(np.int64)

    def likes_by(self, population: Population, moment: int) -> Integers:
        """Likes since creation; they only grow."""
        return np.floor(self.likes * self._elapsed(population, moment)).astype(np.int64)

    def _elapsed(self, population: Population, moment: int) -> Reals:
        """The share of a model's long run that has passed: quick at first, then ever slower, without end."""
        age = np.maximum(moment - population.created, 0) / DAY
        return np.log1p(age / self.days) / np.log1p(1_000 / self.days)


def attract(prominence: Prominence, n_models: int, setting: Setting) -> Popularity:
    """Heavy tails; prominent models draw more in proportion to the root of the children they gather."""
    rng = setting.stream("popularity")
    appeal = np.ones(n_models)
    appeal[prominence.members] += 20 * np.sqrt(prominence.children)
    downloads = 40 * appeal * rng.lognormal(0, 1.7, n_models)
    likes = 0.4 * appeal * rng.lognormal(0, 1.3, n_models)
    return Popularity(downloads, likes, rng.uniform(5, 60, n_models))

"""The fields of a model that do not change: task, library, weights, architecture, licence and tags."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.simulator.derivation import ADAPTER, FINETUNE, MERGE, QUANTIZED, ROOT, Derivation
from mdi_pipeline.simulator.packaging import KINDS
from mdi_pipeline.simulator.setting import Flags, Integers, Setting, choose
from mdi_pipeline.simulator.traits import CONTROL, IMAGE_GENERATION, LLM, OTHER, SPEECH, TEXT, VISION, Traits

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

KIND_TAGS = {
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
            "is_gguf": packaging == KINDS.index("gguf"),
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
    extra |= {kind: packaging == KINDS.index(kind) for kind in ("gguf", "mlx", "onnx")}
    for name, chosen in extra.items():
        position[chosen] = len(names)
        names.append(name)
    return pl.Series("library", names).gather(position)


def _signal(relation: Integers, packaging: Integers, of_adapters: str | None, place: int) -> pl.Series:
    tags = [None, of_adapters, *(KIND_TAGS[kind][place] for kind in KINDS)]
    position = np.where(packaging >= 0, packaging + 2, (relation == ADAPTER).astype(np.int64))
    return pl.Series("tag", tags, dtype=pl.String).gather(position)


def _parameters(
    rng: np.random.Generator, derivation: Derivation, traits: Traits, packaging: Integers, prominent: Integers
) -> pl.Series:
    """What the repository's own weights state: adapters their own few, packed copies too few."""
    factor = np.array([PACKED[kind] for kind in KINDS])[np.maximum(packaging, 0)]
    factor = np.where(packaging >= 0, factor, 1.0)
    adapter = rng.choice([0.0008, 0.0016, 0.0053, 0.0106, 0.021], len(factor))
    factor = np.where(derivation.relation == ADAPTER, adapter, factor)
    filled = _filled(rng, WEIGHTS_FILLED, derivation.relation)
    filled[prominent] |= rng.random(len(prominent)) < WEIGHTS_FILLED_BY_PROMINENT
    stated = np.maximum(traits.billions * 1e9 * factor * (1 + 0.03 * np.sin(traits.billions * 7)), 1).astype(np.int64)
    return _where(filled, pl.Series(stated))


def _filled(rng: np.random.Generator, shares: dict[int, float], relation: Integers) -> Flags:
    share = np.array([shares[code] for code in sorted(shares)])[relation - ROOT]
    filled: Flags = rng.random(len(relation)) < share
    return filled


def _drawn(rng: np.random.Generator, shares: dict[str, float], n: int) -> pl.Series:
    words, position = choose(rng, shares, n)
    return pl.Series("word", words).gather(position)


def _where(shown: Flags, series: pl.Series) -> pl.Series:
    """The series, null where it is not shown."""
    return pl.DataFrame({"value": series, "shown": shown}).select(pl.when("shown").then("value"))["value"]

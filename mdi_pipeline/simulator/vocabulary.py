"""Words that names are made of."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.simulator.setting import Integers

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


def four_syllables(number: Integers, salt: int) -> pl.Series:
    """A word of eight letters for each number below 40,960,000, and no word twice."""
    period = len(_PAIRS) ** 2
    scrambled = (number * 15_485_863 + (salt + 1) * 8_191_313) % period
    return two_syllables(scrambled // len(_PAIRS)) + two_syllables(scrambled % len(_PAIRS))


def two_syllables(number: Integers) -> pl.Series:
    """A word of four letters for each number below 6,400."""
    return pl.Series("word", _PAIRS, dtype=pl.String).gather(number * 797 % len(_PAIRS))


def words(vocabulary: tuple[str, ...], rng: np.random.Generator, n: int) -> pl.Series:
    """Words drawn at random."""
    return pl.Series("word", vocabulary, dtype=pl.String).gather(rng.integers(0, len(vocabulary), n))


def capitalised(series: pl.Series) -> pl.Series:
    """With a capital letter at the start."""
    return series.str.slice(0, 1).str.to_uppercase() + series.str.slice(1)


def gone_models(number: Integers) -> pl.Series:
    """Ids of models that were on the Hub once, before any date that can be crawled."""
    owner = capitalised(two_syllables(number)) + "-archive"
    return owner + "/" + capitalised(two_syllables(number + 3_000)) + "-7B"

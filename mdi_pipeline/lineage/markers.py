"""The words that a re-packaging, an adapter or a finetune carries at the end of its name: one list of them all.

A word's *shape* is the word in lower case with each number in it replaced by `#`: `Q4` and `q8` have the
shape `q#`, `6.0bpw` has `#bpw`, `w4a16` has `w#a#`. Lists hold shapes, so that no number is written here.

How good each family is: the share of guesses that name a declared parent, hidden before, on the curated crawl
of 2026-08-22 (15,156 models), with the lower end of its 95 % interval and the guesses it is of. Both halves of
the authors: the one that these lists were tuned on, and in the second column the one that they were not. A
guess leads to a model that declares no parent (`root`), or to another (docs/lineage.md has all of them).

| family, to a root | tuned on | not tuned on |
| --- | --- | --- |
| gguf | 0.942 (0.881, of 121) | 0.912 (0.837, of 80) |
| mlx | 0.925 (0.706, of 40) | 1.000 (0.852, of 46) |
| exported | 1.000 (0.478, of 6) | 0.750 (0.000, of 4) |
| low_bits | 0.961 (0.923, of 128) | 0.963 (0.910, of 109) |
| adapter | 1.000 (0.292, of 5) | 1.000 (0.158, of 2) |
| uncensored | 1.000 (0.664, of 12) | 0.913 (0.783, of 23) |
| tuned | no guess | no guess |
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Markers of one kind: where a name ends in one of `shapes`, what stands before it is the parent's name.

    `relation` is how such a child derives. A `repackages` family changes the form and not the weights'
    meaning, so that its bearers are siblings of each other and parents of none.
    """

    name: str
    relation: str
    repackages: bool
    shapes: tuple[str, ...]


FAMILIES = (
    Family("gguf", "quantized", True, ("gguf", "ggufs", "ggml", "llamafile", "gguf#")),
    Family("mlx", "quantized", True, ("mlx", "mtplx", "jang", "jangtq", "optiq#", "optiq")),
    Family(
        "exported",
        "quantized",
        True,
        ("onnx", "openvino", "ov", "coreml", "litert", "litertlm", "tflite", "executorch", "ncnn", "rknn", "tensorrt"),
    ),
    Family(
        "low_bits",
        "quantized",
        True,
        (
            *(
                "awq",
                "gptq",
                "gptqmodel",
                "autoawq",
                "autoround",
                "round",
                "bnb",
                "bitsandbytes",
                "hqq",
                "aqlm",
                "quip",
            ),
            *("torchao", "modelopt", "exl#", "exllamav#", "marlin", "quanto", "smoothquant", "sinq", "convrot"),
            *("quantized", "quant", "quants", "compressed"),
            *("#bit", "#bits", "#bpw", "int#", "uint#", "nf#", "w#a#", "w#a#kv#", "int#wo", "w#", "oq#", "oq#e"),
            *("fp#", "nvfp#", "mxfp#", "nvfp#a#", "mxfp#a#", "mxint#", "rocmfp#", "rocmfpx", "bf#", "f#"),
            *("q#", "iq#", "tq#", "q#k", "q#ks", "q#km", "q#kl"),
        ),
    ),
    Family("adapter", "adapter", False, ("lora", "loras", "qlora", "dora", "adapter", "adapters", "peft")),
    Family(
        "uncensored",
        "finetune",
        False,
        ("abliterated", "heretic", "uncensored", "ablit", "obliterated", "decensored", "derestricted"),
    ),
    Family("tuned", "finetune", False, ("finetuned", "finetune", "ft", "sft", "dpo", "grpo", "rlhf", "orpo", "kto")),
)
"""Kinds of markers; a name that carries several of those that re-package counts under the first of them."""

FULL_PRECISION = ("bf16", "fp16", "f16", "fp32", "f32", "16bit")
"""Of those that re-package, the words that may also name the weights as they were trained."""

QUALIFIERS = (
    *("i#", "imatrix", "imat", "ud", "dynamic", "mixed", "static", "block", "channel", "tensor", "per", "token"),
    *(
        "sym",
        "asym",
        "g#",
        "gs#",
        "vllm",
        "sglang",
        "calibrated",
        "axq",
        "dq",
        "dwq",
        "hb#",
        "kv",
        "kv#",
        "pure",
        "auto",
        "group#",
    ),
)
"""Words that say more of a marker and mean nothing alone; they may stand on either side of it."""

VARIANTS = ("mtp", "text", "only", "textonly", "vision", "hybrid", "smol", "mini", "lite")
"""Words that may name a model of its own as well: the model that carries them is meant where there is one."""

NUMBERINGS = ("v#", "#", "ckpt", "checkpoint", "step#", "epoch#", "e#", "r#", "rank#")
"""Versions, dates and steps: stripped only after a marker (`-lora-v2`); before it they belong to the parent."""

"""How quantized copies are packed."""

from __future__ import annotations

import numpy as np

from mdi_pipeline.simulator.derivation import QUANTIZED, Derivation
from mdi_pipeline.simulator.setting import Integers, Setting, choose

SHARES = {"gguf": 0.64, "awq": 0.06, "gptq": 0.07, "bitsandbytes": 0.07, "mlx": 0.09, "exl2": 0.05, "onnx": 0.02}
KINDS = tuple(SHARES)
NONE = -1


def pack(derivation: Derivation, setting: Setting) -> Integers:
    """The position in `KINDS` for quantized copies, `NONE` for all others."""
    _, kind = choose(setting.stream("packaging"), SHARES, len(derivation.relation))
    return np.where(derivation.relation == QUANTIZED, kind, NONE)

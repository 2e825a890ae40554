"""What a step's result hangs on, in one short text.

Equal fingerprints mean equal results, so the work can be left undone. Code counts by the text of the
modules themselves: nobody has to remember to raise a version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LENGTH = 16
"""Hexadecimal digits of a fingerprint: enough that two never meet by chance in a home."""


@cache
def code_version(*layers: str) -> str:
    """A digest of the source of some layers (packages or modules of `mdi_pipeline`)."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for layer in layers:
        package = root / layer
        files = sorted(package.rglob("*")) if package.is_dir() else [package.with_suffix(".py")]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(root)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:LENGTH]


def fingerprint(parts: Mapping[str, object]) -> str:
    """A digest of named parts: inputs, code version, settings."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]

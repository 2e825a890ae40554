"""Real crawls and networks with known answers that stand beside the project on some machines, never in it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="no folder `shared` with real crawls beside the project: it is not part of it"
)

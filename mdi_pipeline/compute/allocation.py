"""How this process gives memory back to the system: later than by default, since it is about to ask for it again.

Frames and arrays of a whole Hub are made and dropped many times a second, and the kernel has to clear every page that
it hands out anew: that was a fifth of all CPU time at three million models. Pages that were let go of are now kept for
a minute. All threads share one pool, of small pieces and large ones: what one thread lets go of another can take, where
pools of their own would each keep as much as they ever held.
"""

from __future__ import annotations

import ctypes
import os

KEPT_BYTES = 1_000_000_000
"""What the C library's allocator, which numpy uses, keeps at most; by itself 0.1 MB."""

POLARS_ALLOCATOR = "_RJEM_MALLOC_CONF"
"""Where the allocator of Polars, jemalloc, looks for settings when it is loaded: https://jemalloc.net/jemalloc.3.html"""

KEPT_IN_ONE_POOL = "dirty_decay_ms:60000,muzzy_decay_ms:60000,oversize_threshold:0,narenas:1"
"""By itself it keeps what was let go of half a second, in four pools for each core and one of large pieces."""

POLARS_OWN = "dirty_decay_ms:500,muzzy_decay_ms:1000"
"""What Polars sets there on import, and hands on to whatever a process starts, before what was there already."""

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""

ARENAS = 1
"""How many pools of memory the C library keeps for all threads; by itself eight for each core."""


def keep_freed_memory() -> None:
    """Set both allocators; the one of Polars only where Polars is not imported yet, and but for what a user has set."""
    of_user = os.environ.get(POLARS_ALLOCATOR, "").removeprefix(POLARS_OWN).strip(",")
    os.environ[POLARS_ALLOCATOR] = f"{KEPT_IN_ONE_POOL},{of_user}".strip(",")
    set_parameter = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it, other C libraries do not
    if set_parameter is not None:
        for parameter in (TRIM_THRESHOLD, MMAP_THRESHOLD):
            set_parameter(parameter, KEPT_BYTES)
        set_parameter(ARENA_MAX, ARENAS)

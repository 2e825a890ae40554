"""Whether the process that left something behind is still there."""

from __future__ import annotations

import os


def is_alive(process_id: str) -> bool:
    """Whether a process of this machine exists; False for what is no process id."""
    if not process_id.isdigit():
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

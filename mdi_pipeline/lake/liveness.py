"""Whether the process that left something behind is still there."""

from __future__ import annotations

import os
from pathlib import Path


def is_alive(process_id: str) -> bool:
    """Whether a process of this machine runs; False for a zombie, and for what is no process id."""
    if not process_id.isdigit():
        return False
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(process_id)


def _has_ended(process_id: str) -> bool:
    """Whether a process is a zombie, where the system says so."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"

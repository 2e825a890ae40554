"""Files that survive a power cut: what stands in their place is the old one or the new one, whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace_durably(staged: Path, target: Path) -> None:
    """Put a finished file in the place of another in one step that survives a power cut.

    The folder of `target` is made where it is missing. Raises `OSError`.
    """
    with staged.open("rb") as opened:
        os.fsync(opened.fileno())
    make_folder_durably(target.parent)
    staged.replace(target)
    sync_folder(target.parent)


def make_folder_durably(folder: Path) -> None:
    """Make a folder, and those above it that are missing, so that they survive a power cut. Raises `OSError`."""
    if folder.is_dir():
        return
    make_folder_durably(folder.parent)
    folder.mkdir(exist_ok=True)
    # A folder's name stands in the one above it: that is what must reach the disk.
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises `OSError`."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

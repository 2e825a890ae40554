"""What must reach the disk, and in which order."""

import os
from pathlib import Path

import pytest

from mdi_pipeline.compute.durable import replace_durably


def test_s6_file_and_every_new_folder_reach_the_disk_before_the_name_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    staged = tmp_path / "staged"
    staged.write_text("whole")
    target = tmp_path / "table" / "crawl_date=2026-08-31" / "part-0.parquet"
    replace_durably(staged, target)
    # The file, then the folder that names `table`, then the one that names the date's folder, then the file's own.
    assert synced == [staged, tmp_path, tmp_path / "table", target.parent]
    assert target.read_text() == "whole"
    assert not staged.exists()


def test_s6_a_folder_that_is_there_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    (tmp_path / "staged").write_text("new")
    (tmp_path / "old").write_text("old")
    monkeypatch.setattr(os, "fsync", synced.append)
    replace_durably(tmp_path / "staged", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new"
    assert len(synced) == 2

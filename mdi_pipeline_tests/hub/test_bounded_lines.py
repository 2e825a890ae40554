"""Lines of files that mean harm: read within bounds of memory, or refused in one line."""

import gzip
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline.hub import bounded_lines
from mdi_pipeline.hub.bounded_lines import MAX_LINE_BYTES
from mdi_pipeline.hub.source import SourceError

GIGABYTE = 2**30


def lines_of(file: Path) -> list[tuple[int, str | None]]:
    return pl.concat(list(bounded_lines.bounded_lines(file))).rows()


@pytest.mark.parametrize("piece", [1, 3, 7, 1_000])
def test_lines_are_the_same_however_they_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(bounded_lines, "PIECE_BYTES", piece)
    monkeypatch.setattr(bounded_lines, "MAX_LINE_BYTES", 9)
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"one\n\nlonger than nine\r\n\xff two\nand the last, too long")
    assert lines_of(file) == [(1, "one"), (2, ""), (3, None), (4, "\x1a two"), (5, None)]
    file.write_bytes(b"\n\none")
    assert lines_of(file) == [(1, ""), (2, ""), (3, "one")]


def test_a_packed_file_has_the_lines_of_the_plain_one(tmp_path: Path) -> None:
    lines = [f'{{"id": "a/{number}"}}' for number in range(50_000)]
    packed, frame = tmp_path / "lines.jsonl.gz", tmp_path / "lines.jsonl.zst"
    packed.write_bytes(gzip.compress("\n".join(lines).encode()))
    rows = ", ".join(["number AS n", "concat('{\"id\": \"a/', number, '\"}') AS line"])
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT line FROM (SELECT {rows} FROM range(50_000) AS r(number)) ORDER BY n) "
            f"TO '{frame}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|', COMPRESSION zstd)"
        )
    expected = list(enumerate(lines, start=1))
    assert lines_of(packed) == expected
    assert lines_of(frame) == expected


def bomb(file: Path) -> None:
    """A gigabyte of one line, packed a thousandfold."""
    part = b"x" * 2**20
    if file.suffix == ".gz":
        with gzip.open(file, "wb", compresslevel=1) as packed:
            for _ in range(GIGABYTE // len(part)):
                packed.write(part)
        return
    frame = (0xFD2FB528).to_bytes(4, "little") + bytes([0x00, 0x58])
    blocks = [(2**17 << 3 | 1 << 1 | last).to_bytes(3, "little") + b"x" for last in [False] * 8_191 + [True]]
    file.write_bytes(frame + b"".join(blocks))


@pytest.mark.parametrize("name", ["bomb.jsonl.gz", "bomb.jsonl.zst"])
def test_s11_a_packed_gigabyte_is_refused_within_half_a_gigabyte(tmp_path: Path, name: str) -> None:
    bomb(tmp_path / name)
    assert (tmp_path / name).stat().st_size < 6 * 2**20
    refused = _read_in_half_a_gigabyte(tmp_path / name)
    assert "unpacks to more than 100 times its size" in refused


def test_s11_a_line_of_a_gigabyte_is_no_record_and_is_not_held(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as lines:
        lines.write(b'{"id": "a/b"}\n')
        lines.seek(GIGABYTE)
        lines.write(b'\n{"id": "c/d"}\n')
    assert _read_in_half_a_gigabyte(file) == "2 models, 1 bad: longer than 32 MiB"


def _read_in_half_a_gigabyte(file: Path) -> str:
    """What comes of reading a file in a process that never holds half a gigabyte more than when it began."""
    code = f"""
import resource
from pathlib import Path
from mdi_pipeline.hub.json_lines import parse_json_lines
from mdi_pipeline.hub.source import SourceError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read = parse_json_lines(Path({str(file)!r}))
    reasons = ", ".join(read.reading.bad_records["reason"])
    print(f"{{read.records.height}} models, {{read.reading.n_bad_records}} bad: {{reasons}}")
except SourceError as error:
    print(error)
held = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
assert held < {GIGABYTE // 2}, held
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize("content", [b"no zstd", b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfd\x00\x58\x00"])
def test_a_damaged_zstd_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "damaged.jsonl.zst"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"damaged\.jsonl\.zst: cannot be read: [^\n]*$"):
        lines_of(file)


def test_a_line_of_the_longest_length_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    file.write_bytes(b"x" * MAX_LINE_BYTES + b"\n" + b"y" * (MAX_LINE_BYTES + 1))
    assert [(number, line and len(line)) for number, line in lines_of(file)] == [(1, MAX_LINE_BYTES), (2, None)]

"""Which sources there are, and how each is opened."""

from __future__ import annotations

from pathlib import Path

from mdi_pipeline.hub.source import Source, SourceError

SOURCES = ("demo", "files")


def open_source(kind: str, *, path: str | None = None, size: int = 20_000, seed: int = 0) -> Source:
    """The source of a kind: `demo` with a size and a seed, `files` with the path of a folder.

    Raises `SourceError` for an unknown kind, a missing path, or a folder that holds no crawl.
    """
    if kind == "demo":
        from mdi_pipeline.hub.demo import DemoSource

        return DemoSource(size=size, seed=seed)
    if kind == "files":
        if path is None:
            raise SourceError("the source `files` needs a folder: --path DIR")
        from mdi_pipeline.hub.files import FilesSource

        return FilesSource(Path(path))
    raise SourceError(f"no source {kind!r}; there are {', '.join(SOURCES)}")

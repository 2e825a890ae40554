"""The source `archive`: the Hub's past, from the public dataset that keeps its listing day by day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from mdi_pipeline.hub.archive_columns import needed, write_needed
from mdi_pipeline.hub.commits import Commit, commits_of
from mdi_pipeline.hub.live.connection import HubConnection, Patience
from mdi_pipeline.hub.live.endpoint import Endpoint
from mdi_pipeline.hub.live.pacing import Pace
from mdi_pipeline.hub.live.progress import Meter
from mdi_pipeline.hub.live.source import FAMILY
from mdi_pipeline.hub.parquet import parse_parquet
from mdi_pipeline.hub.partial_parquet import PartialParquet
from mdi_pipeline.hub.remote_file import RemoteFile
from mdi_pipeline.hub.source import Crawl, DateRefused, SourceError, Watch, unwatched

REPOSITORY = "cfahlgren1/hub-stats"
FILE = "models.parquet"


class ArchiveSource:
    """The public archive of the Hub's listing: the newest commit at or before the end of a day, UTC.

    Of a file no more than the needed columns is fetched, range by range, into `spool`, a folder that outlives a kill;
    what is there goes when the crawl has landed. A day whose newest revision is more than `max_age_days` older than
    its end is refused. `watch` is told of waits for the rate limit. Endpoint and token are huggingface_hub's.
    """

    kind = "archive"
    family = FAMILY

    def __init__(
        self,
        spool: Path,
        *,
        max_age_days: int,
        watch: Watch = unwatched,
        endpoint: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._spool = spool / "archive"
        self._max_age = timedelta(days=max_age_days)
        self._watch = watch
        self._named = endpoint
        self._patience = patience or Patience()

    def dates(self) -> list[date]:
        """The days of which there is a revision that is not too old, up to today."""
        first, today = self._commits[0].created_at.date(), datetime.now(UTC).date()
        days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
        return [day for day in days if _end(day) - self._newest(day).created_at <= self._max_age]

    def left_aside(self) -> list[str]:
        """Nothing."""
        return []

    def fingerprint(self, crawl_date: date) -> str:
        """Names the revision. Raises `DateRefused`."""
        return f"archive-{REPOSITORY}-{self._revision(crawl_date).commit_id}"

    def crawl(self, crawl_date: date, workspace: Path) -> Crawl:
        """The listing at the revision of that day; its moment is the time of the commit. Raises `DateRefused`."""
        commit = self._revision(crawl_date)
        endpoint = self._connection.endpoint
        path = f"/datasets/{REPOSITORY}/resolve/{commit.commit_id}/{FILE}"
        with self._held():
            remote = RemoteFile(self._connection, path)
            partial = PartialParquet(remote, commit.commit_id, self._spool / str(crawl_date))
            file = workspace / FILE
            write_needed(partial.file, partial.fetch(needed), file, workspace)
            content_hash = partial.content_hash()
        parsed = parse_parquet(file, workspace)
        return Crawl(
            records=parsed.records.lazy(),
            reading=parsed.reading,
            location=f"{endpoint.address}/datasets/{REPOSITORY}",
            as_of=commit.created_at,
            content_hash=content_hash,
            revision=commit.commit_id,
            n_requests=self._connection.n_requests,
            n_pages=1,
        )

    def landed(self, crawl_date: date) -> None:
        """What was fetched for that date can go."""
        with self._held():
            shutil.rmtree(self._spool / str(crawl_date), ignore_errors=True)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The spool, for this process alone."""
        self._spool.mkdir(parents=True, exist_ok=True)
        with FileLock(self._spool / ".lock"):
            yield

    def _revision(self, crawl_date: date) -> Commit:
        """The newest commit at or before the end of a day. Raises `DateRefused`."""
        first = self._commits[0].created_at.date()
        if crawl_date < first:
            raise DateRefused(
                f"the archive begins on {first}; it has no {crawl_date}, and neither has any other source"
            )
        if crawl_date > datetime.now(UTC).date():
            raise DateRefused(f"{crawl_date} is still to come")
        commit = self._newest(crawl_date)
        if _end(crawl_date) - commit.created_at > self._max_age:
            raise DateRefused(
                f"the archive's newest revision at the end of {crawl_date} is of {commit.created_at:%Y-%m-%d %H:%M} "
                f"UTC, more than the {self._max_age.days} days older that max_revision_age_days admits"
            )
        return commit

    def _newest(self, day: date) -> Commit:
        """The newest commit at or before the end of a day that is not before the first."""
        end = _end(day)
        return next(commit for commit in reversed(self._commits) if commit.created_at < end)

    @cached_property
    def _connection(self) -> HubConnection:
        return HubConnection(Endpoint.named(self._named), Pace(Meter(self._watch).waiting), self._patience)

    @cached_property
    def _commits(self) -> list[Commit]:
        """The commits, oldest first."""
        commits = commits_of(self._connection, REPOSITORY)
        if not commits:
            raise SourceError(f"{self._connection.endpoint.address}/datasets/{REPOSITORY} has no commit")
        return commits


def _end(day: date) -> datetime:
    """The end of a day, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)

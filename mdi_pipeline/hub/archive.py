"""The source `archive`: the Hub's past, from the public dataset that keeps its listing day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
from huggingface_hub import HfApi, constants, get_token, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.hub.live.source import FAMILY
from mdi_pipeline.hub.parquet import parse_parquet
from mdi_pipeline.hub.source import Crawl, DateRefused, SourceError

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

REPOSITORY = "cfahlgren1/hub-stats"
FILE = "models.parquet"


class ArchiveSource:
    """The public archive of the Hub's listing: the newest commit at or before the end of a day, UTC.

    Files come through huggingface_hub and stay in its cache. A day whose newest revision is more than
    `max_age_days` older than its end is refused. Endpoint and token are huggingface_hub's.
    """

    kind = "archive"
    family = FAMILY

    def __init__(self, *, max_age_days: int, endpoint: str | None = None, cache: Path | None = None) -> None:
        self._max_age = timedelta(days=max_age_days)
        self._endpoint = (endpoint or constants.ENDPOINT).rstrip("/")
        self._cache = cache

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
        try:
            file = Path(
                hf_hub_download(
                    REPOSITORY,
                    FILE,
                    repo_type="dataset",
                    revision=commit.commit_id,
                    endpoint=self._endpoint,
                    cache_dir=self._cache,
                )
            )
        except _FAILURES as error:
            raise self._unreadable(error) from None
        parsed = parse_parquet(file, workspace)
        return Crawl(
            records=parsed.records.lazy(),
            reading=parsed.reading,
            location=f"{self._endpoint}/datasets/{REPOSITORY}",
            as_of=commit.created_at,
            content_hash=sha256_of(file),
            revision=commit.commit_id,
            n_pages=1,
        )

    def landed(self, crawl_date: date) -> None:
        """Files stay in huggingface_hub's cache."""

    def _revision(self, crawl_date: date) -> GitCommitInfo:
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

    def _newest(self, day: date) -> GitCommitInfo:
        """The newest commit at or before the end of a day that is not before the first."""
        end = _end(day)
        return next(commit for commit in reversed(self._commits) if commit.created_at < end)

    @cached_property
    def _commits(self) -> list[GitCommitInfo]:
        """The commits, oldest first."""
        try:
            commits = HfApi(endpoint=self._endpoint).list_repo_commits(REPOSITORY, repo_type="dataset")
        except _FAILURES as error:
            raise self._unreadable(error) from None
        if not commits:
            raise SourceError(f"{self._endpoint}/datasets/{REPOSITORY} has no commit")
        return sorted(commits, key=lambda commit: commit.created_at)

    def _unreadable(self, error: Exception) -> SourceError:
        """The error without the token, should anyone have echoed it."""
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        token = get_token()
        said = said.replace(token, "<token>") if token else said
        return SourceError(
            f"the archive {self._endpoint}/datasets/{REPOSITORY} cannot be read: {said}. "
            "Run the same command again: what has come is kept"
        )


_FAILURES = (httpx2.HTTPError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError)


def _end(day: date) -> datetime:
    """The end of a day, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)

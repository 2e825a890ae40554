"""What the pipeline works with in a home: `mdi.toml`."""

from __future__ import annotations

import os
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from mdi_pipeline.home.folder import Home
from mdi_pipeline.hub.crawl import MAX_BAD_SHARE
from mdi_pipeline.tables.vocabulary import MIN_PRECISION, PHASES

FULL_CRAWL_DAYS = 7
"""Days after which a full crawl of the live Hub is due, for deletions and counters."""

MAX_REVISION_AGE_DAYS = 3
"""Days by which a revision of the archive may be older than the day that it stands for."""


class SettingsError(Exception):
    """A setting is wrong or does not fit the home; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """What `mdi.toml` holds.

    `source` with `path`, `size` and `seed` says where crawls come from; `window_days` is the window of the
    headline; `phases` make the default network, those of inference as far as a crawl shows that the lower end
    of a rule's precision reaches `min_precision`; `first_date` is the first partition in Dagster;
    `max_bad_share` is the share of unreadable records above which a crawl fails; `full_crawl_days` the age at
    which a full crawl of the live Hub is due again; `max_revision_age_days` by how much a revision of the archive
    may be older than its day; `webhook` is where Dagster
    posts that a run or a check failed.
    """

    source: str = "demo"
    path: str | None = None
    size: int = 20_000
    seed: int = 0
    window_days: int = 90
    phases: tuple[str, ...] = PHASES
    min_precision: float = MIN_PRECISION
    first_date: date | None = None
    max_bad_share: float = MAX_BAD_SHARE
    full_crawl_days: int = FULL_CRAWL_DAYS
    max_revision_age_days: int = MAX_REVISION_AGE_DAYS
    webhook: str | None = None
    follow_code: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.window_days < 1:
            raise SettingsError(f"window_days is {self.window_days}; a window has at least one day")
        unknown = [phase for phase in self.phases if phase not in PHASES]
        if unknown or not self.phases:
            raise SettingsError(f"phases is {list(self.phases)}; there are {', '.join(PHASES)}")
        if not 0 <= self.min_precision <= 1:
            raise SettingsError(f"min_precision is {self.min_precision}; a precision lies between 0 and 1")
        if self.webhook is not None and not self.webhook.startswith(("http://", "https://")):
            raise SettingsError("webhook is no address that begins with https:// or http://")
        if not 0 <= self.max_bad_share <= 1:
            raise SettingsError(f"max_bad_share is {self.max_bad_share}; a share lies between 0 and 1")
        for name in ("full_crawl_days", "max_revision_age_days"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; it is at least one day")


def load_settings(home: Home) -> Settings:
    """The settings; the defaults where there are none yet. Raises `SettingsError` where they are wrong."""
    try:
        written = tomllib.loads(home.settings_file.read_text())
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{home.settings_file}: {error}") from error
    return _settings_from(written, home.settings_file)


def save_settings(home: Home, settings: Settings) -> None:
    """Write the settings in one step."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("What this home works with; read by `mdi` and by Dagster."))
    for name, value in asdict(settings).items():
        if value is not None:
            document.add(name, list(value) if isinstance(value, tuple) else value)
    home.path.mkdir(parents=True, exist_ok=True)
    staged = home.settings_file.with_name(f".{home.settings_file.name}.{os.getpid()}")
    staged.write_text(tomlkit.dumps(document))
    staged.replace(home.settings_file)


def with_changes(settings: Settings, **changes: Any) -> Settings:
    """Settings with those changes that are not None."""
    return replace(settings, **{name: value for name, value in changes.items() if value is not None})


def _settings_from(written: dict[str, Any], file: Path) -> Settings:
    known = {field.name for field in fields(Settings)}
    unknown = sorted(set(written) - known)
    if unknown:
        raise SettingsError(f"{file}: unknown setting {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    if "phases" in written:
        written["phases"] = tuple(written["phases"])
    try:
        return Settings(**written)
    except TypeError as error:
        raise SettingsError(f"{file}: {error}") from error

"""What the pipeline works with in a home: every setting, declared once, and where its value comes from.

A value comes from, last one first: the options of a run (`with_changes`), the environment (`MDI_<NAME>`), the home's
`mdi.toml`, the default. From `SETTINGS` are made the comments in `mdi.toml`, the options of `mdi run`, the run
configuration in Dagster and docs/settings.md.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import shorten
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from mdi_pipeline.home.folder import SETTINGS_FILE, Home, HomeError
from mdi_pipeline.tables.vocabulary import MIN_PRECISION, PHASES

MAX_DAYS = 36_500
"""Days in a hundred years: more cannot be meant, and arithmetic on dates must not overflow."""

LONGEST_SHOWN = 80
"""Characters of a refused value that an error shows."""

TRUTH = {"true": True, "false": False}
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+(_[0-9]+)*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SettingsError(HomeError):
    """A setting is wrong or does not fit the home; the message says which, what is allowed and what to do."""


@dataclass(frozen=True)
class _Traits:
    """What the type of a setting does not say.

    `allowed` is what it may be, where type and bounds do not say it; `example` a value, where there is no default;
    `of_a_run` whether one run can have another value than the home. Of a `secret` only the host is shown. A `folder` is
    made absolute where it is given to a command.
    """

    allowed: str = ""
    example: object = None
    of_a_run: bool = True
    secret: bool = False
    folder: bool = False


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _in_order(phases: tuple[str, ...]) -> tuple[str, ...]:
    if not phases or not set(phases) <= set(PHASES):
        raise ValueError
    return tuple(phase for phase in PHASES if phase in phases)


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) and DAY.fullmatch(value) else value


def _path(path: str | None) -> str | None:
    if path is not None and (not path or "\0" in path):
        raise ValueError
    return path


def _web_address(address: str | None) -> str | None:
    if address is None:
        return None
    parts = urlsplit(address)
    named = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    # Reading the port raises where it is none; a blank or a character that is not ASCII fails only when it is posted.
    if not named or parts.port == 0 or not re.fullmatch(r"[!-~]+", address):
        raise ValueError
    return address


class Settings(BaseModel):
    """The settings in force. Raises `SettingsError` where one is of the wrong type or out of its bounds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    source: Literal["demo", "files", "archive", "hub"] = Field(
        default="demo",
        description="Where crawls come from: a simulated Hub, a folder of crawls, the Hub's public archive or the Hub.",
    )
    path: Annotated[
        str | None,
        AfterValidator(_path),
        _Traits(allowed="the path of a folder", example="/path/to/crawls", folder=True),
    ] = Field(default=None, description="Folder of crawls, for the source files.")
    size: int = Field(default=20_000, ge=2_000, le=3_000_000, description="Models of the simulated Hub.")
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="Seed of the simulated Hub.")
    window_days: int = Field(default=90, ge=1, le=MAX_DAYS, description="Window of the headline, in days.")
    phases: Annotated[
        tuple[str, ...],
        BeforeValidator(_listed),
        AfterValidator(_in_order),
        _Traits(allowed=f"one or more of {', '.join(PHASES)}"),
    ] = Field(
        default=PHASES,
        description="Kinds of evidence that make the default network; what others find is a candidate only.",
    )
    min_precision: float = Field(
        default=MIN_PRECISION,
        ge=0,
        le=1,
        description="What the lower end of a rule's measured precision must reach, for the edges that it infers to be "
        "in the default network.",
    )
    first_date: Annotated[date | None, BeforeValidator(_day), _Traits(example=date(2026, 8, 1), of_a_run=False)] = (
        Field(
            default=None,
            ge=date(1970, 1, 1),
            le=date(2099, 12, 31),
            description="First crawl date that the schedule `missing_dates` asks for; a run of an earlier date puts it "
            "back. All that the source has where it is not set.",
        )
    )
    max_bad_share: float = Field(
        default=0.01, ge=0, le=1, description="Share of unreadable records above which a crawl fails."
    )
    full_crawl_days: int = Field(
        default=7,
        ge=1,
        le=MAX_DAYS,
        description="Days after which a full crawl of the live Hub is due, for deletions and counters.",
    )
    max_revision_age_days: int = Field(
        default=3,
        ge=1,
        le=MAX_DAYS,
        description="Days by which a revision of the archive may be older than the end of the day that it stands for.",
    )
    webhook: Annotated[
        str | None,
        AfterValidator(_web_address),
        _Traits(
            allowed="an address that begins with https:// or http://, without blanks, user name and password",
            example="https://example.org/hook",
            of_a_run=False,
            secret=True,
        ),
    ] = Field(default=None, description="Where Dagster posts that a run or a check failed.")

    follow_code: Annotated[bool, _Traits(of_a_run=False)] = Field(
        default=False, description="Whether automation also makes again what was computed by code that has changed."
    )

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            name = str(error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"][0])
            raise SettingsError(setting(name).refusal(given[name])) from None


@dataclass(frozen=True)
class Setting:
    """One setting as it is declared: `kind` is the type of a value, `allowed` says in words what it may be."""

    name: str
    kind: type
    default: Any
    example: object
    allowed: str
    meaning: str
    of_a_run: bool
    secret: bool
    folder: bool

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return f"MDI_{self.name.upper()}"

    @property
    def default_in_words(self) -> str:
        """The default as users write it; empty where there is none."""
        return self.as_text(self.default)

    @property
    def home_default(self) -> str:
        """What holds for a run that is given no value of its own, in words."""
        return (
            f"Default: the home's, else {self.default_in_words}." if self.default_in_words else "Default: the home's."
        )

    def from_text(self, text: str) -> Any:
        """The value that a text stands for; a text that stands for none comes back, and is refused by `Settings`."""
        if self.kind is tuple:
            return tuple(part.strip() for part in text.split(","))
        if self.folder and text:
            return str(Path(text).expanduser().resolve())
        if self.kind is bool:
            return TRUTH.get(text.lower(), text)
        try:
            if self.kind is int and WHOLE_NUMBER.fullmatch(text):
                return int(text)
            if self.kind is float:
                return float(text)
        except ValueError:
            pass
        return text

    def as_text(self, value: object) -> str:
        """A value as `from_text` reads it; empty for None. Of a secret no more than the host is shown."""
        if value is None:
            return ""
        if self.secret:
            parts = urlsplit(str(value))
            return f"{parts.scheme}://{parts.hostname}/…"
        if isinstance(value, bool):
            return str(value).lower()
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def refusal(self, value: object) -> str:
        """Why a value is refused, in one line."""
        if self.secret:
            return f"{self.name} is not what it must be (its value is not shown): {self.allowed}"
        return f"{self.name} is {_shown(value)}; it must be {self.allowed}"


def _shown(value: object) -> str:
    """A value in one short line, as TOML would write it."""
    try:
        text = json.dumps(value, default=str)
    except ValueError:  # of thousands of digits
        return "a number that is too long"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _declared(name: str, field: FieldInfo) -> Setting:
    kind: Any = next((arg for arg in get_args(field.annotation) if arg is not NoneType), field.annotation)
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if choices:
        kind = str
    elif get_origin(field.annotation) is tuple:
        kind = tuple
    assert isinstance(kind, type)
    traits = next((found for found in field.metadata if isinstance(found, _Traits)), _Traits())
    return Setting(
        name=name,
        kind=kind,
        default=field.default,
        example=traits.example if field.default is None else field.default,
        allowed=traits.allowed or _allowed(kind, choices, field),
        meaning=field.description or "",
        of_a_run=traits.of_a_run,
        secret=traits.secret,
        folder=traits.folder,
    )


def _allowed(kind: type, choices: tuple[str, ...], field: FieldInfo) -> str:
    if choices:
        return f"one of {', '.join(choices)}"
    bounds = {name: getattr(found, name) for found in field.metadata for name in ("ge", "le") if hasattr(found, name)}
    if kind is bool:
        return "true or false"
    low, high = bounds["ge"], bounds["le"]
    if kind is date:
        return f"a date from {low} to {high}, written YYYY-MM-DD"
    return f"a {'whole ' if kind is int else ''}number from {low:,} to {high:,}"


SETTINGS: Mapping[str, Setting] = {name: _declared(name, field) for name, field in Settings.model_fields.items()}
"""Every setting by its name, in the order of the declaration."""


def setting(name: str) -> Setting:
    """A setting by its name. Raises `SettingsError` where there is none of that name."""
    if name not in SETTINGS:
        raise SettingsError(f"unknown setting {_shown(name)}; there are {', '.join(SETTINGS)}")
    return SETTINGS[name]


def with_changes(settings: Settings, **changes: Any) -> Settings:
    """Settings with those changes that are not None. Raises `SettingsError` where one is refused."""
    return Settings(**_set(settings) | {name: value for name, value in changes.items() if value is not None})


def load_settings(home: Home) -> Settings:
    """The settings in force: the environment over `mdi.toml` over the defaults. Raises `SettingsError`."""
    return with_changes(written_settings(home), **environment())


def written_settings(home: Home) -> Settings:
    """The settings as `mdi.toml` has them; `model_fields_set` names those that it sets. Raises `SettingsError`."""
    return _settings_from(_text(home), home.settings_file)


def environment() -> dict[str, Any]:
    """The settings that environment variables give; an empty variable gives none. Raises `SettingsError`."""
    given = {name: os.environ.get(declared.variable) for name, declared in SETTINGS.items()}
    values = {name: SETTINGS[name].from_text(text) for name, text in given.items() if text}
    for name, value in values.items():
        with _blamed_on(f"{SETTINGS[name].variable} in the environment"):
            Settings(**{name: value})
    return values


def origins(home: Home) -> dict[str, str]:
    """Where each setting in force comes from: `default`, `mdi.toml`, or an environment variable."""
    written, given = written_settings(home).model_fields_set, environment()
    return {
        name: declared.variable if name in given else SETTINGS_FILE if name in written else "default"
        for name, declared in SETTINGS.items()
    }


def save_settings(home: Home, settings: Settings) -> None:
    """Make `mdi.toml` set what was given to these settings, and nothing else."""
    change_settings(home, lambda _: dict.fromkeys(SETTINGS) | _set(settings))


def change_settings(home: Home, change: Callable[[Settings], Mapping[str, Any]]) -> Settings:
    """Change what `mdi.toml` sets, under the home's lock, and return what it holds then.

    `change` is given the settings as `mdi.toml` has them and says which to set to what, None to no longer set one;
    it may be called twice. Comments stay. Nothing is written where nothing changes. Raises `SettingsError` where a
    setting is refused, `HomeError` where the home cannot be written; the file stays as it was then.
    """
    _changed(home, change)  # so that what is refused leaves no trace, not even the folder
    with home.lock("settings"):
        before, text, settings = _changed(home, change)
        if text != before:
            _replace(home, text)
    return settings


def _changed(home: Home, change: Callable[[Settings], Mapping[str, Any]]) -> tuple[str, str, Settings]:
    """The text of `mdi.toml` before and after a change, and the settings after."""
    from mdi_pipeline.home.commented_toml import Entry, new_text, with_value, without_value

    entries = {name: Entry(name, _comment(declared), declared.example) for name, declared in SETTINGS.items()}
    before = _text(home)
    written = _settings_from(before, home.settings_file)
    changes = change(written)
    kept = {name: value for name, value in _set(written).items() if name not in changes}
    wanted = Settings(**kept | {name: value for name, value in changes.items() if value is not None})
    text = before or new_text(HEADING, entries.values())
    for name in changes:
        value = getattr(wanted, name)
        if name not in wanted.model_fields_set:
            text = without_value(text, entries[name])
        elif name not in written.model_fields_set or value != getattr(written, name):
            text = with_value(text, entries[name], value)
    if _set(_settings_from(text, home.settings_file)) != _set(wanted):
        raise SettingsError(f"{home.settings_file} is written in a way that no command can change: edit it by hand")
    return before, text, wanted


HEADING = (
    "The settings of this home, read by `mdi` and by Dagster; all of them: `mdi config`.",
    "MDI_<NAME> in the environment overrides what is set here; an option of `mdi run` overrides both, for that run.",
)


def _comment(declared: Setting) -> str:
    default = f"Default: {declared.default_in_words}." if declared.default is not None else "No default."
    return f"{declared.meaning} It must be {declared.allowed}. {default}"


def _replace(home: Home, text: str) -> None:
    """Put the new text in place, whole. Raises `HomeError` where the disk refuses."""
    from mdi_pipeline.compute.durable import replace_durably

    staged = home.settings_file.with_name(f".{SETTINGS_FILE}.{os.getpid()}")
    try:
        staged.write_text(text, encoding="utf-8")
        replace_durably(staged, home.settings_file)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise HomeError(f"{home.settings_file} cannot be written: {error.strerror or error}") from error


def _set(settings: Settings) -> dict[str, Any]:
    """The settings that were given, by name; all others are at their defaults."""
    return {name: getattr(settings, name) for name in SETTINGS if name in settings.model_fields_set}


def _text(home: Home) -> str:
    """What stands in `mdi.toml`; nothing where there is none. Raises `SettingsError` where it cannot be read."""
    try:
        return home.settings_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise SettingsError(f"{home.settings_file} is not written in UTF-8: save it as such") from None
    except OSError as error:
        raise SettingsError(f"{home.settings_file} cannot be read: {error.strerror or error}") from error


def _settings_from(text: str, file: Path) -> Settings:
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # broken, a number of thousands of digits, lists in lists in lists
        raise SettingsError(f"{file} cannot be read as TOML: {shorten(str(error), 200)}") from None
    with _blamed_on(str(file)):
        for name in given:
            setting(name)
        return Settings(**given)


@contextmanager
def _blamed_on(origin: str) -> Iterator[None]:
    """Errors name where the setting came from."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{origin}: {error}") from None

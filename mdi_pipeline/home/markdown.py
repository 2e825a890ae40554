"""The settings as a page to read: `python -m mdi_pipeline.home.markdown > docs/settings.md`."""

from __future__ import annotations

import sys

from mdi_pipeline.home.settings import SETTINGS, Setting

HEADING = """\
# Settings

Made from the declaration in `mdi_pipeline/home/settings.py`. The settings of a home are in its `mdi.toml`, which the
first run writes. `mdi config` shows them all and where each value comes from, `mdi config NAME=VALUE …` sets some,
`mdi config NAME=` goes back to the default. Comments that you write into the file stay.

A value comes from the first of these that has one:

1. an option of `mdi run` (`--window-days 30`), or the run configuration in Dagster's UI
   (`resources: pipeline: config:`), for that run alone: nothing is written, and the next run without it computes with
   the home's value again;
2. an environment variable (`MDI_WINDOW_DAYS=30`), for every command, schedule and run that is started with it;
3. `mdi.toml`;
4. the default.

Where the home is, is no setting: `--home`, else `MDI_HOME`, else `./mdi_home`, always a local folder. A home holds
crawls of one source, told by those that are there: one simulated Hub (`size` and `seed`), one folder of `files`, or
the Hub (`hub` and `archive`). The first run of a home writes into `mdi.toml` which source it is. `mdi top`, `mdi show`
and `mdi report` speak of the window that a crawl date was made with, whatever the setting is now.

| setting | default | allowed | meaning |
| --- | --- | --- | --- |
"""

AFTER = """
`first_date` and `webhook` are of the home alone: no run can have another. In the environment and on the command line,
`phases` is written with commas between: `hub,tag`. The address of the webhook may be a secret: no command, error or log
shows more of it than its host.
"""


def settings_markdown() -> str:
    """Every setting with its default, what it may be and its meaning, as Markdown."""
    return HEADING + "".join(_row(setting) for setting in SETTINGS.values()) + AFTER


def _row(setting: Setting) -> str:
    default = f"`{setting.default_in_words}`" if setting.default is not None else "none"
    return f"| `{setting.name}` | {default} | {setting.allowed} | {setting.meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(settings_markdown())

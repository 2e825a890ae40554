"""When an asset follows its inputs by itself: on a change of their data, and no sooner than they are sound.

Keyed on data versions and not on materialisations, so that what was made again and came out the same costs
nothing below; and not limited to the newest partition, as `eager()` is, so that rewriting an old snapshot
recomputes exactly what hangs on it.
Dagster's concept: https://docs.dagster.io/guides/automate/declarative-automation
"""

from datetime import timedelta

import dagster as dg

_A_DAY = timedelta(days=1)

_INPUT_CHANGED = dg.AutomationCondition.any_deps_match(
    dg.AutomationCondition.data_version_changed()
).since_last_handled()

_NOTHING_UNDER_WAY = ~dg.AutomationCondition.any_deps_in_progress() & ~dg.AutomationCondition.in_progress()

_INPUTS_SOUND = dg.AutomationCondition.all_deps_blocking_checks_passed()


def follows_inputs() -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]:
    """For a partition: an input of the same crawl date changed, all are there, and their blocking checks passed."""
    ready = ~dg.AutomationCondition.any_deps_missing() & _INPUTS_SOUND & _NOTHING_UNDER_WAY
    return (_INPUT_CHANGED & ready).with_label("input_changed")


def follows_any_crawl() -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]:
    """For what spans all crawls: any crawl date changed and none is under way; most dates were never crawled."""
    return (_INPUT_CHANGED & _NOTHING_UNDER_WAY).with_label("any_crawl_changed")


def crawled_daily() -> dg.FreshnessPolicy:
    """Stale where no crawl date was filled in the day before six in the morning, UTC."""
    return dg.FreshnessPolicy.cron("0 6 * * *", lower_bound_delta=_A_DAY)

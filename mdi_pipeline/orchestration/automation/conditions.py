"""When an asset follows its inputs by itself: on a change of their data, and no sooner than they are sound.

Keyed on data versions and not on materialisations, so that what was made again and came out the same costs
nothing below; and not limited to the newest partition, as `eager()` is, so that rewriting an old snapshot
recomputes exactly what depends on it.
Dagster's concept: https://docs.dagster.io/guides/automate/declarative-automation
"""

from typing import cast

import dagster as dg

_INPUT_CHANGED = dg.AutomationCondition.any_deps_match(
    dg.AutomationCondition.data_version_changed()
).since_last_handled()

_NOTHING_UNDER_WAY = ~dg.AutomationCondition.any_deps_in_progress() & ~dg.AutomationCondition.in_progress()

_INPUTS_SOUND = dg.AutomationCondition.all_deps_blocking_checks_passed()


Condition = dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]

_CODE_CHANGED = cast("Condition", dg.AutomationCondition.code_version_changed()).since_last_handled()


def follows_inputs(*, changed_code: bool = False) -> Condition:
    """For a partition: an input of the same crawl date changed, all are there, and their blocking checks passed.

    With `changed_code`, a change of the step's own code or settings counts too, for every partition that is there.
    """
    ready = ~dg.AutomationCondition.any_deps_missing() & _INPUTS_SOUND & _NOTHING_UNDER_WAY
    return (_changed(changed_code) & ready).with_label("input_changed")


def follows_any_crawl(*, changed_code: bool = False) -> Condition:
    """For what spans all crawls: any crawl date changed and none is under way; most dates were never crawled."""
    return (_changed(changed_code) & _NOTHING_UNDER_WAY).with_label("any_crawl_changed")


def _changed(code: bool) -> Condition:
    if not code:
        return _INPUT_CHANGED
    there = ~cast("Condition", dg.AutomationCondition.missing())
    return _INPUT_CHANGED | (_CODE_CHANGED & there)

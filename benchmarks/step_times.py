"""When each step of a home's runs began and ended, as Dagster's event log has it: JSON, by start.

python -m benchmarks.step_times HOME
"""

from __future__ import annotations

import json
import sys

from dagster import DagsterEventType, DagsterInstance

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.instance import open_instance

BEGAN, ENDED = DagsterEventType.STEP_START, DagsterEventType.STEP_SUCCESS


def step_times(instance: DagsterInstance) -> list[tuple[str, float, float]]:
    """Each step with its start and its end in Unix time."""
    moments: dict[tuple[str, DagsterEventType], float] = {}
    for run in instance.get_runs():
        for entry in instance.all_logs(run.run_id, of_type={BEGAN, ENDED}):
            event = entry.get_dagster_event()
            moments[str(event.step_key), event.event_type] = entry.timestamp
    began = sorted((start, step) for (step, kind), start in moments.items() if kind is BEGAN)
    return [(step, start, moments[step, ENDED]) for start, step in began]


if __name__ == "__main__":
    with open_instance(Home.at(sys.argv[1])) as home_instance:
        print(json.dumps(step_times(home_instance)))

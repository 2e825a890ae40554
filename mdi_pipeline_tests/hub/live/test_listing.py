"""What is asked of the listing, and what is left out where the Hub refuses it."""

from pathlib import Path

import pytest

from mdi_pipeline.hub.live.listing import Listing
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline_tests.simulator.hub_over_http import LISTED, SIZE, crawl, hub, live, stopped_at


def test_a_field_that_the_hub_refuses_is_left_out(tmp_path: Path) -> None:
    with served(hub("refused_expand")) as endpoint:
        with stopped_at(3) as watch:
            crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
        models = crawl(live(endpoint, tmp_path), tmp_path).models
    expected = crawl(DemoSource(SIZE, 0), tmp_path / "demo", LISTED).models
    assert models["base_models"].null_count() == models.height
    others = [name for name in models.columns if name not in {"base_models", "base_model_relation"}]
    assert models.sort("model_id").select(others).equals(expected.sort("model_id").select(others))


@pytest.mark.parametrize(
    "message",
    [
        "Invalid option at expand[1]: expected one of " + "|".join(sorted(set(Listing().fields) - {"baseModels"})),
        '"expand" must be one of [' + ", ".join([*sorted(set(Listing().fields) - {"baseModels"}), "siblings"]) + "]",
        "baseModels cannot be expanded here",
    ],
)
def test_the_refused_field_is_read_from_the_refusal(message: str) -> None:
    assert set(Listing().without_refused(message).fields) == set(Listing().fields) - {"baseModels"}


@pytest.mark.parametrize("message", ["Bad request", "tags cannot be expanded here"])
def test_a_refusal_that_cannot_be_helped_is_said(message: str) -> None:
    with pytest.raises(SourceError, match="refuses the listing"):
        Listing().without_refused(message)

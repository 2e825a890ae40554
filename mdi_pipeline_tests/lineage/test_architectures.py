"""Which architecture a model has, of all that names one."""

import pytest

from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline_tests.lineage.crawls import crawl, model


@pytest.mark.parametrize(
    ("said", "architecture"),
    [
        ({"model_type": "qwen3", "gguf_architecture": "llama", "tags": ["bert"]}, "qwen3"),
        ({"gguf_architecture": "llama", "tags": ["bert"]}, "llama"),
        ({"tags": ["transformers", "en", "qwen3_5_moe", "llama"]}, "qwen3_5_moe"),
        ({"tags": ["diffusers", "diffusers:FluxPipeline", "t5"]}, "FluxPipeline"),
        ({"tags": ["text-generation", "conversational", None]}, None),
        ({}, None),
    ],
)
def test_the_configuration_speaks_before_weights_and_tags(said: dict[str, object], architecture: str | None) -> None:
    snapshots = crawl(model("a/a", **said))
    nodes = network_models(snapshots, parse_lineage(snapshots).edges)
    assert nodes["architecture"].item() == architecture

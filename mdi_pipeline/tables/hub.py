"""Tables of the crawl: the models as the source gave them, and what the crawl itself was."""

from __future__ import annotations

import dataframely as dy

from mdi_pipeline.tables.columns import count, hub_id, real, text, timestamp
from mdi_pipeline.tables.registry import Table


class ModelSnapshots(dy.Schema):
    """A model in that crawl, as the source gave it; lists are kept as lists."""

    model_id = hub_id("Id of the repository, owner/name; the Hub's oldest models may have a bare name.", key=True)
    repository_id = text(
        "The Hub's own name of the repository (`_id`), which it keeps when renamed, while another repository that "
        "takes its id has another; null where the source gives none, and in crawls of version 0.1.0."
    )
    author = text("Owner of the repository; taken from the id where the source names none.")
    created_at = timestamp(
        "When the repository was made; 2022-03-02T23:29:04Z is the Hub's floor for all that is older.", nullable=True
    )
    last_modified = timestamp("When the repository last changed.", nullable=True)
    tags = dy.List(dy.String(nullable=True), nullable=True, description="Tags of the repository, in the Hub's order.")
    base_models = dy.List(
        dy.String(nullable=True), nullable=True, description="Parents as the Hub itself resolved them (`baseModels`)."
    )
    base_model_relation = text("Relation to the parents as the Hub itself states it.")
    card_base_models = dy.List(
        dy.String(nullable=True), nullable=True, description="Parents named in the model card (`cardData.base_model`)."
    )
    card_base_model_relation = text("Relation named in the model card.")
    config_base_model = text("Parent named in an adapter's configuration (`config.peft.base_model_name_or_path`).")
    model_type = text("Architecture that the configuration names (`config.model_type`).")
    gguf_architecture = text("Architecture that GGUF weights name (`gguf.architecture`).")
    benchmarks = dy.List(
        dy.Struct(
            {
                "dataset": dy.String(nullable=True, description="Data set, by its id or else its name."),
                "metric": dy.String(nullable=True, description="Metric, as it is written."),
                "value": dy.Float64(
                    nullable=True, description="Result, in whatever unit it is written; null where it is no number."
                ),
            }
        ),
        nullable=True,
        description="Benchmark results that the repository reports of itself (`model-index`), unchecked.",
    )
    pipeline_tag = text("Task of the model, as the Hub names it.")
    library_name = text("Library that loads the model.")
    downloads = count("Downloads in the 30 days before the crawl.", nullable=True)
    downloads_all_time = count("Downloads since the repository was made.", nullable=True)
    likes = count("Likes at the crawl.", nullable=True)
    n_parameters = count(
        "Number of parameters that the repository's own weights state (safetensors, else GGUF), the larger of the "
        "total and the sum over data types; for adapters the adapter's, for packed quantized weights the packed count.",
        nullable=True,
    )
    gated = text("Whether access must be asked for: `false`, `auto` or `manual`.")


MODEL_SNAPSHOTS = Table("model_snapshots", ModelSnapshots, irreplaceable=True, schema_version=2)


class CrawlManifest(dy.Schema):
    """A crawl: where it came from, when, how complete, and what could not be read."""

    source = text("Kind of source: demo, files, archive or hub.", nullable=False, key=True)
    location = text("Folder, endpoint or dataset that was read; for demo, its size and seed.", nullable=False)
    revision = text("Revision of the source, where it has revisions.")
    as_of = timestamp("The moment that the crawl speaks of; windows that end later are open.")
    started_at = timestamp("When the crawl began, by this machine's clock.")
    finished_at = timestamp("When the crawl ended, by this machine's clock.")
    n_requests = count("Requests sent over the network.")
    n_pages = count("Pages or files read.")
    n_models = count("Models that landed in `model_snapshots`.")
    n_repeated_records = count("Records dropped because their id had come before; the first one stays.")
    n_bad_records = count("Records that could not be read; they stand in `bad_records`.")
    n_card_parents_skipped = count("Model cards whose `base_model` is neither a string nor a list of strings.")
    bad_records = dy.List(
        dy.Struct(
            {
                "file": dy.String(description="File or page that holds the record."),
                "line_number": dy.Int64(description="Line or row in it, from 1."),
                "reason": dy.String(description="Why it could not be read."),
                "record": dy.String(nullable=True, description="The record's first 500 characters."),
            }
        ),
        description="The first 1,000 records that could not be read, each with its place and the reason.",
    )
    unread_fields = dy.List(
        dy.Struct(
            {
                "field": dy.String(description="Field, as the Hub names it; a dot leads into it."),
                "shape": dy.String(description="What stood there instead of what the Hub writes."),
                "n_records": dy.Int64(description="Records in which it stood."),
            }
        ),
        nullable=True,
        description="Fields that could not be read in records that could, by the shape that they had: they are null in "
        "`model_snapshots`. Null for crawls taken before version 0.2.0, which kept such records aside.",
    )
    seconds_waited = real("Time spent waiting for the source's rate limit.", nullable=False, unit="s", low=0)
    content_hash = text("SHA-256 of what was read.", nullable=False)
    complete = dy.Bool(description="Whether the crawl holds every model that the source had.")
    previous_crawl_date = dy.Date(nullable=True, description="The newest earlier crawl in the lake, if there is one.")
    full_crawl_date = dy.Date(
        nullable=True,
        description="The crawl that last read every model; an earlier one where models were carried over.",
    )
    carried_over_from = dy.Date(
        nullable=True, description="The crawl from which the models were carried over that had not been modified since."
    )
    modified_since = timestamp(
        "Models last modified from this moment on were read, all others were carried over.", nullable=True
    )
    n_carried_over = count("Models carried over from an earlier crawl; deleted and renamed ones may be among them.")


CRAWL_MANIFEST = Table("crawl_manifest", CrawlManifest, irreplaceable=True, schema_version=2)

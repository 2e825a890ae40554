"""The simulated Hub as it stood on a day."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from mdi_pipeline.simulator.card import base_model_text, card_text, config_text, odd_base_model_text
from mdi_pipeline.simulator.identifiers import commit_hashes, object_ids_of
from mdi_pipeline.simulator.population import DAY, NEVER, start_of
from mdi_pipeline.simulator.setting import Flags, Integers, Setting
from mdi_pipeline.simulator.simulation import Simulation, simulate

TOUCHED = 0.3
"""Share of models whose files change once more, months later: a guess."""


def simulated_listing(size: int, seed: int, crawl_date: date, *, planted_effects: bool = True) -> pl.DataFrame:
    """The Hub's listing at 00:00 UTC of that day, in the shape of its JSON, newest models first.

    Columns: `_id`, `id`, `author`, `createdAt`, `lastModified` (UTC, whole seconds), `sha`, `private`, `gated`
    (`false`, `auto` or `manual`), `downloads` (30 days), `downloadsAllTime`, `likes`, `trendingScore`,
    `pipeline_tag`, `library_name`, `tags`, `cardData`, `config` and `model-index` (JSON text), `baseModels` (struct of
    `relation` and `models`), `safetensors` (struct of `total`), `gguf` (struct of `total`, `architecture`).
    Null where a model lacks the field. The date may be any day; models exist from 2022 on, and the
    deletions that are simulated begin in September 2024. Cost: see `simulate`; a further day of the same
    Hub about half of it.
    """
    setting = Setting(size, seed, planted_effects)
    hub = simulate(setting)
    moment = start_of(crawl_date)
    population = hub.population
    present = np.flatnonzero((population.created <= moment) & (population.deleted > moment))[::-1]
    object_ids = object_ids_of(population.created, population.object_id_tail)
    last_modified, version = _last_modified(hub, moment, setting)
    all_time = hub.popularity.downloads_by(population, moment)
    recent = all_time - hub.popularity.downloads_by(population, moment - 30 * DAY)
    likes = hub.popularity.likes_by(population, moment)
    rows = pl.DataFrame(
        {
            "index": present,
            "_id": object_ids.gather(present),
            "createdAt": _moments(population.created[present]),
            "lastModified": _moments(last_modified[present]),
            "sha": commit_hashes(present * 1_000 + version[present], setting.seed),
            "private": np.zeros(len(present), dtype=bool),
            "downloads": recent[present],
            "downloadsAllTime": all_time[present],
            "likes": likes[present],
            "trendingScore": (likes - hub.popularity.likes_by(population, moment - 7 * DAY))[present],
        }
    )
    fields = hub.fields[present]
    said = _declared(hub, moment, object_ids)
    return _listing(
        pl.concat([rows, fields], how="horizontal").join(said, on="index", how="left", maintain_order="left")
    )


def _listing(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.with_columns(
        base_model=pl.when(pl.col("declaration") == "odd_card").then(odd_base_model_text()).otherwise("base_model")
    )
    signal = pl.when(pl.col("signal_1").ne_missing(pl.col("library_name"))).then("signal_1")
    license_tag = pl.lit("license:") + pl.col("license")
    # joining and splitting text is ten times as fast as putting lists together
    tags = pl.concat_str(
        "library_name", signal, "signal_2", "model_type", "pipeline_tag", "language", "base_model_tags", license_tag,
        pl.lit("region:us"),
        separator="\n", ignore_nulls=True,
    ).str.split("\n")  # fmt: skip
    stated = pl.col("parameters")
    is_gguf = pl.col("is_gguf")
    return rows.select(
        "_id", "id", "author", "createdAt", "lastModified", "sha", "private", "gated", "downloads", "downloadsAllTime",
        "likes", "trendingScore", "pipeline_tag", "library_name",
        tags=tags,
        cardData=card_text(),
        baseModels="baseModels",
        safetensors=pl.when(stated.is_not_null() & ~is_gguf).then(pl.struct(total=stated)),
        gguf=pl.when(stated.is_not_null() & is_gguf).then(pl.struct(total=stated, architecture=pl.col("model_type"))),
        config=config_text(),
        **{"model-index": "model_index"},
    )  # fmt: skip


def _declared(hub: Simulation, moment: int, object_ids: pl.Series) -> pl.DataFrame:
    """What each declaring model says at that moment: its `baseModels`, tags and card."""
    said = hub.declarations.filter((pl.col("since") <= moment) & (pl.col("until") > moment))
    parent = said["hub_parent"]
    typed = pl.concat_str(pl.lit("base_model:"), "relation", pl.lit(":"), "tag_parent")
    plain = pl.when(~pl.col("tag_is_lone")).then(pl.lit("base_model:") + pl.col("tag_parent"))
    said = said.with_columns(
        plain=plain, typed=typed, model=pl.struct(_id=object_ids.gather(parent), id=hub.fields["id"].gather(parent))
    )
    grouped = said.group_by("index", maintain_order=True).agg(
        pl.col("relation").first(),
        pl.col("plain").drop_nulls(),
        pl.col("typed").drop_nulls(),
        models=pl.col("model").filter(pl.col("hub_parent").is_not_null()),
        card_parents=pl.col("card_parent").drop_nulls(),
    )
    return grouped.select(
        "index",
        "relation",
        base_model=base_model_text(),
        base_model_tags=pl.concat_str(_lines("plain"), _lines("typed"), separator="\n", ignore_nulls=True),
        baseModels=pl.when(pl.col("models").list.len() > 0).then(pl.struct("relation", "models")),
    )


def _lines(name: str) -> pl.Expr:
    """The texts of a list, one a line; null where there are none."""
    return pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.join("\n"))


def _last_modified(hub: Simulation, moment: int, setting: Setting) -> tuple[Integers, Integers]:
    """The latest change up to that moment, and its number: the upload, its completion, the edit of the card."""
    rng = setting.stream("changes")
    created = hub.population.created
    uploaded = created + rng.exponential(1_800, len(created)).astype(np.int64)
    touched = created + (rng.lognormal(np.log(60), 1.4, len(created)) * DAY).astype(np.int64)
    touched = np.where(rng.random(len(created)) < TOUCHED, touched, NEVER)
    latest, version = created.copy(), np.zeros(len(created), dtype=np.int64)
    for change in (uploaded, touched, hub.edited):
        happened: Flags = change <= moment
        latest = np.where(happened, np.maximum(latest, change), latest)
        version += happened
    return latest, version


def _moments(seconds: Integers) -> pl.Series:
    return pl.Series("moment", seconds * 1_000_000).cast(pl.Datetime("us", "UTC"))

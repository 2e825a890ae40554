"""The listing of the simulated Hub on a day."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from mdi_pipeline.simulator.declarations import base_model_text, card_text, config_text, odd_base_model_text
from mdi_pipeline.simulator.population import DAY, NEVER, start_of
from mdi_pipeline.simulator.setting import Flags, Integers, Setting
from mdi_pipeline.simulator.simulation import Simulation, simulate

TOUCHED = 0.3
"""Share of models whose files change once more, months later: a guess."""

_HEX = pl.Series("hex", [f"{value:04x}" for value in range(2**16)])


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
    object_ids = _object_ids(population.created, population.object_id_tail)
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
            "sha": _commit_hashes(present * 1_000 + version[present], setting.seed),
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


def _hexadecimal(numbers: Integers, digits: int) -> pl.Series:
    """Lower-case hexadecimal text of fixed length, a multiple of four."""
    parts = [_HEX.gather((numbers >> (4 * place)) & 0xFFFF).alias(str(place)) for place in range(digits - 4, -1, -4)]
    return pl.DataFrame(parts).select(text=pl.concat_str(pl.all()))["text"]


def _object_ids(created: Integers, tail: Integers) -> pl.Series:
    """The Hub's internal ids: time in seconds (8 digits), 40 random bits, and a counter of 24 bits."""
    middle_and_counter = (tail << 24) | np.arange(len(tail))
    return _hexadecimal(created, 8) + _hexadecimal(middle_and_counter, 16)


def _commit_hashes(numbers: Integers, seed: int) -> pl.Series:
    """Forty digits that look random and follow from the model and its version."""
    with np.errstate(over="ignore"):
        mixed = [_mixed(numbers.astype(np.uint64) + np.uint64(seed * 2**33 + part)) for part in range(3)]
    return _hexadecimal(mixed[0], 16) + _hexadecimal(mixed[1], 16) + _hexadecimal(mixed[2] & 0xFFFFFFFF, 8)


def _mixed(numbers: npt.NDArray[np.uint64]) -> Integers:
    """The finaliser of splitmix64 (Steele et al. 2014)."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).view(np.int64)

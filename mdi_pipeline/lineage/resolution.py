"""Which model a declared id means."""

from __future__ import annotations

import polars as pl

PROMINENT_CHILDREN = 10
"""A model that so many others declare may be meant by its bare name, if it is the only such one."""

MAX_RENAMES = 20
"""Renames of one model that are followed; names that lead back to themselves would be followed for ever."""


def resolve(
    spellings: pl.DataFrame, crawl_ids: pl.Series, declarations: pl.DataFrame, renamed: pl.DataFrame
) -> pl.DataFrame:
    """Resolve declared ids (`declared_parent`, each once): adds `parent_id`, its number `parent`, and `resolution`.

    Where what is written is a former name, even if another model has it now, `present_id` and its number `present`
    are the model that had it; else they are null. A model's number is its place in `crawl_ids`; parents that the
    crawl lacks are numbered after those, by id.

    An id is known when the crawl holds it or the Hub itself declares it as some model's parent (phases hub
    and tag of `declarations`; what only cards declare is as they spell it). The first that fits: the
    crawl's id, exact, then ignoring case where just one fits; a former name (`renamed`: `former_id`,
    `present_id`) likewise; an id the Hub declares, likewise; a bare name that just one prominent model
    carries, likewise. What fits nothing, or several, stays as written, `unresolved`.
    """
    by_hub = declarations.filter(pl.col("phase").is_in(["hub", "tag"]) & (pl.col("rule") != "lone_tag"))
    found = spellings.with_columns(lower=pl.col("declared_parent").str.to_lowercase())
    in_reach = pl.concat([found["lower"], *(renamed[name].str.to_lowercase() for name in renamed.columns)])
    crawl = _within_reach(crawl_ids, in_reach)
    hub_declared = by_hub.select(id=pl.col("declared_parent")).unique()
    by_case = _by_case(crawl)
    former = _present_names(renamed, by_case)
    prominent = _prominent(by_hub)
    steps = {
        "in_crawl": crawl.select(written="id", meant="id"),
        "case_in_crawl": by_case,
        "former": former,
        "case_former": _ignoring_case(former),
        "declared": hub_declared.select(written="id", meant="id"),
        "case_declared": _by_case(hub_declared),
        "prominent": prominent,
        "case_prominent": _ignoring_case(prominent),
    }
    resolution = {
        "in_crawl": "exact",
        "case_in_crawl": "case",
        "former": "alias",
        "case_former": "alias",
        "declared": "exact",
        "case_declared": "case",
        "prominent": "alias",
        "case_prominent": "alias",
    }
    for step, meanings in steps.items():
        key = "lower" if step.startswith("case") else "declared_parent"
        found = found.join(meanings.rename({"meant": step}), left_on=key, right_on="written", how="left")
    first = pl.coalesce(pl.when(pl.col(step).is_not_null()).then(pl.lit(name)) for step, name in resolution.items())
    meant = found.select(
        *spellings.columns,
        parent_id=pl.coalesce(*steps, "declared_parent"),
        present_id=pl.coalesce("former", "case_former"),
        resolution=first.fill_null("unresolved"),
    )
    numbers = _numbers(pl.concat([meant["parent_id"], meant["present_id"].drop_nulls()]), crawl, crawl_ids.len())
    of_present = numbers.rename({"parent_id": "present_id", "parent": "present"})
    return meant.join(numbers, on="parent_id").join(of_present, on="present_id", how="left")


def _within_reach(crawl_ids: pl.Series, lower: pl.Series) -> pl.DataFrame:
    """The models of the crawl (`id`, `number`) that some spelling in lower case can mean: few of them are parents."""
    crawl = pl.DataFrame({"id": crawl_ids}).with_row_index("number")
    spelled = pl.DataFrame({"lower": lower.unique()})
    return crawl.join(spelled, left_on=pl.col("id").str.to_lowercase(), right_on="lower", how="semi")


def _numbers(parents: pl.Series, crawl: pl.DataFrame, n_models: int) -> pl.DataFrame:
    """The number (`parent`) of each parent."""
    known = crawl.select(parent_id="id", parent="number")
    beyond = pl.DataFrame({"parent_id": parents.unique()}).join(known, on="parent_id", how="anti").sort("parent_id")
    return pl.concat([known, beyond.with_row_index("parent", offset=n_models).select(known.columns)])


def _by_case(known: pl.DataFrame) -> pl.DataFrame:
    """Lower-case spellings that just one known id has."""
    return _ignoring_case(known.select(written="id", meant="id"))


def _ignoring_case(meanings: pl.DataFrame) -> pl.DataFrame:
    """Lower-case spellings of what is written that mean just one id."""
    return (
        meanings.group_by(pl.col("written").str.to_lowercase())
        .agg(pl.col("meant").unique())
        .filter(pl.col("meant").list.len() == 1)
        .with_columns(pl.col("meant").list.first())
    )


def _present_names(renamed: pl.DataFrame, by_case: pl.DataFrame) -> pl.DataFrame:
    """Former names with the present one as the crawl spells it, renames of a renamed model followed.

    They are followed to the first name that the crawl holds. Names that lead back to themselves are left out.
    """
    spelled = by_case.rename({"written": "lower"})
    lower = renamed.select("former_id", meant="present_id", lower=pl.col("former_id").str.to_lowercase())
    links = lower.join(spelled, on="lower", how="anti").select("lower", later="meant").unique("lower", keep="none")
    found = lower.select("former_id", "meant", later="meant")
    for _ in range(MAX_RENAMES):
        found = (
            found.select("former_id", meant=pl.coalesce("later", "meant"))
            .with_columns(lower=pl.col("meant").str.to_lowercase())
            .join(links, on="lower", how="left")
        )
        if found["later"].null_count() == found.height:
            break
    return (
        found.filter(pl.col("later").is_null(), pl.col("lower") != pl.col("former_id").str.to_lowercase())
        .join(spelled.rename({"meant": "spelled"}), on="lower", how="left")
        .select(written="former_id", meant=pl.coalesce("spelled", "meant"))
    )


def _prominent(by_hub: pl.DataFrame) -> pl.DataFrame:
    """Bare names that just one much declared model carries."""
    return (
        by_hub.filter(pl.col("declared_parent").str.contains("/", literal=True))
        .group_by("spelling")
        .agg(pl.col("declared_parent").first(), pl.col("child").n_unique().alias("children"))
        .filter(pl.col("children") >= PROMINENT_CHILDREN)
        .group_by(written=pl.col("declared_parent").str.split("/").list.last())
        .agg(pl.len().alias("n"), pl.col("declared_parent").first().alias("meant"))
        .filter(pl.col("n") == 1)
        .drop("n")
    )

"""The phase `name`: a model named like a known one plus words that only a derivative carries.

The words are in `markers`, the stripping in `stems`; here is how the model is found that the rest means.
"""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lineage.markers import FAMILIES, FULL_PRECISION
from mdi_pipeline.lineage.stems import plain_name, with_stems, words_of

MIN_DECLARING_OWNERS = 2
"""A model is prominent for its name when so many owners declare it as a parent ..."""

PROMINENT_SHARE = 0.8
"""... and they are so many of all who declare a model of that name and standing."""

CHOICES = ("owner_in_name", "prominent", "same_owner", "only")
"""How the model is chosen that a name means, in the order in which they are tried."""

STANDINGS = ("root", "derivative", "obscure", "loose")
"""What a guess leads to: a model that declares no parent; one that does, or whose name says that it is
derived, and then authors often declare that one's parent instead; one that is spelled differently in the
child's name, or that nobody else declares and no owner connects with the child; one that is found only by
leaving out a word that may be part of a name."""


def name_guesses(
    models: pl.DataFrame, declared: pl.DataFrame, derivatives: pl.Series, children: pl.Series
) -> pl.DataFrame:
    """What the names of children say of their parents: `child_id`, `parent_id`, `relation`, `rule`.

    `models` are those of the crawl, as `named` gives them, `children` the ids of those whose
    parent is asked for, `declared` the edges that are known (`child_id`, `parent_id`): they say which models
    others build upon, and of models that the crawl lacks; `derivatives` are the ids of models that declare
    a parent. At most one guess a child.

    The name without its markers is looked up among the names of models that are no re-packagings
    themselves. Of those that carry it, none younger than the child, the first that fits: the one whose owner
    the child's name holds too (`owner_name-GGUF`); the one that others declare; the child's owner's; the
    single one there is. A rule is a family of markers and a standing, `gguf/root`. Linear in the models:
    names are reduced to one row each before they are joined.
    """
    known = _known_models(models, declared, derivatives)
    wanted = _wanted(known.join(children.to_frame("model_id"), on="model_id", how="semi"))
    every_candidate = _candidates(known)
    candidates = every_candidate.join(wanted, on="key", how="semi")
    found = pl.concat(
        [
            _by_owner_in_name(wanted, every_candidate),
            _by_prominence(wanted, candidates),
            _by_owner(wanted, candidates),
            _by_being_alone(wanted, candidates),
        ]
    )
    relations = {family.name: family.relation for family in FAMILIES}
    return (
        found.filter(pl.col("parent_id") != pl.col("child_id"))
        .sort("child_id", "is_loose", pl.col("choice").cast(pl.Enum(CHOICES)))
        .unique("child_id", keep="first", maintain_order=True)
        .select(
            "child_id",
            "parent_id",
            relation=pl.col("family").replace_strict(relations, return_dtype=pl.String),
            rule=pl.concat_str("family", _standing(), separator="/"),
        )
    )


def named(models: pl.DataFrame) -> pl.DataFrame:
    """Models (`model_id`, `author`, `created_at`) with what their names say.

    Adds `declarer` (the owner as written), `owner` (in lower case), `name`, `full_name` (with the owner) and what
    `stems.with_stems` adds. This is most of the work of `name_guesses`, and the same for every question.
    """
    owner = pl.coalesce("author", pl.col("model_id").str.extract(r"^([^/]+)/", 1))
    full_name = pl.when(pl.col("model_id").str.contains("/", literal=True)).then(words_of(pl.col("model_id")))
    return with_stems(
        models.with_columns(
            declarer=owner,
            owner=owner.str.to_lowercase(),
            name=plain_name(pl.col("model_id")),
            full_name=full_name,
        )
    )


def _known_models(models: pl.DataFrame, declared: pl.DataFrame, derivatives: pl.Series) -> pl.DataFrame:
    """Models of the crawl and declared parents, with how many owners declare each."""
    declaring = (
        declared.join(models.select("declarer", child_id="model_id"), on="child_id")
        .group_by(model_id="parent_id")
        .agg(declarers=pl.col("declarer").n_unique())
    )
    nothing: dict[str, pl.DataType] = {"author": pl.String(), "created_at": models.schema["created_at"]}
    beyond = declaring.join(models, on="model_id", how="anti").select(
        "model_id", *(pl.lit(None, dtype=kind).alias(name) for name, kind in nothing.items())
    )
    return (
        pl.concat([models, named(beyond).select(models.columns)])
        .join(declaring, on="model_id", how="left", maintain_order="left")
        .with_columns(
            declarers=pl.col("declarers").fill_null(0),
            is_derivative=pl.col("model_id").is_in(derivatives.implode()),
        )
    )


def _candidates(known: pl.DataFrame) -> pl.DataFrame:
    """Models that may be meant by `key`: their name, or that without the word for full precision."""
    repackaging = [family.name for family in FAMILIES if family.repackages]
    full_precision = rf"-(?:{'|'.join(FULL_PRECISION)})$"
    shortened = pl.col("name").str.replace(full_precision, "")
    is_marked = pl.col("family").is_not_null()
    is_repackaged = is_marked & pl.col("family").is_in(repackaging)
    is_as_trained = is_repackaged & (pl.col("name") != shortened) & (pl.col("stem") == shortened)
    known = known.with_columns(is_derivative=pl.col("is_derivative") | (is_marked & ~is_repackaged))
    return pl.concat(
        [
            known.filter(~is_repackaged).with_columns(key="name", as_named=pl.lit(value=True)),
            known.filter(is_as_trained).with_columns(key="stem", as_named=pl.lit(value=False)),
        ]
    ).select("key", "model_id", "owner", "created_at", "declarers", "is_derivative", "as_named", "full_name")


def _wanted(known: pl.DataFrame) -> pl.DataFrame:
    """The names that each child asks for: with the words that may be part of a name, and without (`is_loose`)."""
    asking = known.drop_nulls("family")
    columns = [pl.col("model_id").alias("child_id"), pl.col("owner", "created_at", "family")]
    has_variant = pl.col("variant").ne_missing(pl.col("stem"))
    return pl.concat(
        [
            asking.select(*columns, is_loose=pl.lit(value=False), key="variant").drop_nulls("key"),
            asking.filter(has_variant).select(*columns, is_loose=pl.lit(value=True), key="stem"),
        ]
    )


def _by_owner_in_name(wanted: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    by_full_name = (
        candidates.filter("as_named")
        .with_columns(key="full_name")
        .join(wanted, on="key", how="semi")
        .pipe(_only_one, ["key"])
    )
    return _found(wanted.join(by_full_name, on="key", suffix="_parent"), "owner_in_name")


def _by_prominence(wanted: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    is_peer = pl.col("is_derivative") == pl.col("is_derivative").first()
    prominent = (
        candidates.sort("declarers", "model_id", descending=[True, False])
        .group_by("key", maintain_order=True)
        .agg(pl.all().first(), of_peers=pl.col("declarers").filter(is_peer).sum())
        .filter(
            pl.col("declarers") >= MIN_DECLARING_OWNERS, pl.col("declarers") >= PROMINENT_SHARE * pl.col("of_peers")
        )
    )
    return _found(wanted.join(prominent, on="key", suffix="_parent"), "prominent")


def _by_owner(wanted: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    owned = candidates.pipe(_only_one, ["owner", "key"])
    return _found(wanted.join(owned, on=["owner", "key"], suffix="_parent"), "same_owner")


def _by_being_alone(wanted: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Where all others of that name, if there are any, are younger than the child."""
    oldest = (
        candidates.filter("as_named")
        .sort("created_at", "model_id", nulls_last=False)
        .group_by("key", maintain_order=True)
        .agg(pl.all().first(), n=pl.len(), next_created_at=pl.col("created_at").slice(1, 1).first())
    )
    joined = wanted.join(oldest, on="key", suffix="_parent")
    alone = (pl.col("n") == 1) | (pl.col("next_created_at") > pl.col("created_at")).fill_null(value=False)
    return _found(joined.filter(alone), "only")


def _only_one(candidates: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One candidate for each `by`, those that are named so before the shortened ones; none where several are left."""
    return (
        candidates.sort("as_named", "model_id", descending=[True, False])
        .group_by(by, maintain_order=True)
        .agg(pl.exclude(by).first(), n_alike=(pl.col("as_named") == pl.col("as_named").first()).sum())
        .filter(pl.col("n_alike") == 1)
        .drop("n_alike")
    )


def _found(joined: pl.DataFrame, choice: str) -> pl.DataFrame:
    """The guesses of a choice, those left out whose parent would be younger than the child."""
    is_younger = (pl.col("created_at_parent") > pl.col("created_at")).fill_null(value=False)
    return joined.filter(~is_younger).select(
        "child_id", "family", "is_loose", "declarers", "is_derivative", parent_id="model_id", choice=pl.lit(choice)
    )


def _standing() -> pl.Expr:
    root, derivative, obscure, loose = (pl.lit(standing) for standing in STANDINGS)
    as_spelled = pl.col("child_id").str.contains(pl.col("parent_id").str.extract(r"([^/]*)$", 1), literal=True)
    is_connected = (pl.col("declarers") > 0) | pl.col("choice").is_in(["owner_in_name", "same_owner"])
    return (
        pl.when("is_loose")
        .then(loose)
        .when("is_derivative")
        .then(derivative)
        .when(as_spelled & is_connected)
        .then(root)
        .otherwise(obscure)
    )

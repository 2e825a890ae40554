"""The phase `name`: a model named like a known one plus words that only a derivative carries.

The words are in `markers`, the stripping in `stems`; here is how the model is found that the rest means.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.lineage.markers import FAMILIES, FULL_PRECISION
from mdi_pipeline.lineage.stems import plain_name, with_stems, words_of

MIN_DECLARING_OWNERS = 2
"""A model is prominent for its name when so many owners declare it as a parent ..."""

PROMINENT_SHARE = 0.8
"""... and they are so many of all who declare a model of that name and standing."""

CHOICES = ("owner_in_name", "prominent", "same_owner", "only")
"""How the model is chosen that a name means, in the order in which they are tried."""

REPACKAGING = [family.name for family in FAMILIES if family.repackages]

STANDINGS = ("root", "derivative", "obscure", "loose")
"""What a guess leads to: a model that declares no parent; one that does, or whose name says that it is
derived, and then authors often declare that one's parent instead; one that is spelled differently in the
child's name, or that nobody else declares and no owner connects with the child; one that is found only by
leaving out a word that may be part of a name."""


def name_guesses(
    models: pl.DataFrame, declared: pl.DataFrame, derivatives: pl.Series, children: pl.Series
) -> pl.DataFrame:
    """What the names of children say of their parents: `child`, `child_id`, `parent`, `parent_id`, `relation`, `rule`.

    `models` are those of the crawl and the parents that it lacks, as `named` gives them: a number is a place among
    them. `children` are the numbers of the models whose parent is asked for, `declared` the edges that are known
    (`child`, `parent`): they say which models others build upon, and which there are beyond the crawl;
    `derivatives` are the numbers of models that declare a parent. At most one guess a child.

    The name without its markers is looked up among the names of models that are no re-packagings
    themselves. Of those that carry it, none younger than the child, the first that fits: the one whose owner
    the child's name holds too (`owner_name-GGUF`); the one that others declare; the child's owner's; the
    single one there is. A rule is a family of markers and a standing, `gguf/root`. Linear in the models.
    """
    wanted = _wanted(models, children)
    candidates = _candidates(models, declared, derivatives)
    asked_for = candidates.join(wanted, on="key", how="semi")
    found = pl.concat(
        [
            _by_owner_in_name(wanted, candidates),
            _by_prominence(wanted, asked_for),
            _by_owner(wanted, asked_for),
            _by_being_alone(wanted, asked_for),
        ]
    )
    relations = {family.name: family.relation for family in FAMILIES}
    ids = pl.lit(models["model_id"])
    return (
        found.filter(pl.col("parent") != pl.col("child"))
        .sort("child", "is_loose", pl.col("choice").cast(pl.Enum(CHOICES)))
        .unique("child", keep="first", maintain_order=True)
        .with_columns(child_id=ids.gather(pl.col("child")), parent_id=ids.gather(pl.col("parent")))
        .select(
            "child",
            "child_id",
            "parent",
            "parent_id",
            relation=pl.col("family").replace_strict(relations, return_dtype=pl.String),
            rule=pl.concat_str("family", _standing(), separator="/"),
        )
    )


def named(models: pl.DataFrame) -> pl.DataFrame:
    """Models (`model_id`, `author`, `created_at`, `in_crawl`) with their numbers and what their names say.

    Texts that are only compared come as numbers too: `declarer` (the owner as written), `owner` (in lower case),
    and `stem`, `variant`, `name` and `full_name` (with the owner) by one numbering of what `stems.with_stems` leaves
    of names; a name that is the rest of no other is null. This is most of the work of `name_guesses`, and the same
    for every question.
    """
    spelled = with_stems(models.select(name=plain_name(pl.col("model_id")), full_name=_full_name()))
    is_repackaged = pl.col("family").is_in(REPACKAGING).fill_null(value=False)
    trained = [f"-{word}" for word in FULL_PRECISION]
    rests = pl.concat([spelled["stem"], spelled["variant"]]).drop_nulls().unique()
    return pl.concat(
        [
            models.select(
                "model_id",
                "author",
                "created_at",
                "in_crawl",
                number=pl.int_range(pl.len(), dtype=pl.UInt32),
            ),
            _owners(models),
            spelled.select(
                "family",
                is_repackaged=is_repackaged,
                is_as_trained=is_repackaged & pl.col("name").str.strip_prefix(pl.col("stem")).is_in(trained),
            ),
            pl.DataFrame([_numbered(spelled[text], rests) for text in ("name", "full_name", "stem", "variant")]),
        ],
        how="horizontal",
    )


def _owners(models: pl.DataFrame) -> pl.DataFrame:
    """The numbers `declarer` and `owner`; models of one stand together, so that few texts are compared."""
    owner = models.select(pl.coalesce("author", pl.col("model_id").str.extract(r"^([^/]+)/", 1))).to_series()
    runs = owner.rle().struct.unnest()
    numbers = runs.select(
        declarer=pl.col("value").rank("dense"), owner=pl.col("value").str.to_lowercase().rank("dense")
    )
    return numbers[np.repeat(np.arange(runs.height, dtype=np.uint32), runs["len"])]


def _full_name() -> pl.Expr:
    return pl.when(pl.col("model_id").str.contains("/", literal=True)).then(words_of(pl.col("model_id")))


def _numbered(names: pl.Series, numbering: pl.Series) -> pl.Series:
    """The place of each name in a numbering; null where it is not there."""
    numbers = numbering.to_frame(names.name).with_row_index("number")
    return names.to_frame().join(numbers, on=names.name, how="left", maintain_order="left")["number"].alias(names.name)


def _candidates(models: pl.DataFrame, declared: pl.DataFrame, derivatives: pl.Series) -> pl.DataFrame:
    """Models that may be meant by `key`: their name, or that without the word for full precision.

    Each with how many owners declare it; beyond the crawl only those that some do.
    """
    declaring = (
        declared.select("parent", declarer=models["declarer"].gather(declared["child"]))
        .group_by(number="parent")
        .agg(declarers=pl.col("declarer").n_unique())
    )
    is_marked = pl.col("family").is_not_null()
    meant = pl.concat(
        [
            models.filter(~pl.col("is_repackaged")).with_columns(key="name", as_named=pl.lit(value=True)),
            models.filter("is_as_trained").with_columns(key="stem", as_named=pl.lit(value=False)),
        ]
    ).filter(pl.col("key").is_not_null() | pl.col("full_name").is_not_null())
    return (
        meant.join(declaring, on="number", how="left")
        .filter(pl.col("in_crawl") | pl.col("declarers").is_not_null())
        .select(
            "key",
            "model_id",
            "owner",
            "created_at",
            "as_named",
            "full_name",
            model="number",
            declarers=pl.col("declarers").fill_null(0),
            is_derivative=pl.col("number").is_in(derivatives.implode()) | (is_marked & ~pl.col("is_repackaged")),
        )
    )


def _wanted(models: pl.DataFrame, children: pl.Series) -> pl.DataFrame:
    """The names that each child asks for: with the words that may be part of a name, and without (`is_loose`)."""
    asking = models.drop_nulls("family").join(children.to_frame("number"), on="number", how="semi")
    columns = [pl.col("number").alias("child"), pl.col("owner", "created_at", "family")]
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
        candidates.sort("as_named", descending=True)
        .group_by(by)
        .agg(pl.exclude(by).first(), n_alike=(pl.col("as_named") == pl.col("as_named").first()).sum())
        .filter(pl.col("n_alike") == 1)
        .drop("n_alike")
    )


def _found(joined: pl.DataFrame, choice: str) -> pl.DataFrame:
    """The guesses of a choice, those left out whose parent would be younger than the child."""
    is_younger = (pl.col("created_at_parent") > pl.col("created_at")).fill_null(value=False)
    return joined.filter(~is_younger).select(
        "child", "family", "is_loose", "declarers", "is_derivative", parent="model", choice=pl.lit(choice)
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

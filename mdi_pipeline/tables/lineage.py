"""Tables of the lineage: which model derives from which, and how well that is known."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, hub_id, text, timestamp
from mdi_pipeline.tables.intervals import WithInterval, interval
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import PHASES, RELATIONS, RESOLUTIONS, SIZE_CLASSES


def _as_declared() -> tuple[dy.String, dy.String, dy.Bool, dy.Bool]:
    """The columns `resolution`, `declared_parent`, `relation_declared` and `time_reversed`."""
    return (
        choice(RESOLUTIONS, "How the declared id was matched to `parent_id`."),
        text("The parent's id as it was written.", nullable=False),
        dy.Bool(description="Whether the source states the relation; else it was inferred."),
        dy.Bool(description="Whether the child is older than the parent; false where a time is unknown."),
    )


class LineageEdges(dy.Schema):
    """A child and one of its parents, in the default network; each pair once."""

    child_id = hub_id("The model that derives.", key=True)
    parent_id = hub_id("The model that it derives from, after resolution.", key=True)
    relation = choice(RELATIONS, "How the child derives from the parent.")
    phase = choice(PHASES, "The strongest evidence for the edge.")
    resolution, declared_parent, relation_declared, time_reversed = _as_declared()

    @dy.rule()
    def no_self_loop(cls) -> pl.Expr:
        """A model is not its own parent."""
        return pl.col("child_id") != pl.col("parent_id")


LINEAGE_EDGES = Table("lineage_edges", LineageEdges)


class LineageCandidates(dy.Schema):
    """An edge that a left-out phase or rule found, not in the default network; each once a phase and rule."""

    child_id = hub_id("The model that may derive.", key=True)
    parent_id = hub_id("The model that it may derive from, after resolution.", key=True)
    phase = choice(PHASES, "The kind of evidence.", key=True)
    rule = text("The rule that found it.", nullable=False, key=True)
    relation = choice(RELATIONS, "How the child would derive from the parent.")
    resolution, declared_parent, relation_declared, time_reversed = _as_declared()


LINEAGE_CANDIDATES = Table("lineage_candidates", LineageCandidates)


REJECTED_FOR = ("empty", "url", "list_in_text", "local_path", "not_an_id", "self_loop", "outranked")
"""Why a declaration makes no edge."""


class LineageRejected(dy.Schema):
    """A declaration that makes no edge as it is written, with the reason."""

    child_id = hub_id("The model that declares.", key=True)
    declared_parent = text("The parent as it was written.", nullable=False, key=True)
    phase = choice(PHASES, "Where it was written.", key=True)
    reason = choice(
        REJECTED_FOR,
        "Why it makes no edge; list_in_text: ids in one text, which make edges of their own where all are known; "
        "outranked: a weaker phase names another parent than the model declares.",
        key=True,
    )


LINEAGE_REJECTED = Table("lineage_rejected", LineageRejected)


class LineageQuality(WithInterval):
    """A measurement of the parser."""

    measure = choice(
        (
            "precision",
            "gate_precision",
            "recall",
            "precision_in_family",
            "coverage",
            "unresolved_share",
            "relation_agreement",
        ),
        "What is measured. Precision, recall and precision in family: of guesses about parents that were hidden, "
        "among one half of the authors; gate_precision: among the other, by which rules are admitted.",
    )
    phase = text("The phase that is measured, or two joined by `+` where they are compared; null: all.")
    relation = choice(RELATIONS, "The relation that is measured; null: all.", nullable=True)
    rule = text("The rule that is measured; null: all.")
    estimate, low, high = interval(
        "The share that was found; null where n is 0.", ", by a bootstrap over authors.", low=0, high=1
    )
    n = count("Size of the denominator.")
    n_authors = count("Authors in the denominator.")

    @dy.rule()
    def one_row_each(cls) -> pl.Expr:
        """Each measurement stands once."""
        return pl.len().over("measure", "phase", "relation", "rule") == 1


LINEAGE_QUALITY = Table("lineage_quality", LineageQuality, nullable_key=("measure", "phase", "relation", "rule"))


class LineageAgreement(dy.Schema):
    """A pair of relations that two phases state of the same edges; `name` and `config` where they guessed right."""

    phase = choice(PHASES, "The stronger phase.", key=True)
    other_phase = choice(PHASES, "The weaker phase.", key=True)
    relation = choice(RELATIONS, "What the stronger phase states.", key=True)
    other_relation = choice(RELATIONS, "What the weaker phase states.", key=True)
    n = count("Edges of which they state so.")


LINEAGE_AGREEMENT = Table("lineage_agreement", LineageAgreement)


class LineageSuccessors(dy.Schema):
    """A model and the version before it, of the same owner: no derivation, and not in the network."""

    successor_id = hub_id("The later version.", key=True)
    predecessor_id = hub_id("The newest earlier version that the crawl holds.")
    family = text("Their name without the version.", nullable=False)
    version = text("Version of the successor, as its name writes it.", nullable=False)
    previous_version = text("Version of the predecessor; 1 where its name has none.", nullable=False)
    declares_it = dy.Bool(description="Whether the successor also declares the predecessor as its parent.")


LINEAGE_SUCCESSORS = Table("lineage_successors", LineageSuccessors)


_BEFORE = (
    "of the previous crawl in the lake; null where there is none, where it did not hold the model, and where one of "
    "the crawls carried the model over without reading it."
)


class Models(dy.Schema):
    """A network node: every model of the crawl and every stub parent."""

    model_id = hub_id("Id of the model.", key=True)
    in_snapshot = dy.Bool(description="Whether the crawl holds it; else it is a stub: a parent known by name only.")
    author = text("Owner of the repository, from the id where the source names none.")
    created_at = timestamp("When the repository was made; null for stubs.", nullable=True)
    created_at_floored = dy.Bool(description="Whether `created_at` is the Hub's floor, so the true time is earlier.")
    n_parameters = count("Number of parameters that the repository states.", nullable=True)
    size_class = choice(SIZE_CLASSES, "Class of `lineage_parameters`.", nullable=True)
    pipeline_tag = text("Task of the model, as the Hub names it.")
    library_name = text("Library that loads the model.")
    architecture = text(
        "Architecture, as the repository's configuration, else its GGUF weights, else its tags name it; for pipelines "
        "of image generation the pipeline."
    )
    n_benchmarks = count(
        "Benchmark results that the repository reports of itself, whenever it added them; null where it reports none.",
        nullable=True,
    )
    is_llm = dy.Bool(description="Whether it is a language model, by task and tags.")
    relation = choice(
        RELATIONS,
        "How it derives: of several, the one that most of its edges carry, merge first on a tie; null for roots.",
        nullable=True,
    )
    lineage_parameters = count(
        "Number of parameters with the parent's count carried down adapter and quantized edges.", nullable=True
    )
    reports_benchmarks = dy.Bool(
        description="Whether the repository reports results, by its `model-index`, or else the Hub's tag of that name."
    )
    main_parent = hub_id(
        "Of its parents the one with most children, the first by id on a tie; null for roots.", nullable=True
    )
    n_parents = count("Number of parents (out-degree in child -> parent edges).")
    n_children = count("Number of derivatives of all time (in-degree).")
    author_models_before = count(
        "Models that its author had made before it, of those in the crawl; null for stubs and unknown times.",
        nullable=True,
    )
    author_quantized_before = count("Quantized copies among those.", nullable=True)
    downloads = count("Downloads in the 30 days before the crawl.", nullable=True)
    downloads_all_time = count("Downloads since the repository was made.", nullable=True)
    likes = count("Likes at the crawl.", nullable=True)
    downloads_change = dy.Int64(nullable=True, description=f"`downloads` less that {_BEFORE}")
    downloads_all_time_change = dy.Int64(nullable=True, description=f"`downloads_all_time` less that {_BEFORE}")
    likes_change = dy.Int64(nullable=True, description=f"`likes` less that {_BEFORE}")

    @dy.rule()
    def copies_are_among_the_models(cls) -> pl.Expr:
        """An author has no more quantized copies than models."""
        return pl.col("author_quantized_before") <= pl.col("author_models_before")

    @dy.rule()
    def roots_have_no_main_parent(cls) -> pl.Expr:
        """A model has a main parent where it has parents."""
        return pl.col("main_parent").is_null() == (pl.col("n_parents") == 0)


MODELS = Table("models", Models)

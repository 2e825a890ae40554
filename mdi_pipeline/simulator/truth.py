"""Who truly derives from whom in the simulated Hub: what a parser of declarations is measured against."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline.tables.vocabulary import RELATIONS


def true_lineage(size: int, seed: int, *, planted_effects: bool = True) -> pl.DataFrame:
    """Who truly derives from whom, over all models that ever were.

    One row per true edge, and one with a null parent per true root; sorted by `child_id`, then in the
    order of the parents. Columns: `child_id`, `parent_id`, `relation` (null for roots), and `declaration`: how
    the child names its parents on the last date.

    | declaration | the child names its parents |
    |---|---|
    | `hub` | in every way: `baseModels`, tags, card |
    | `card` | in the card alone |
    | `tag` | by a plain tag alone |
    | `unreadable` | in the card, by a path, a URL or an empty string |
    | `none` | nowhere; an adapter's configuration or a name may still tell |
    | `stub` | in the card alone, and the parent is not on the Hub |

    True roots: `none`, or `self` (names itself), `lone_tag` (a typed tag with a local path and no plain one),
    `odd_card` (a card of no known shape), `cycle` (names its own descendant).
    """
    hub = simulate(Setting(size, seed, planted_effects))
    derives = pl.Series(hub.derivation.derives)
    says_something = pl.Series(np.bincount(hub.declarations["index"].to_numpy(), minlength=len(derives)) > 0)
    relation = pl.Series([*RELATIONS, None]).gather(np.where(derives, hub.derivation.relation, len(RELATIONS)))
    models = hub.fields.select(
        index=pl.int_range(pl.len()),
        child_id="id",
        relation=pl.when(pl.col("declaration") == "stub").then(pl.lit("finetune")).otherwise(relation),
        declaration=pl.when((pl.col("declaration") == "none") & ~derives & says_something)
        .then(pl.lit("cycle"))
        .otherwise("declaration"),
    )
    edges = pl.DataFrame({"index": hub.attachment.child, "parent_id": hub.fields["id"].gather(hub.attachment.parent)})
    stubs = (
        models.filter(pl.col("declaration") == "stub")
        .join(hub.declarations, on="index", maintain_order="left")
        .select("index", parent_id="card_parent")
    )
    return (
        models.join(pl.concat([edges, stubs]), on="index", how="left", maintain_order="left_right")
        .sort("child_id", maintain_order=True)
        .select("child_id", "parent_id", "relation", "declaration")
    )

"""A model's lineage as a picture: its parents above it, what followed below, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl
from markupsafe import Markup, escape

from mdi_pipeline.compute.visible_text import LONGEST_ID, shortened, visible
from mdi_pipeline.report.figures.drawing import NEGATIVE, POSITIVE, WIDTH, ZERO
from mdi_pipeline.report.figures.figure import FONT
from mdi_pipeline.report.prose.wording import count

KINDS = ("n_i", "n_j", "n_k")
"""What follows a focal model: builds on it alone, on it and a parent of it, on a parent alone."""

KIND_WORDS = {
    "n_i": "built on it and on no parent of it",
    "n_j": "built on it and on a parent of it",
    "n_k": "built on a parent of it and not on it",
}
"""What each kind of follower did."""

_COLOURS = {"n_i": POSITIVE, "n_j": ZERO, "n_k": NEGATIVE}
_BINS = 46
_DOTS_HIGH = 4
_DOT, _RADIUS = 3.1, 2.8
_BOX_HEIGHT = 40
_PARENTS_SHOWN = 2
_MARGIN = 1
_LANE = 52
_TOP_OF_LANES = 3 * _BOX_HEIGHT + 18


@dataclass(frozen=True)
class Neighbourhood:
    """A focal model's parents and followers.

    `parents` has `model_id` and `n_children`, most children first; `followers` has `model_id`, `kind` (one
    of `KINDS`), `days` after the focal model and `n_children`, in order of time.
    """

    model_id: str
    window_days: int
    parents: pl.DataFrame
    followers: pl.DataFrame

    def count(self, kind: str) -> int:
        """How many followers are of that kind: the count of the same name in `disruption_scores`."""
        return self.followers.filter(pl.col("kind") == kind).height


def neighbourhoods(
    model_ids: list[str], models: pl.LazyFrame, edges: pl.DataFrame, window_days: int
) -> dict[str, Neighbourhood]:
    """The neighbourhood of each of those models; `models` and `edges` are whole tables."""
    focal = pl.DataFrame({"focal": model_ids}, schema={"focal": pl.String})
    parents = focal.join(edges.select(focal="child_id", model_id="parent_id"), on="focal")
    followers = _followers(focal, parents.rename({"model_id": "parent_id"}), edges)
    around = pl.concat([focal.rename({"focal": "model_id"}), parents.select("model_id"), followers.select("model_id")])
    known = (
        models.select("model_id", "created_at", "n_children")
        .join(around.unique().lazy(), on="model_id", how="semi")
        .collect()
    )
    parents, followers = parents.join(known, on="model_id"), _in_window(followers, known, window_days)
    return {
        model_id: Neighbourhood(
            model_id,
            window_days,
            parents.filter(pl.col("focal") == model_id)
            .select("model_id", "n_children")
            .sort(["n_children", "model_id"], descending=[True, False]),
            followers.filter(pl.col("focal") == model_id).drop("focal"),
        )
        for model_id in model_ids
    }


def _followers(focal: pl.DataFrame, parents: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """What derives from a focal model or a parent of it, whenever made: `focal`, `model_id`, `kind`."""
    pairs = edges.select("parent_id", model_id="child_id")
    upon_focal = focal.join(pairs, left_on="focal", right_on="parent_id").unique().with_columns(upon_focal=True)
    upon_parent = (
        parents.join(pairs, on="parent_id").select("focal", "model_id").unique().with_columns(upon_parent=True)
    )
    kind = (
        pl.when(pl.col("upon_parent").is_null())
        .then(pl.lit("n_i"))
        .when(pl.col("upon_focal").is_null())
        .then(pl.lit("n_k"))
        .otherwise(pl.lit("n_j"))
    )
    both = upon_focal.join(upon_parent, on=["focal", "model_id"], how="full", coalesce=True)
    return both.select("focal", "model_id", kind=kind)


def _in_window(followers: pl.DataFrame, known: pl.DataFrame, window_days: int) -> pl.DataFrame:
    """The followers made within the window of their focal model."""
    after = pl.col("created_at") - pl.col("born")
    return (
        followers.join(known, on="model_id")
        .join(known.select(focal="model_id", born="created_at"), on="focal")
        .filter(after > timedelta(0), after <= timedelta(days=window_days))
        .select(
            "focal",
            "model_id",
            "kind",
            (after.dt.total_seconds() / timedelta(days=1).total_seconds()).alias("days"),
            "n_children",
        )
        .sort("focal", "days", "model_id")
    )


def draw(neighbourhood: Neighbourhood) -> str:
    """The picture as SVG, in the colour of the text around it; `WIDTH` pixels wide.

    A dot is a model; where more than four fall into one step of time, bars take their place and the
    lane's label says how high the highest is.
    """
    height = _TOP_OF_LANES + len(KINDS) * _LANE + 26
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(visible(describe(neighbourhood)))}" font-family="{FONT}" font-size="12" '
        'fill="currentColor">',
        *_parents(neighbourhood),
        _box(neighbourhood.model_id, WIDTH / 2 - 115, _BOX_HEIGHT + 34, 230, colour=POSITIVE, stroke=2),
        *(
            part
            for place, kind in enumerate(KINDS)
            for part in _lane(neighbourhood, kind, _TOP_OF_LANES + place * _LANE)
        ),
        *_days(neighbourhood.window_days, _TOP_OF_LANES + len(KINDS) * _LANE),
        "</svg>",
    ]
    return "".join(parts)


def describe(neighbourhood: Neighbourhood) -> str:
    """The picture in words."""
    focal = shortened(neighbourhood.model_id, LONGEST_ID)
    parents = ", ".join(shortened(one, LONGEST_ID) for one in neighbourhood.parents["model_id"].head(_PARENTS_SHOWN))
    more = neighbourhood.parents.height - _PARENTS_SHOWN
    followed = "; ".join(f"{count(neighbourhood.count(kind))} {words}" for kind, words in KIND_WORDS.items())
    return (
        f"{focal} derives from {parents}{f' and {more} more' if more > 0 else ''}. "
        f"Models of the following {neighbourhood.window_days} days: {followed}."
    )


def _parents(neighbourhood: Neighbourhood) -> list[str]:
    """The parents' boxes and the lines down to the focal model."""
    shown = neighbourhood.parents["model_id"].head(_PARENTS_SHOWN).to_list()
    more = neighbourhood.parents.height - len(shown)
    width = 176 if more <= 0 else 146
    gap = 12
    total = len(shown) * width + (len(shown) - 1) * gap + (54 if more > 0 else 0)
    left = (WIDTH - total) / 2
    parts = []
    for place, parent in enumerate(shown):
        x = left + place * (width + gap)
        parts.append(
            _line(x + width / 2, _BOX_HEIGHT + 1, WIDTH / 2 + (x + width / 2 - WIDTH / 2) * 0.4, _BOX_HEIGHT + 34)
        )
        parts.append(_box(parent, x, 1, width, colour=NEGATIVE, stroke=1))
    if more > 0:
        parts.append(f'<text x="{left + total:.1f}" y="26" text-anchor="end">+{more} more</text>')
    return parts


def _box(model_id: str, x: float, y: float, width: float, *, colour: str, stroke: float) -> str:
    """A model: its owner small above its name."""
    owner, _, name = model_id.rpartition("/")
    fits = int((width - 16) / 6.6)
    middle = f'x="{x + width / 2:.1f}" text-anchor="middle"'
    lines = (
        f'<text {middle} y="{y + 16}" opacity="0.72" font-size="11">{_escaped(owner, fits)}</text>'
        f'<text {middle} y="{y + 31}">{_escaped(name, fits)}</text>'
        if owner
        else f'<text {middle} y="{y + 24}">{_escaped(name, fits)}</text>'
    )
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{width}" height="{_BOX_HEIGHT}" rx="6" fill="{colour}" fill-opacity="0.08" '
        f'stroke="{colour}" stroke-width="{stroke}"/>{lines}'
    )


def _escaped(text: str, fits: int) -> Markup:
    return escape(shortened(visible(text), fits))


def _lane(neighbourhood: Neighbourhood, kind: str, top: float) -> list[str]:
    """The followers of one kind along the window."""
    days = neighbourhood.followers.filter(pl.col("kind") == kind)["days"]
    step = neighbourhood.window_days / _BINS
    bins = ((days / step).ceil().cast(pl.Int32) - 1).clip(0, _BINS - 1).value_counts().sort("days")
    highest = int(bins["count"].max() or 0)  # type: ignore[arg-type]
    note = f" (bars: up to {highest:,} in {step:.1f} days)" if highest > _DOTS_HIGH else ""
    colour = _COLOURS[kind]
    base = top + _LANE - 8
    label = (
        f'<text x="{_MARGIN}" y="{top + 12}"><tspan font-weight="bold">{days.len():,}</tspan> {KIND_WORDS[kind]}'
        f'<tspan opacity="0.72" font-size="11">{note}</tspan></text>'
    )
    baseline = (
        f'<line x1="{_MARGIN}" y1="{base}" x2="{WIDTH - _MARGIN}" y2="{base}" stroke="currentColor" opacity="0.3"/>'
    )
    drawn = _dots if highest <= _DOTS_HIGH else _bars
    return [label, baseline, *drawn(bins, base - 1, highest, colour)]


def _dots(bins: pl.DataFrame, base: float, _highest: int, colour: str) -> list[str]:
    return [
        f'<circle cx="{_x(place + 0.5):.1f}" cy="{base - _DOT * (1 + 2 * level):.1f}" r="{_RADIUS}" fill="{colour}"/>'
        for place, models in bins.iter_rows()
        for level in range(models)
    ]


def _bars(bins: pl.DataFrame, base: float, highest: int, colour: str) -> list[str]:
    height = 2 * _DOT * _DOTS_HIGH / highest
    return [
        f'<rect x="{_x(place) + 0.75:.1f}" y="{base - height * models:.1f}" width="{_x(1) - _x(0) - 1.5:.1f}" '
        f'height="{height * models:.1f}" fill="{colour}"/>'
        for place, models in bins.iter_rows()
    ]


def _x(place: float) -> float:
    return _MARGIN + (WIDTH - 2 * _MARGIN) * place / _BINS


def _days(window_days: int, top: float) -> list[str]:
    """The scale of time."""
    anchors = ("start", "middle", "middle", "end")
    return [
        f'<text x="{_x(_BINS * third / 3):.1f}" y="{top + 12}" text-anchor="{anchor}" opacity="0.72" font-size="11">'
        f"{'day ' if third == 0 else ''}{window_days * third / 3:g}</text>"
        for third, anchor in enumerate(anchors)
    ]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}" stroke="currentColor" opacity="0.5"/>'

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import polars as pl

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.page.lineage_picture import KINDS, Neighbourhood, draw, neighbourhoods


def all_around(inputs: ReportInputs) -> dict[str, Neighbourhood]:
    return neighbourhoods(
        inputs.models.collect()["model_id"].to_list(), inputs.models, inputs.lineage_edges, inputs.window_days
    )


def test_followers_are_those_that_the_scores_count(inputs: ReportInputs) -> None:
    around = all_around(inputs)
    n_checked = 0
    for row in inputs.disruption_scores.filter(window_days=inputs.window_days).collect().iter_rows(named=True):
        assert [around[row["model_id"]].count(kind) for kind in KINDS] == [row[kind] for kind in KINDS]
        n_checked += sum(row[kind] for kind in KINDS)
    assert n_checked > 500


def test_every_follower_is_drawn_or_counted(inputs: ReportInputs) -> None:
    for neighbourhood in list(all_around(inputs).values())[::10]:
        svg = draw(neighbourhood)
        root = ET.fromstring(svg)
        assert root.get("viewBox")
        numbers = [int(text.replace(",", "")) for text in re.findall(r'font-weight="bold">([\d,]+)<', svg)]
        assert numbers == [neighbourhood.count(kind) for kind in KINDS]
        if "bars: up to" not in svg:
            assert len(root.findall(".//{*}circle")) == sum(numbers)


def test_nothing_is_drawn_outside_the_picture(inputs: ReportInputs) -> None:
    for neighbourhood in list(all_around(inputs).values())[::25]:
        root = ET.fromstring(draw(neighbourhood))
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        for circle in root.iter("{http://www.w3.org/2000/svg}circle"):
            x, y, r = (float(circle.get(name, "nan")) for name in ("cx", "cy", "r"))
            assert r <= x <= width - r
            assert r <= y <= height - r
        for box in root.iter("{http://www.w3.org/2000/svg}rect"):
            x, y, w, h = (float(box.get(name, "nan")) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + w <= width
            assert 0 <= y <= y + h <= height


def test_many_parents_are_counted_and_long_names_shortened() -> None:
    parents = pl.DataFrame({"model_id": [f"owner/{'long-' * 20}{i}" for i in range(7)], "n_children": range(7)})
    followers = pl.DataFrame(
        schema={"model_id": pl.String, "kind": pl.String, "days": pl.Float64, "n_children": pl.Int64}
    )
    svg = draw(Neighbourhood("bare-name", 90, parents, followers))
    assert "+5 more" in svg
    assert "…" in svg
    assert max(len(text) for text in re.findall(r">([^<>]+)</text>", svg)) < 40


def test_names_are_escaped() -> None:
    parents = pl.DataFrame({"model_id": ["<i>/&amp;"], "n_children": [1]})
    followers = pl.DataFrame(schema={"kind": pl.String, "days": pl.Float64})
    root = ET.fromstring(draw(Neighbourhood("<b>\"'/<&", 90, parents, followers)))
    shown = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"<i>", "&amp;", "<b>\"'", "<&"} <= set(shown)
    assert "<i>/&amp;" in root.get("aria-label", "")

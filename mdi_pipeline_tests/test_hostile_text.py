"""Whatever stands in ids, authors, tasks, tags and licences acts on nothing that shows it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mdi_pipeline.compute.visible_text import visible
from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline_tests import hostile
from mdi_pipeline_tests.chromium import Browser, browser, needs_driver
from mdi_pipeline_tests.pipeline import mdi

pytestmark = pytest.mark.slow

PARTS = st.one_of(
    st.sampled_from(hostile.ALL),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.text(st.sampled_from("<>&\"'[]()/\\=+-@|`*_~#$%{}:;!? \t\r\n\x00\x1b\x9b\u202e"), min_size=1, max_size=30),
)
TEXTS = st.lists(st.lists(PARTS, min_size=1, max_size=3).map("".join), min_size=12, max_size=12, unique=True)


OF_THE_REPORT = re.compile(
    r"(\[the report of [0-9-]{10}\]\(/mdi/reports/[0-9-]{10}/report\.html\)\n\n)?"
    r"!\[[a-z :,]+\]\(/mdi/reports/[0-9-]{10}/figures/[a-z_]+\.svg\)"
)
"""A link to a figure of the report, or to the report too: nothing in it was written by others."""


def filled(folder: Path, texts: tuple[str, ...]) -> Home:
    """A home with a crawl of these texts; `run.txt` in it holds what the command wrote."""
    shutil.rmtree(folder, ignore_errors=True)
    hostile.write_hostile_crawl(folder / "crawls", texts)
    home = Home(folder / "home")
    done = mdi(home.path, "run", "--source", "files", "--path", str(folder / "crawls"))
    assert done.exit_code == 0, done.output
    (home.path / "run.txt").write_text(done.output)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return filled(tmp_path_factory.mktemp("hostile") / "all", hostile.ALL)


def of_each_task(home: Home) -> list[str]:
    """A model of each task."""
    models = home.lake.read("models", hostile.DAY)
    return models.unique("pipeline_tag", maintain_order=True)["model_id"].to_list()


def wrong_in_commands(home: Home) -> list[str]:
    """Invisible characters in what the commands write, and what they could not do."""
    wrong = hostile.INVISIBLE.findall((home.path / "run.txt").read_text())
    said = [mdi(home.path, *words) for words in (["top", "--limit", "100"], ["top", "--by", "n_children"], ["doctor"])]
    said += [mdi(home.path, "show", model_id) for model_id in of_each_task(home)]
    said += [mdi(home.path, "top", "--by", text) for text in hostile.TERMINAL]
    for one in said:
        wrong += hostile.INVISIBLE.findall(one.output)
        wrong += [repr(one.exception)] if not isinstance(one.exception, SystemExit | None) else []
    return wrong


def wrong_in_report(home: Home) -> list[str]:
    """What a page and the files of its figures could do."""
    page = home.reports.page(hostile.DAY).read_text(encoding="utf-8")
    figures = home.reports.figures(hostile.DAY)
    wrong = hostile.wrong_in_page(page)
    wrong += [one for file in sorted(figures.glob("*.svg")) for one in hostile.wrong_in_svg(file)]
    return wrong + [one for file in sorted(figures.glob("*.csv")) for one in hostile.wrong_in_csv(file)]


def metadata(home: Home) -> Iterator[tuple[str, str]]:
    """All texts among the metadata of all materialisations that Dagster keeps."""
    with open_instance(home) as instance:
        for key in instance.get_asset_keys():
            for record in instance.fetch_materializations(dg.AssetRecordsFilter(asset_key=key), limit=5).records:
                assert record.asset_materialization
                for name, value in record.asset_materialization.metadata.items():
                    if isinstance(value.value, str):
                        yield f"{key.to_user_string()} {name}", value.value


def wrong_in_metadata(home: Home) -> list[str]:
    """Invisible characters, and Markdown that is not a link of ours."""
    wrong = []
    for name, text in metadata(home):
        wrong += [f"{name}: {found!r}" for found in hostile.INVISIBLE.findall(text)]
        if name.endswith(" figure") and not OF_THE_REPORT.fullmatch(text):
            wrong.append(f"{name}: {text[:200]!r}")
    return wrong


@settings(max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_s3_s7_s13_hostile_text_acts_on_nothing(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    home = filled(tmp_path_factory.mktemp("generated") / "one", tuple(texts))
    assert wrong_in_commands(home) == []
    assert wrong_in_report(home) == []
    assert wrong_in_metadata(home) == []


def test_s7_commands_show_ids_and_obey_nothing_in_them(home: Home) -> None:
    assert wrong_in_commands(home) == []
    snapshots = home.lake.read("model_snapshots", hostile.DAY)
    for text in (*hostile.RICH, *hostile.TERMINAL):
        model_id = snapshots.filter(pipeline_tag=text)["model_id"][0]
        assert visible(model_id) in mdi(home.path, "show", model_id).output
    missing = mdi(home.path, "show", "[red]\x1b]52;c;ZXZpbA==\x07\nevil" + 1_000 * "l")
    assert isinstance(missing.exception, LakeError)
    assert "[red]\\x1b]52;c;ZXZpbA==\\x07\\nevill" in str(missing.exception)
    assert len(str(missing.exception)) < 600
    widest = max(map(len, mdi(home.path, "top", "--limit", "1000").output.splitlines()))
    assert widest <= 140


def test_s3_s13_the_report_and_its_figures_only_show(home: Home) -> None:
    assert wrong_in_report(home) == []
    page = home.reports.page(hostile.DAY).read_text(encoding="utf-8")
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in page
    assert wrong_in_metadata(home) == []


def test_hostile_text_is_kept_in_the_lake_as_it_came(home: Home) -> None:
    kept = home.lake.read("model_snapshots", hostile.DAY)
    assert set(hostile.ALL) <= set(kept["pipeline_tag"].to_list())


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser("--allow-file-access-from-files") as window:
        yield window


@needs_driver
def test_s16_the_page_runs_nothing_breaks_no_policy_and_shows_its_figures(home: Home, window: Browser) -> None:
    window.open(home.reports.page(hostile.DAY).as_uri())
    window.wait_for("What this crawl says")
    assert window.run("return window.pwned") is None
    assert window.run("return document.scripts.length") == 0
    assert window.console() == []
    drawn = "return [...document.querySelectorAll('figure svg')].map(svg => svg.getBoundingClientRect().width)"
    widths = window.run(drawn)
    assert len(widths) > 10
    assert min(widths) > 300
    margin = "return getComputedStyle(document.querySelector('main h2')).marginTop"
    assert window.run(margin) == "24px", "the style of the page is on it"


@needs_driver
def test_s16_the_policy_stops_what_would_get_through(home: Home, window: Browser, tmp_path: Path) -> None:
    page = home.reports.page(hostile.DAY).read_text(encoding="utf-8")
    planted = tmp_path / "planted.html"
    attack = "<script>window.pwned=1</script><img src='x.png' onerror='window.pwned=1'>"
    planted.write_text(page.replace("</main>", f"{attack}</main>"))
    window.open(planted.as_uri())
    window.wait_for("What this crawl says")
    assert window.run("return window.pwned") is None
    assert any("Content Security Policy" in said for said in window.console())

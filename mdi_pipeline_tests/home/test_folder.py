"""Where a home can be, and where not."""

from pathlib import Path

import pytest

from mdi_pipeline.home.folder import Home, HomeError


@pytest.mark.parametrize("address", ["s3://bucket/home", "gs://b", "https://user:secret@host/x", "file:///tmp/x"])
def test_an_address_is_no_home(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDI_HOME", address)
    for given in (None, address, Path(address)):
        with pytest.raises(HomeError, match=r"a home is a local folder, and [a-z0-9]+://… is an address") as refused:
            Home.at(given)
        assert "secret" not in str(refused.value)


def test_the_option_is_above_the_environment_and_that_above_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MDI_HOME", raising=False)
    assert Home.at().path == tmp_path / "mdi_home"
    monkeypatch.setenv("MDI_HOME", "a")
    assert Home.at().path == tmp_path / "a"
    assert Home.at("b").path == tmp_path / "b"


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(HomeError, match="file is a file, and a home is a folder"):
            Home.at(path)


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, "circle"])
def test_what_cannot_be_a_path_is_refused(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("circle").symlink_to("circle")
    with pytest.raises(HomeError):
        Home.at(path)

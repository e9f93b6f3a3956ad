from __future__ import annotations

import re
from pathlib import Path

import pytest

from regulars.ops import settings
from regulars.ops.settings import BadSetting
from regulars.web.settings import WebSettings

PACKAGE = Path(settings.__file__).parents[1]
# Tests of our own and what is passed on to child processes are no settings.
NAME = re.compile(r"\b(REGULARS_(?!TEST_)[A-Z][A-Z_]*[A-Z])\b")


def read(tmp_path: Path, **given: str) -> settings.Settings:
    return settings.read({"REGULARS_HOME": str(tmp_path), **given})


def test_nothing_is_needed(tmp_path: Path) -> None:
    found = read(tmp_path)

    assert (found.host, found.port, found.database_url, found.one_bucket) == ("127.0.0.1", 8000, None, False)
    assert found.web == WebSettings()


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = read(tmp_path / "home"), read(tmp_path / "home")

    assert len(first.secret) == 64
    assert first.secret == second.secret
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret"]


def test_beside_a_database_of_ones_own_the_secret_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="openssl rand"):
        read(tmp_path, REGULARS_DATABASE_URL="postgresql://db.example.com/regulars")

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "٨٠٠٠"),
        ("REGULARS_CONNECTIONS", "0"),
        ("REGULARS_ONE_BUCKET", "yes"),
        ("REGULARS_LOG", "xml"),
        ("REGULARS_REQUESTS_PER_SECOND", "0"),
        ("REGULARS_BURST", "many"),
    ],
)
def test_a_value_that_cannot_be_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=rf"^{name} is {re.escape(repr(value))}; "):
        read(tmp_path, **{name: value})


def test_an_empty_value_is_none(tmp_path: Path) -> None:
    found = read(tmp_path, PORT="", REGULARS_DATABASE_URL="", REGULARS_BURST="")

    assert (found.port, found.database_url, found.web.burst) == (8000, None, 4000)


def test_the_api_is_set_up_too(tmp_path: Path) -> None:
    found = read(tmp_path, REGULARS_REQUESTS_PER_SECOND="12.5", REGULARS_BURST="20")

    assert found.web == WebSettings(requests_per_second=12.5, burst=20)


def test_every_variable_that_the_code_knows_is_explained() -> None:
    explained = {variable.name for variable in settings.VARIABLES}
    fields = {f"REGULARS_{field.upper()}" for field in WebSettings.__struct_fields__}

    named = {name for path in PACKAGE.rglob("*.py") for name in NAME.findall(path.read_text(encoding="utf-8"))}

    assert named | fields == explained - {"PORT"}


def test_the_defaults_of_the_api_are_told_as_they_are() -> None:
    told = {variable.name: variable.default for variable in settings.VARIABLES}

    for field in WebSettings.__struct_fields__:
        assert float(told[f"REGULARS_{field.upper()}"]) == getattr(WebSettings(), field), field

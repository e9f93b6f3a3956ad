"""The reference for people."""

import re

import pytest

from tests.web.calling import Api


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/docs", "text/html"), ("/docs/docs.css", "text/css"), ("/docs/docs.js", "text/javascript")],
)
async def test_is_served_to_anybody_from_here_alone(api: Api, path: str, media_type: str) -> None:
    answer = await api.using(None).get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert re.findall(r"https?:|//[a-z]+\.[a-z]", answer.text) == []


async def test_lets_the_browser_load_and_run_nothing_else(api: Api) -> None:
    policy = (await api.get("/docs")).headers["content-security-policy"]

    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert "unsafe" not in policy


async def test_loads_only_what_is_there_and_writes_no_markup_of_others(api: Api) -> None:
    page, script = (await api.get("/docs")).text, (await api.get("/docs/docs.js")).text

    paths = {path for path in re.findall(r'(?:href|src)="(/[^"#]+)"', page) if path != "/v1/openapi.json"}
    answers = [await api.get(path) for path in paths]
    assert paths
    assert {answer.status_code for answer in answers} == {200}
    assert re.findall("innerHTML|outerHTML|document.write|eval", script) == []
    assert "<script>" not in page
    assert "style=" not in page


async def test_finds_in_the_page_what_its_script_looks_for(api: Api) -> None:
    page, script = (await api.get("/docs")).text, (await api.get("/docs/docs.js")).text

    wanted = set(re.findall(r'getElementById\("([a-z-]+)"\)', script))

    assert wanted - set(re.findall(r'id="([a-z-]+)"', page)) == set()

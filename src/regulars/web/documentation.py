"""The reference for people: a page of our own, drawn in the browser from the reference for machines."""

from pathlib import Path
from typing import Final

import msgspec
from litestar import get
from litestar.response.base import ASGIResponse

from regulars.web.desk import Call
from regulars.web.openapi import document
from regulars.web.operations import Operation, declared

_PAGES: Final = Path(__file__).parent / "pages"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}


def _page(id: str, summary: str) -> Operation:
    return Operation(id=id, tag="Pages", summary=summary, scope=None, listed=False)


def _file(name: str, media_type: str) -> ASGIResponse:
    return ASGIResponse(body=(_PAGES / name).read_bytes(), media_type=media_type, headers=_HEADERS)


@get("/docs", opt=declared(_page("docs", "The reference for people")), sync_to_thread=False)
def docs() -> ASGIResponse:
    """Serve the page."""
    return _file("docs.html", "text/html")


@get("/docs/docs.css", opt=declared(_page("docs_style", "How the reference looks")), sync_to_thread=False)
def docs_style() -> ASGIResponse:
    """Serve the page's style."""
    return _file("docs.css", "text/css")


@get("/docs/docs.js", opt=declared(_page("docs_script", "What draws the reference")), sync_to_thread=False)
def docs_script() -> ASGIResponse:
    """Serve the page's one module."""
    return _file("docs.js", "text/javascript")


@get("/v1/openapi.json", opt=declared(_page("openapi", "The reference for machines")), sync_to_thread=False)
def openapi(request: Call) -> ASGIResponse:
    """Serve the OpenAPI document."""
    return ASGIResponse(body=msgspec.json.encode(document(request.app)), media_type="application/json")


HANDLERS: Final = (docs, docs_style, docs_script, openapi)

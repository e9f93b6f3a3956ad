import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.house.repository import ROOT, tracked

CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def dead_links(page: Path) -> list[str]:
    """Return every link of a page to a file or heading that is not there."""
    return [target for target in links(page.read_text(encoding="utf-8")) if not resolves(target, page)]


def links(text: str) -> Iterator[str]:
    for inline, reference in LINK.findall(CODE.sub("", text)):
        target = inline or reference
        if not OUTSIDE.match(target):
            yield target


def resolves(target: str, page: Path) -> bool:
    name, _, anchor = unquote(target).partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return False
    return not anchor or path.suffix != ".md" or anchor in anchors(path.read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """Return the anchors that readers of Markdown give to headings: lower case, hyphens, no punctuation."""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", CODE.sub(keep_inline_code, text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def keep_inline_code(code: re.Match[str]) -> str:
    return "" if code[1] else code[0]


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert not dead_links(page)


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# The words we use\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md) [b](there.md#the-words-we-use) [c](gone.md) [d](there.md#gone) `[e](code.md)`\n"
        "[f](mailto:someone@example.com)\n\n[g]: gone-too.md\n",
        encoding="utf-8",
    )

    found = dead_links(page)

    assert found == ["gone.md", "there.md#gone", "gone-too.md"]


def test_every_page_of_the_handbook_is_reached_from_its_index() -> None:
    index = ROOT / "docs" / "index.md"
    seen: set[Path] = set()
    waiting = [index]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = [target.partition("#")[0] for target in links(page.read_text(encoding="utf-8"))]
        waiting += [path for target in targets if (path := (page.parent / target).resolve()).suffix == ".md"]

    assert set(tracked("docs/*.md")) <= seen

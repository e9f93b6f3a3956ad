"""A scenario is a page of Markdown: read, played on a platform, and compared with what it promises; pure."""

from regulars.programme.scenarios.comparing import Difference
from regulars.programme.scenarios.page import Page
from regulars.programme.scenarios.platform import Platform
from regulars.programme.scenarios.playing import run_page
from regulars.programme.scenarios.reading import BrokenPageError, read_page
from regulars.programme.scenarios.versions import Files

__all__ = ["BrokenPageError", "Difference", "Files", "Page", "Platform", "read_page", "run_page"]

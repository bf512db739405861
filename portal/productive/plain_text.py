"""Rich text as plain text, with its line breaks."""

import re
from html.parser import HTMLParser

from portal.domain.characters import clean

BLOCKS = frozenset(
    (
        *("p", "div", "pre", "hr", "blockquote", "address", "figure", "figcaption", "details", "summary"),
        *("ul", "ol", "li", "dl", "dt", "dd", "menu"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr"),
        *("section", "article", "aside", "header", "footer", "main", "nav", "form", "fieldset"),
    )
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th", "option"))
SILENT = frozenset(("script", "style", "template", "title"))


class _Reader(HTMLParser):
    """Collects text, with a line break where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as the parser calls it
        """Begin a line at a block or a break."""
        self._silent += tag in SILENT
        if tag == "br":
            self.text += "\n"
        self._begin_line(tag)
        self._set_apart(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a line with a block."""
        self._silent -= tag in SILENT and self._silent > 0
        self._begin_line(tag)
        self._set_apart(tag)

    def handle_data(self, data: str) -> None:
        """Keep what people see."""
        if not self._silent:
            self.text += data

    def _begin_line(self, tag: str) -> None:
        if tag in BLOCKS | HEADINGS and self.text and not self.text.endswith("\n"):
            self.text += "\n"

    def _set_apart(self, tag: str) -> None:
        if tag in CELLS and self.text and not self.text[-1].isspace():
            self.text += " "


def read_plain_text(html: str | None) -> str:
    """Return the text of a description without markup.

    There is at most one empty line in a row, and none at the edges.
    """
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    # Only now, for markup may spell any character by its number.
    lines = (" ".join(line.split()) for line in clean(reader.text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

"""Rich text as plain text; line breaks stay."""

import re
from html.parser import HTMLParser

BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "hr"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
SILENT = frozenset(("script", "style"))


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

    def handle_endtag(self, tag: str) -> None:
        """End a line with a block."""
        self._silent -= tag in SILENT and self._silent > 0
        self._begin_line(tag)

    def handle_data(self, data: str) -> None:
        """Keep what people see."""
        if not self._silent:
            self.text += data

    def _begin_line(self, tag: str) -> None:
        if tag in BLOCKS | HEADINGS and self.text and not self.text.endswith("\n"):
            self.text += "\n"


def read_plain_text(html: str | None) -> str:
    """Return the text of a description without markup; at most one empty line in a row, none at the edges."""
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    lines = (" ".join(line.split()) for line in reader.text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

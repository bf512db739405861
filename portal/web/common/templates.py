"""Jinja as the portal uses it."""

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# The end of a line with what is blank around it.
LINE_END = re.compile(r"[ \t]*\n\s*")


class NoIndents(Extension):
    """Sends no indents of templates. What is put into a template keeps its own."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Leave one line end of each, as a template is compiled."""
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", LINE_END.sub("\n", token.value))
            else:
                yield token


class KnownEnvironment(Environment):
    """An environment whose templates share its globals, and are sent without their indents."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_extension(NoIndents)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give a template no mapping of its own where it has nothing of its own."""
        # Each import compares the names of both, and with a chain of mappings that is hundreds of calls.
        return super().make_globals(d) if d else self.globals

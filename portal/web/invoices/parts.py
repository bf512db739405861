"""The parts of an invoice's page, and by what an open page knows that one of them looks otherwise now."""

import re
from dataclasses import dataclass
from hashlib import blake2b

from flask import render_template, request
from markupsafe import Markup

from portal.store.invoices import InvoiceRow

# These differ each time, though nothing changed: a form's token, and how long ago something was.
PASSING = re.compile(r'name="csrf_token" value="[^"]*"|<dd data-ago>[^<]*</dd>')


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page as it looks now. ``mark`` stands for its looks."""

    html: Markup
    mark: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What of the page changes: the heading, the button beside it, and all below."""

    heading: Markup
    control: Part
    page: Part

    @property
    def shown(self) -> frozenset[str]:
        """Return the marks of the parts as the open page has them."""
        return frozenset(request.args.get("rows", "").split())

    @property
    def is_new_control(self) -> bool:
        """Say whether the button looks otherwise than on the open page."""
        return self.control.mark not in self.shown

    @property
    def is_new_page(self) -> bool:
        """Say whether anything else looks otherwise than on the open page."""
        return self.page.mark not in self.shown


def show_parts(row: InvoiceRow, words: dict[str, object]) -> Parts:
    """Show the parts of a page, each with its mark."""
    heading = Markup(render_template("invoices/_heading.html", row=row, **words))  # noqa: S704 - our template
    control = render_template("invoices/_control.html", row=row, **words)
    page = render_template("invoices/_page.html", row=row, **words)

    return Parts(
        heading=heading,
        control=_mark("control", control),
        page=_mark("page", page, str(heading)),
    )


def _mark(name: str, html: str, *more: str) -> Part:
    looks = PASSING.sub("", "".join((html, *more)))
    digest = blake2b(looks.encode(), digest_size=8).hexdigest()
    return Part(Markup(html), f"{name}.{digest}")  # noqa: S704 - our template

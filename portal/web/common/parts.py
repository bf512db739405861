"""Small parts of pages as plain functions: icons, badges, buttons, links, amounts.

Templates take them from ``components/ui.html``. What is the same on every page is made once per language.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from flask import Flask, render_template, request, url_for
from flask_babel import gettext as _
from jinja2 import Undefined
from markupsafe import Markup, escape

from portal.settings import ROOT
from portal.web.common.access import current_person
from portal.web.common.formats import money
from portal.web.common.static_files import address_of
from portal.web.common.words import Words, teach_words, words

MOST = 2048
Attributes = Mapping[str, object] | None


def _made(html: str) -> Markup:
    """Mark what is made here as HTML."""
    return Markup(html)  # noqa: S704 - what is put in was escaped before


@lru_cache(MOST)
def icon(name: str, label: str | None = None) -> Markup:
    """Draw an icon. Without a label it is only for the eye."""
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return _made(f'<svg class="icon" {told}><use href="{_icons()}#{escape(name)}"></use></svg>')


@cache
def _icons() -> str:
    return address_of(ROOT / "static")("icons.svg")


def tag(text: object, tone: str = "neutral", icon_name: str | None = None) -> Markup:
    """Write a word in a coloured field."""
    drawn = icon(icon_name) if icon_name else ""
    return _made(f'<span class="badge badge-{escape(tone)}">{drawn}{escape(text)}</span>')


def badge(state: object) -> Markup:
    """Name a state with its colour and icon. One that is not known is shown as it is."""
    code = str(state).lower().replace(" ", "_").replace("-", "_")
    return _badges(words()).get(code) or tag(state)


@cache
def _badges(_language: Words) -> dict[str, Markup]:
    """Make the badges of the request's language, which is the key."""
    return {
        "not_copied": tag(_("Not copied"), "neutral", "circle-dashed"),
        "waiting": tag(_("Waiting"), "info", "clock"),
        "sending": tag(_("Sending"), "info", "loader-circle"),
        "uncertain": tag(_("Uncertain"), "warn", "circle-question-mark"),
        "copied": tag(_("Copied"), "success", "circle-check"),
        "copied_with_a_difference": tag(_("Copied with a difference"), "warn", "equal-not"),
        "refused": tag(_("Refused"), "error", "circle-x"),
        "undone": tag(_("Undone"), "neutral", "undo-2"),
        "changed_since_copied": tag(_("Changed since copied"), "warn", "git-compare"),
        "copied_elsewhere": tag(_("Copied elsewhere"), "neutral", "link"),
        "do_not_copy": tag(_("Do not copy"), "neutral", "ban"),
        "paid": tag(_("Paid"), "success", "check"),
        "part_paid": tag(_("Part paid"), "info", "arrow-left-right"),
        "unpaid": tag(_("Unpaid"), "plain"),
        "overdue": tag(_("Overdue"), "error", "clock"),
    }


def attributes(given: Attributes) -> str:
    """Spell attributes with a space before each. What is None or undefined is left out."""
    if not given:
        return ""

    told = ((name, value) for name, value in given.items() if value is not None)
    return "".join(
        f' {escape(name)}="{escape(value)}"' for name, value in told if not isinstance(value, Undefined)
    )


def button(
    text: object,
    variant: str = "secondary",
    icon_name: str | None = None,
    type: str = "button",
    attrs: Attributes = None,
) -> Markup:
    """Make a button."""
    drawn = icon(icon_name) if icon_name else ""
    more = attributes(attrs)
    return _made(f'<button type="{type}" class="btn btn-{variant}"{more}>{drawn}{escape(text)}</button>')


def icon_button(
    label: str,
    icon_name: str,
    variant: str = "quiet",
    type: str = "button",
    attrs: Attributes = None,
) -> Markup:
    """Make a button that shows an icon alone."""
    told = escape(label)
    return _made(
        f'<button type="{type}" class="btn btn-icon btn-{variant}" aria-label="{told}" title="{told}"'
        f"{attributes(attrs)}>{icon(icon_name)}</button>"
    )


def link_button(
    text: object,
    href: str,
    variant: str = "secondary",
    icon_name: str | None = None,
    attrs: Attributes = None,
) -> Markup:
    """Make a link that looks like a button."""
    drawn = icon(icon_name) if icon_name else ""
    more = attributes(attrs)
    return _made(f'<a class="btn btn-{variant}" href="{escape(href)}"{more}>{drawn}{escape(text)}</a>')


def entry_link(url: str | None, text: object) -> Markup:
    """Link to an entry in Exact, or name it where there is no address."""
    if not url:
        return _made(f'<span class="nowrap">{escape(text)}</span>')
    return _made(
        f'<a class="nowrap" href="{escape(url)}" target="_blank" rel="noreferrer">{escape(text)}</a>'
    )


def amount(cents: int | None, currency: str) -> Markup:
    """Write an amount so that digits stand under digits."""
    sign = " amount-negative" if cents and cents < 0 else ""
    return _made(f'<span class="amount{sign}">{escape(money(cents, currency))}</span>')


@cache
def _keys(_language: Words, _is_administrator: bool) -> Markup:
    """Render the help and the palette of the request's language and role, which are the key."""
    return _made(render_template("components/_keys.html"))


def keys_help() -> Markup:
    """Show the help on keys and the palette, which are the same on every page."""
    return _keys(words(), current_person().is_administrator)


@cache
def _address(endpoint: str, _root: str) -> str:
    return url_for(endpoint)


def known_url_for(endpoint: str, **values: Any) -> str:
    """Build an address, once where it names no row."""
    if values or endpoint.startswith("."):
        return url_for(endpoint, **values)
    return _address(endpoint, request.script_root)


PARTS = SimpleNamespace(
    icon=icon,
    tag=tag,
    badge=badge,
    button=button,
    icon_button=icon_button,
    link_button=link_button,
    entry_link=entry_link,
    amount=amount,
)


def register_parts(app: Flask) -> None:
    """Give templates these parts, and the words of the person's language."""
    # A filter on a constant costs nothing in a page, for it is worked out when the template is compiled.
    app.add_template_filter(icon)
    app.jinja_env.globals["parts"] = PARTS
    app.jinja_env.globals["keys_help"] = keys_help
    app.jinja_env.globals["url_for"] = known_url_for
    teach_words(app.jinja_env)

"""The few things htmx needs from an answer."""

from urllib.parse import urlsplit

from flask import Response, make_response, request


def is_htmx() -> bool:
    """Say whether htmx asked, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def is_poll() -> bool:
    """Say whether a page asked by itself how far something is. Nobody's doing keeps a session alive."""
    return "X-Poll" in request.headers


def redirect_whole_page(url: str, status: int = 204) -> Response:
    """Tell htmx to leave the page."""
    answer = make_response("", status)
    answer.headers["HX-Redirect"] = url
    return answer


def current_path() -> str:
    """Return path and query of the page the person looks at, the request's own without htmx."""
    if not is_htmx():
        return request.full_path.rstrip("?")

    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
    except ValueError:
        return "/"

    return parts.path + (f"?{parts.query}" if parts.query else "")


def safe_path(text: str | None) -> str | None:
    """Return a path on this portal, None for anything that leads elsewhere."""
    if not text or not text.startswith("/") or text.startswith("//"):
        return None
    if "\\" in text or any(ord(character) < 33 for character in text):
        return None
    return text

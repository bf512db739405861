"""The addresses of pages with some arguments changed."""

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict


def url_with(path: str, args: MultiDict[str, str], **changes: str | None) -> str:
    """Return the page's URL with some arguments changed."""
    # The cursor goes, for the list is another.
    kept = {name: value for name, value in args.items() if value and name not in ("after", "before")}
    kept |= {name: value for name, value in changes.items() if value}
    for name, value in changes.items():
        if not value:
            kept.pop(name, None)
    return f"{path}?{urlencode(kept)}" if kept else path

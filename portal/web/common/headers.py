"""Headers of every answer: a strict content security policy, and nothing of a page is kept."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from portal.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def policy_of(settings: Settings) -> str:
    """Return the content security policy."""
    # Forms may also end at the configured sites of Exact.
    origins = sorted({origin_of(site.url) for site in settings.exact.values()})
    return POLICY.format(forms=" ".join(["'self'", *origins]))


def headers_of(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer, static files included."""
    headers = {
        "Content-Security-Policy": policy_of(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    return headers


def register_headers(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer of the app."""
    headers = headers_of(settings)

    @app.after_request
    def stay_on_the_same_host(answer: Response) -> Response:
        # Werkzeug spells the address of a corrected path with whatever Host was sent, in its page, too.
        if answer.location and answer.location.startswith(request.host_url):
            answer.location = f"/{answer.location.removeprefix(request.host_url)}"
            answer.set_data(b"")
        return answer

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers.update(headers)
        answer.headers["Cache-Control"] = "no-store"
        return answer

"""Compresses pages where what comes out tells nobody anything by its length."""

from flask import Flask, Response, request
from flask_compress import Compress

# What the browser says of who asked: a page of ours, or a person by the address line or a bookmark.
OURS = {"same-origin", "none"}


def register_compression(app: Flask) -> None:
    """Compress pages, but none that another site may have put a text into."""
    app.config["COMPRESS_REGISTER"] = False
    app.config["COMPRESS_STREAMS"] = False
    app.config["COMPRESS_MIMETYPES"] = ["text/html"]
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    library = Compress()
    library.init_app(app)

    @app.after_request
    def compress_page(answer: Response) -> Response:
        headers = request.headers
        asked_by = headers.get("Sec-Fetch-Site")
        is_page = headers.get("Sec-Fetch-Dest") == "document"
        safe = may_compress(asked_by, is_page=is_page, is_asked_with_words=bool(request.query_string))
        return library.after_request(answer) if safe else answer


def may_compress(asked_by: str | None, *, is_page: bool, is_asked_with_words: bool) -> bool:
    """Say whether the length of an answer can tell another site nothing (BREACH)."""
    # Who guesses at a secret must put guesses beside it. A form of another site comes without the cookie
    # (SameSite), so its guesses can only stand in the address.
    if not is_asked_with_words:
        return asked_by is None or asked_by in OURS

    # A page that another site opened goes on asking by itself, with the same words, for parts of itself.
    return asked_by in OURS and is_page

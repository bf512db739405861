"""Where the files of documents are fetched: the address that ``DocumentAttachments.Url`` gives."""

from flask import Blueprint, Response, request

from portal.sandbox.exact.documents import content_of
from portal.sandbox.exact.errors import PlainError
from portal.sandbox.exact.gate import Visit, check_division, check_token
from portal.sandbox.exact.state import ExactState


def files(state: ExactState) -> Blueprint:
    """The one page of files, for who has a token."""
    pages = Blueprint("files", __name__)

    @pages.get("/docs/SysAttachment.aspx")
    def fetch_file() -> Response:
        division = request.args.get("_Division_", 0, int)
        try:
            with state.lock:
                check_division(check_token(state, Visit()), state, division)
                row = state.books[division]["DocumentAttachments"].get(request.args.get("ID"))
        except PlainError as refusal:
            return Response(refusal.text, refusal.status, refusal.headers, content_type="text/plain")

        if row is None:
            return Response("There is no such file.", 404, content_type="text/plain")

        return Response(content_of(row), content_type="application/octet-stream")

    return pages

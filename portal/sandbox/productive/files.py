"""Where files are uploaded to and fetched from, in the place of the storage that Productive rents."""

from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from portal.sandbox.productive.state import Sandbox


def build_files(state: Sandbox) -> Blueprint:
    """Upload by a form with the fields of ``aws_policy``. What is not known is refused."""
    pages = Blueprint("files", __name__)

    @pages.post("/files")
    def take_file() -> Response:
        key = request.form.get("key")
        file = request.files.get("file")
        found = [each for each in state.tables.attachments.values() if each.key == key]
        if not found or file is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")

        state.files[found[0].key] = file.read()
        location = escape(f"{request.host_url}{found[0].key}")
        answer = f"<PostResponse><Location>{location}</Location></PostResponse>"

        return Response(answer, 201, {"Location": location}, content_type="application/xml")

    @pages.get("/attachments/<name>")
    def give_file(name: str) -> Response:
        content = state.files.get(f"attachments/{name}")
        if content is None:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")
        return Response(content, content_type="application/octet-stream")

    return pages

"""The ways in which Exact refuses a call."""

from collections.abc import Iterable

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from portal.sandbox.exact.texts import say


class ExactError(Exception):
    """An answer with Exact's error body."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    def body(self) -> dict[str, object]:
        """Exact's error body: no code, no language, the text."""
        return {"error": {"code": "", "message": {"lang": "", "value": self.text}}}


class PlainError(Exception):
    """An answer with plain text, or none."""

    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers or {}


def bad_request(text: str) -> ExactError:
    """The request itself is wrong: 400."""
    return ExactError(400, text)


def unreadable(text: str) -> ExactError:
    """The body of the request cannot be read: 400."""
    return ExactError(400, f"Error processing request stream. {text}")


def not_found(segment: str) -> ExactError:
    """There is no such thing: 404."""
    return ExactError(404, f"Resource not found for the segment '{segment}'.")


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """What Flask itself refuses, in the shape that belongs to its path. Pages are for people."""
    if request.path.startswith("/api/v1"):
        return jsonify(ExactError(error.code or 500, f"{error.name}.").body()), error.code or 500
    if request.path.startswith("/api/oauth2/token"):
        return jsonify(error="invalid_request", error_description=error.name), error.code or 500
    return error.get_response()


class Findings:
    """Business faults, collected in the user's language and told together."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._texts: list[str] = []

    def add(self, text: str, *filling: str) -> None:
        """Note one fault, the same one only once."""
        sentence = say(self._language, text, *filling)
        if sentence not in self._texts:
            self._texts.append(sentence)

    def add_all(self, faults: Iterable[tuple[str, ...]]) -> None:
        """Note several faults."""
        for text, *filling in faults:
            self.add(text, *filling)

    def __bool__(self) -> bool:
        return bool(self._texts)

    def refuse(self) -> None:
        """Answer with 500, as Exact does for business faults, if there was any."""
        if self._texts:
            raise ExactError(500, "\r\n".join(self._texts))

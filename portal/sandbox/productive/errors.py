"""The errors of the API: string status, machine code, and a pointer without a leading slash."""

from collections.abc import Mapping


class ApiError(Exception):
    """What the API answers instead of a document."""

    def __init__(
        self, status: int, *errors: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, *errors)
        self.status = status
        self.errors = errors
        self.headers = dict(headers or {})


def describe(
    status: int, code: str, title: str, detail: str, pointer: str | None = None
) -> dict[str, object]:
    """One entry of ``errors``."""
    source = {"pointer": pointer} if pointer else {}
    return {
        "status": str(status),
        "code": code,
        "title": title,
        "detail": detail,
        "meta": {},
        "source": source,
    }


def refuse(status: int, code: str, title: str, detail: str) -> ApiError:
    """An error about the request as a whole."""
    return ApiError(status, describe(status, code, title, detail))


def not_found() -> ApiError:
    """No such record, or not yours, or deleted."""
    return refuse(404, "record_not_found", "Record Not Found", "The requested record was not found")


def unsupported(what: str, name: str) -> ApiError:
    """A filter, sort or include that the endpoint does not know."""
    detail = f"{what} '{name}' is not supported on this endpoint"
    return refuse(400, f"unsupported_{what.lower()}", f"Unsupported {what}", detail)


def unsupported_value(name: str, value: str) -> ApiError:
    """A value that a filter cannot read."""
    detail = f"Value '{value}' is not supported for filter '{name}'"
    return refuse(400, "unsupported_filter_value", "Unsupported Filter Value", detail)


def invalid(faults: Mapping[str, str]) -> ApiError:
    """One entry for every attribute that is wrong."""
    return ApiError(
        422,
        *(
            describe(422, "invalid_attribute", "Invalid Attribute", detail, f"data/attributes/{name}")
            for name, detail in faults.items()
        ),
    )

"""What stands before every API call: token, organisation, rate limits, media types."""

from dataclasses import dataclass
from math import ceil

from flask import Request

from portal.sandbox.productive.errors import ApiError, refuse
from portal.sandbox.productive.jsonapi import MEDIA_TYPE
from portal.sandbox.productive.state import Sandbox

_ACCEPTED = frozenset({MEDIA_TYPE, "application/json", "application/*", "*/*"})


@dataclass(frozen=True)
class Guard:
    """Lets a request pass, or raises what Productive answers instead."""

    state: Sandbox
    token: str
    organization: str

    def check(self, request: Request) -> None:
        """In Productive's order: who are you, may you, how often, and what is it that you send."""
        self._check_access(request)
        self._count()
        if not _accepts(request.headers.get("Accept", "*/*")):
            raise refuse(406, "not_acceptable", "Not Acceptable", "Not acceptable")
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.mimetype != MEDIA_TYPE:
            raise refuse(415, "unsupported_media_type", "Unsupported Media Type", "Unsupported content type")

    def _check_access(self, request: Request) -> None:
        organization = request.headers.get("X-Organization-Id")
        if request.headers.get("X-Auth-Token") != self.token or not organization:
            raise refuse(401, "unauthenticated", "Unauthenticated", "You are not authenticated")

        if organization != self.organization:
            raise refuse(
                403, "access_denied", "Access Denied", "You are not authorized to access this resource"
            )

    def _count(self) -> None:
        now = self.state.backstage.clock.time()
        limits = self.state.backstage.limits
        windows = (
            (self.state.ten_seconds, limits.minute, self.token),
            (self.state.half_hours, limits.day, self.organization),
        )

        for window, limit, key in windows:
            if window.used(key, now) >= limit:
                raise _too_many(limit, window.seconds, ceil(window.ends(now) - now))

        for window, _, key in windows:
            window.add(key, now)


def _accepts(header: str) -> bool:
    return any(part.partition(";")[0].strip() in _ACCEPTED for part in header.split(","))


def _too_many(limit: int, period: int, wait: int) -> ApiError:
    # The guide shows this one body with a status as a number and without a code.
    body = {
        "status": 429,
        "title": "Too many requests",
        "detail": f"Only {limit} requests per {period} seconds are allowed",
        "limit": limit,
        "period": period,
    }

    return ApiError(429, body, headers={"X-RateLimit-Reset": str(wait)})

"""The states of a connection and of its sign-in, and the choices of a connection."""

from enum import StrEnum


class ConnectionState(StrEnum):
    """How far a connection has come. A disconnected one is kept for its history."""

    DRAFT = "draft"
    LIVE = "live"
    DISCONNECTED = "disconnected"


class GrantState(StrEnum):
    """Whether a sign-in at Exact works, or a person must sign in again."""

    LIVE = "live"
    LOST = "lost"


class NumberSource(StrEnum):
    """Who gives an invoice its number."""

    PRODUCTIVE = "productive"
    EXACT = "exact"


class PaymentsMode(StrEnum):
    """Which payments a connection brings to Productive: those from now on, or all."""

    FROM_NOW = "now"
    CATCH_UP = "all"


class SignInCause(StrEnum):
    """Why a sign-in is lost, is not renewed, or soon ends."""

    RENEWAL_LOST = "renewal lost"
    EXPIRED = "expired"
    ENDED = "ended"
    APP_REFUSED = "app refused"
    RENEWAL_REFUSED = "renewal refused"
    NO_ANSWER = "no answer"
    LAPSES = "lapses"

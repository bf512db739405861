"""OAuth grants: codes that work once, one chain of tokens per user and app.

[X] What a spent refresh token gets is reported as 401 and 400. Here it is 401. An access token lives out its
600 s after a renewal, but dies with its chain when the user consents anew.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

CODE_LIFE = 180
ACCESS_LIFE = 600
EARLIEST_RENEWAL = 570
REFRESH_LIFE = 30 * 86_400


@dataclass
class Code:
    """A code on its way from the consent page to the token endpoint."""

    user: str
    redirect_uri: str
    issued: float


@dataclass
class Chain:
    """The tokens of one user: the present refresh token and the access tokens that still live."""

    user: str
    refresh: str
    issued: float
    access: dict[str, float] = field(default_factory=dict)


@dataclass
class TokenError(Exception):
    """What the token endpoint answers instead of tokens."""

    status: int
    error: str
    description: str
    reason: str | None = None


@dataclass
class Grants:
    """Every code and chain of the one app that the sandbox knows."""

    codes: dict[str, Code] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)

    def issue_code(self, user: str, redirect_uri: str, now: float) -> str:
        """A code for a user who said Allow."""
        # Real codes hold characters that must be encoded, so that decoding twice shows.
        code = f"stampNL001.{secrets.token_urlsafe(24)}!IAAA%2B"
        self.codes[code] = Code(user, redirect_uri, now)
        return code

    def redeem(self, code: str, redirect_uri: str, now: float) -> tuple[str, str]:
        """Tokens for a code. The user's chain before it is dead."""
        known = self.codes.pop(code, None)
        if known is None or now > known.issued + CODE_LIFE or known.redirect_uri != redirect_uri:
            raise TokenError(400, "invalid_grant", "The code is invalid, used or expired.")
        self.chains[known.user] = Chain(known.user, "", now)
        return self._issue(self.chains[known.user], now)

    def renew(self, refresh: str, now: float) -> tuple[str, str]:
        """Fresh tokens for a refresh token, which is spent with that."""
        chain = next((each for each in self.chains.values() if each.refresh == refresh), None)
        if chain is None or not refresh:
            raise TokenError(401, "unauthorized_client", "Old refresh token used.")
        if now > chain.issued + REFRESH_LIFE:
            raise TokenError(400, "invalid_request", _expired_text(chain.issued + REFRESH_LIFE, now))

        if now < chain.issued + EARLIEST_RENEWAL:
            text = "Rate limit exceeded: access_token not expired"
            raise TokenError(400, "access_denied", text, f"TooEarlyToRefreshTokens: {text}")

        return self._issue(chain, now)

    def find_user(self, access: str, now: float) -> tuple[str | None, bool]:
        """Whose access token this is, and whether it still works."""
        for chain in self.chains.values():
            if access in chain.access:
                return chain.user, now < chain.access[access]
        return None, False

    def revoke(self, user: str | None = None) -> int:
        """Kill the chain of a user, or all, and return how many died."""
        users = [name for name in self.chains if user in (None, name)]
        for name in users:
            del self.chains[name]
        return len(users)

    def shift(self, seconds: float) -> None:
        """Move every moment back, so that ages stay when the clock goes back."""
        for code in self.codes.values():
            code.issued -= seconds
        for chain in self.chains.values():
            chain.issued -= seconds
            chain.access = {token: end - seconds for token, end in chain.access.items()}

    def _issue(self, chain: Chain, now: float) -> tuple[str, str]:
        access = f"stampNL001.{secrets.token_urlsafe(48)}"
        chain.refresh = f"stampNL001.{secrets.token_urlsafe(40)}!"
        chain.issued = now
        chain.access = {token: end for token, end in chain.access.items() if end > now - ACCESS_LIFE}
        chain.access[access] = now + ACCESS_LIFE
        return access, chain.refresh


def _expired_text(ended: float, now: float) -> str:
    shown = [datetime.fromtimestamp(moment, UTC).strftime("%m/%d/%Y %I:%M:%S %p") for moment in (ended, now)]
    return f"The refresh token expired at {shown[0]} and it is now {shown[1]}"

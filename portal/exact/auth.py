"""Signing in at Exact: consent, code, and the renewal of one-use tokens."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from portal.domain.failed import Failed
from portal.domain.said import said
from portal.exact.token_faults import token_fault_of
from portal.redact import know, strike_known
from portal.remote.bodies import load
from portal.remote.bounded import TooLargeError, mount
from portal.remote.clock import RemoteClock
from portal.remote.deadline import a_person_waits, at_most
from portal.remote.errors import BadAnswerError, RemoteError, UnreachableError
from portal.remote.tokens import TokenPair, read_pair, read_seconds
from portal.remote.transport import Answer, failure_of
from portal.settings import AppRegistration

TIMEOUT = 30.0
# Their text says more than their code.
AS_WORDS = (Failed.WORDS, Failed.BAD_ANSWER)
# A token answer is two tokens and a few words.
LARGEST_ANSWER = 262_144


class ExactAuth:
    """Our app at one country site of Exact.

    Whether a token may be renewed now is for the caller to decide.
    """

    def __init__(
        self,
        registration: AppRegistration,
        callback: str,
        *,
        clock: RemoteClock | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.clock = clock or RemoteClock()
        self._registration = registration
        self._callback = callback
        self._timeout = timeout

    def authorization_url(self, state: str | None = None, *, force_login: bool = False) -> tuple[str, str]:
        """Return where to send a person for consent, and the state that must come back."""
        extra = {"force_login": "1"} if force_login else {}
        address = f"{self._registration.url}/api/oauth2/auth"
        url, state = self._session().create_authorization_url(address, state=state, **extra)
        return str(url), str(state)

    def exchange_code(self, code: str) -> TokenPair:
        """Turn the code from the callback into tokens.

        The code works once, and for three minutes.
        """
        session = self._session()
        return self._fetch(
            lambda url, how: session.fetch_token(url, grant_type="authorization_code", code=code, **how),
            secret=code,
        )

    def renew(self, refresh_token: str) -> TokenPair:
        """Turn a refresh token into the next pair.

        A refresh token works once, and not within the first 570 seconds of its pair.
        """
        session = self._session()
        return self._fetch(
            lambda url, how: session.refresh_token(url, refresh_token=refresh_token, **how),
            secret=refresh_token,
            former_refresh=refresh_token,
        )

    def _session(self) -> Any:
        session = OAuth2Session(
            self._registration.client_id,
            self._registration.client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            redirect_uri=self._callback,
        )

        mount(session, LARGEST_ANSWER)
        session.register_compliance_hook("access_token_response", self._refuse_faults)
        session.register_compliance_hook("refresh_token_response", self._refuse_faults)

        return session

    def _refuse_faults(self, reply: requests.Response) -> requests.Response:
        """Tell failures apart before Authlib, which drops status and headers, reads the answer."""
        answer = Answer(reply.status_code, reply.headers, reply.content, reply.url)
        self.clock.learn(answer.headers, is_good=answer.is_success)
        if fault := token_fault_of(answer, self.clock.local()):
            raise fault

        reply._content = spell_tokens(answer)
        reply.encoding = "utf-8"
        return reply

    def _fetch(
        self,
        ask: Callable[[str, dict[str, Any]], Mapping[str, object]],
        *,
        secret: str,
        former_refresh: str | None = None,
    ) -> TokenPair:
        """Ask for tokens once.

        The failure carries none of our secrets, not even in its cause.
        """
        know(secret, self._registration.client_secret)
        try:
            return self._ask(ask, former_refresh)
        except RemoteError as error:
            told = strike_known(error.text) if error.said.code in AS_WORDS else error.said
            raise type(error)(told, status=error.status, retry_at=error.retry_at) from None

    def _ask(
        self, ask: Callable[[str, dict[str, Any]], Mapping[str, object]], former_refresh: str | None
    ) -> TokenPair:
        url = f"{self._registration.url}/api/oauth2/token"
        try:
            # What works once is not given up because a page should come soon.
            with a_person_waits(None), at_most(self._timeout):
                answer = ask(url, {"allow_redirects": False})
        except requests.RequestException as error:
            raise failure_of(error) from None
        except TooLargeError:
            raise BadAnswerError(said(Failed.ANSWER_TOO_LARGE)) from None
        except TimeoutError:
            raise UnreachableError(said(Failed.NO_TIME)) from None
        except AuthlibBaseError:
            raise BadAnswerError("The token answer cannot be understood.") from None

        pair = read_pair(answer, self.clock.now(), former_refresh=former_refresh)
        know(pair.access, pair.refresh)
        return replace(pair, ahead=self.clock.ahead)


def spell_tokens(answer: Answer) -> bytes:
    """Return the tokens of an answer alone. Nothing else in it, however odd, is worth losing them for."""
    try:
        told = load(answer.text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        raise BadAnswerError("The token answer is not JSON.", status=answer.status) from None

    if not isinstance(told, Mapping):
        raise BadAnswerError("The token answer is not an object.", status=answer.status)

    tokens = {name: told[name] for name in ("access_token", "refresh_token") if told.get(name)}
    seconds = read_seconds(told.get("expires_in"))
    return json.dumps({"token_type": "bearer", "expires_in": seconds, **tokens}).encode()

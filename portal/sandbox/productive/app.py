"""Builds the sandbox of Productive as a Flask app. Each app has a state of its own."""

from pathlib import Path
from typing import cast

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from portal.sandbox.common.clock import Clock
from portal.sandbox.common.courier import Courier
from portal.sandbox.common.doors import Backstage, common_doors, refuse_in_sentences
from portal.sandbox.common.limits import Limits
from portal.sandbox.common.readings import Readings
from portal.sandbox.common.stage import Stage
from portal.sandbox.productive.api import PREFIX, answer_error, build_api
from portal.sandbox.productive.backdoor import build_doors
from portal.sandbox.productive.demo import fill_with_demo, fill_with_house
from portal.sandbox.productive.errors import ApiError, not_found, refuse
from portal.sandbox.productive.files import build_files
from portal.sandbox.productive.guard import Guard
from portal.sandbox.productive.hooks import Hooks
from portal.sandbox.productive.pages import build_pages
from portal.sandbox.productive.readings import READINGS
from portal.sandbox.productive.state import Sandbox

PER_TEN_SECONDS = 100
PER_HALF_HOUR = 4000


class _OneAtATime(Flask):
    """A Flask app whose views run one by one, for they share one state."""

    state: Sandbox

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer while nobody else changes anything."""
        with self.state.lock:
            return super().dispatch_request()


def create_productive_app(
    *,
    seed: bool = True,
    state_path: Path | None = None,
    token: str = "demo-token",  # noqa: S107 - the sandbox's public token
    organization: str = "703",
    hooks_to: str | None = None,
) -> Flask:
    """The sandbox. Its state is ``app.extensions["sandbox"]``.

    With ``hooks_to`` webhooks for an https address are sent to this server on loopback instead.
    """
    limits = Limits(minute=PER_TEN_SECONDS, day=PER_HALF_HOUR)
    backstage = Backstage(Clock(), limits, readings=Readings(READINGS))
    state = Sandbox(backstage, fill_with_demo if seed else fill_with_house, Hooks(Courier(hooks_to)))
    if state_path:
        state.keep_in(state_path)

    app = _OneAtATime(__name__)
    cast(DefaultJSONProvider, app.json).sort_keys = False
    app.state = state
    app.extensions["sandbox"] = state
    # Before the shared doors, so that Productive's own names for its two limits are known.
    app.register_blueprint(build_doors(state))
    app.register_blueprint(common_doors(backstage, reset=state.reset))
    app.register_blueprint(build_api(state, Guard(state, token, organization)))
    app.register_blueprint(build_pages(state))
    app.register_blueprint(build_files(state))
    refuse_in_sentences(app, _answer_http_error)
    app.register_error_handler(ApiError, answer_error)
    app.wsgi_app = Stage(app.wsgi_app, backstage)  # type: ignore[method-assign]  # as Flask documents it

    return app


def _answer_http_error(error: HTTPException) -> ResponseReturnValue:
    if not request.path.startswith(PREFIX):
        return error.get_response()
    if error.code == 404:
        return answer_error(not_found())
    if error.code == 500:
        return answer_error(refuse(500, "server_error", "Server Error", "An error occured on the server"))

    return answer_error(
        refuse(error.code or 500, error.name.lower().replace(" ", "_"), error.name, error.name)
    )

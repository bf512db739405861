"""Builds the Exact Online sandbox as a Flask app."""

from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue

from portal.sandbox.common.courier import Courier
from portal.sandbox.common.doors import common_doors, refuse_in_sentences
from portal.sandbox.common.stage import Stage
from portal.sandbox.exact.api import api
from portal.sandbox.exact.backdoor import back_doors
from portal.sandbox.exact.errors import answer_http_error
from portal.sandbox.exact.files import files
from portal.sandbox.exact.hooks import Postman
from portal.sandbox.exact.oauth import oauth_pages
from portal.sandbox.exact.pages import pages
from portal.sandbox.exact.seed import seed_demo
from portal.sandbox.exact.state import App, ExactState

HOOK_SECRET = "demo-hook-secret"  # noqa: S105 - the sandbox's public secret
DEMO_APP = App("demo-client", "demo-secret", ("http://localhost:8000/connections/exact/callback",))


class _OneAtATime(Flask):
    """A Flask app whose views run one by one, for they share one state: pages and back doors, too."""

    state: ExactState

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer while nobody else changes anything."""
        with self.state.lock:
            return super().dispatch_request()


def create_exact_app(
    *,
    seed: bool = True,
    state_path: Path | None = None,
    client_id: str = DEMO_APP.client_id,
    client_secret: str = DEMO_APP.client_secret,
    redirect_uris: tuple[str, ...] = DEMO_APP.redirect_uris,
    hooks_to: str | None = None,
) -> Flask:
    """A sandbox with a state of its own, found in ``app.extensions["sandbox"]``.

    One server stands for the sites of all countries. The app is registered on each
    with the same id and secret.
    With ``hooks_to`` webhooks for an https address are sent to this server on loopback instead.
    With ``state_path`` the data outlives the process. Without ``seed`` there are no divisions at first.
    """
    app = _OneAtATime(__name__)
    cast(DefaultJSONProvider, app.json).sort_keys = False
    registered = App(client_id, client_secret, redirect_uris)
    sites = frozenset(urlsplit(uri).netloc for uri in redirect_uris)
    postman = Postman(client_id, HOOK_SECRET, sites, Courier(hooks_to))
    state = ExactState(registered, seed_demo if seed else lambda _state: None, postman=postman)
    state.start(state_path)
    app.state = state
    app.extensions["sandbox"] = state
    app.register_blueprint(oauth_pages(state))
    app.register_blueprint(api(state))
    app.register_blueprint(common_doors(state.backstage, state.reset))
    app.register_blueprint(back_doors(state))
    app.register_blueprint(pages(state))
    app.register_blueprint(files(state))
    refuse_in_sentences(app, answer_http_error)
    app.wsgi_app = Stage(app.wsgi_app, state.backstage)  # type: ignore[method-assign]  # as Flask documents it

    return app

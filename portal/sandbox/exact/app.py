"""Builds the Exact Online sandbox as a Flask app."""

from pathlib import Path

from flask import Flask

from portal.sandbox.common.doors import common_doors, refuse_in_sentences
from portal.sandbox.common.stage import Stage
from portal.sandbox.exact.api import api
from portal.sandbox.exact.backdoor import back_doors
from portal.sandbox.exact.oauth import oauth_pages
from portal.sandbox.exact.pages import pages
from portal.sandbox.exact.seed import seed_demo
from portal.sandbox.exact.state import App, ExactState

DEMO_APP = App("demo-client", "demo-secret", ("http://localhost:8000/connections/exact/callback",))


def create_exact_app(
    *,
    seed: bool = True,
    state_path: Path | None = None,
    client_id: str = DEMO_APP.client_id,
    client_secret: str = DEMO_APP.client_secret,
    redirect_uris: tuple[str, ...] = DEMO_APP.redirect_uris,
) -> Flask:
    """A sandbox with a state of its own, found in ``app.extensions["sandbox"]``.

    One server stands for the sites of all countries; the app is registered on each
    with the same id and secret.
    With ``state_path`` the data outlives the process; without ``seed`` there are no divisions at first.
    """
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    registered = App(client_id, client_secret, redirect_uris)
    state = ExactState(registered, seed_demo if seed else lambda _state: None)
    state.start(state_path)
    app.extensions["sandbox"] = state
    app.register_blueprint(oauth_pages(state))
    app.register_blueprint(api(state))
    app.register_blueprint(common_doors(state.backstage, state.reset))
    app.register_blueprint(back_doors(state))
    app.register_blueprint(pages(state))
    refuse_in_sentences(app)
    app.wsgi_app = Stage(app.wsgi_app, state.backstage)  # type: ignore[method-assign]
    return app

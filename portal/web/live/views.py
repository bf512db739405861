"""What pages ask for that show nothing else live: what needs somebody."""

from flask import Blueprint, Response

from portal.domain.house.states import Role
from portal.web.common.access import require
from portal.web.common.live import answer_live

blueprint = Blueprint("live", __name__)


@blueprint.get("/live")
@require(Role.VIEWER)
def show_signals() -> Response:
    """Show what needs somebody, for the navigation and the tab's title."""
    return answer_live()

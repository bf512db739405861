"""What a person is told who asks for a copy of an invoice after somebody else, or a rule, did."""

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.actions.copies.meet import Unused, find_unused
from portal.actions.copies.request import Wish
from portal.domain.copies.changes import LABELS
from portal.domain.copies.rules import RULE
from portal.domain.copies.states import IN_EXACT, IN_FLIGHT
from portal.extensions import db
from portal.store.copies import CopyRow
from portal.web.common.formats import clock_time


def tell_met(made: CopyRow, wish: Wish, who: str) -> str | None:
    """Tell whose copy goes on and what is not used, None for a person's own copy or the same one again."""
    if made.id == wish.copy_id:
        return None

    unused = find_unused(db.session(), made, wish)
    db.session.commit()
    if made.requested_by == who and made.action == wish.action and not unused:
        return None

    return " ".join(_sentences(made, wish, unused))


def _sentences(made: CopyRow, wish: Wish, unused: tuple[Unused, ...]) -> Iterator[str]:
    at = clock_time(made.requested_at)
    if made.requested_by == RULE:
        yield _("A rule asked for this invoice first, at %(when)s.", when=at)
    elif made.run_id is not None:
        yield _(
            "%(who)s asked for this invoice first, together with others, at %(when)s.",
            who=made.requested_by,
            when=at,
        )
    else:
        yield _("%(who)s asked for this invoice first, at %(when)s.", who=made.requested_by, when=at)

    if made.action != wish.action:
        yield _("What you asked for was not begun. Wait for the end of this, then ask again.")
        return

    if not unused:
        yield _("Your choices are the same, so there is nothing to do.")
        return

    yield _("Your choices were not used: %(what)s.", what="; ".join(map(_beside, unused)))
    if made.state in (*IN_FLIGHT, *IN_EXACT):
        yield _("Once the entry is booked, bring yours in with Update existing.")
    else:
        yield _("Open the copy again to copy it with yours.")


def _beside(unused: Unused) -> str:
    said: str = _(
        "%(field)s is %(used)s, you chose %(mine)s",
        field=LABELS[unused.field],
        used=unused.used or "–",
        mine=unused.mine or "–",
    )
    return said

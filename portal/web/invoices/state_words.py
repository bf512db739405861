"""The one state of a row as it is shown: an icon, a word and a reason."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.booking.problems import FIXES
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyState
from portal.domain.said import Said
from portal.store.copies import CopyRow
from portal.store.invoice_list import Listed
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow, need_said
from portal.web.common.formats import MOST
from portal.web.common.need_words import short_word
from portal.web.common.said import sentence_of
from portal.web.common.words import Words, words

# The tone, the icon and the word of each.
SHOWN = {
    Standing.READY: ("ready", "circle-dashed", _l("Ready")),
    Standing.NEEDS_YOU: ("needs", "circle-alert", _l("Needs you")),
    Standing.UNSURE: ("other", "clock", _l("Being checked")),
    Standing.COPYING: ("busy", "loader-circle", _l("Copying")),
    Standing.REFUSED: ("refused", "circle-x", _l("Refused")),
    Standing.DIFFERENT: ("needs", "equal-not", _l("Copied with a difference")),
    Standing.CHANGED: ("needs", "git-compare", _l("Changed since copied")),
    Standing.COPIED: ("copied", "circle-check", _l("Copied")),
    Standing.ELSEWHERE: ("other", "link", _l("Copied elsewhere")),
    Standing.EXCLUDED: ("other", "ban", _l("Do not copy")),
    Standing.EARLIER: ("other", "calendar", _l("Not copied")),
    Standing.UNCONNECTED: ("other", "unlink", _l("Not copied")),
}


# The icon that app.css draws for a tone, where no other is named.
ICON_OF = {
    "ready": "circle-dashed",
    "needs": "circle-alert",
    "busy": "loader-circle",
    "refused": "circle-x",
    "copied": "circle-check",
}


class State(NamedTuple):
    """What a row says of its invoice. ``title`` is the whole sentence, ``entry`` the number in Exact."""

    tone: str
    icon: str
    word: str
    why: str = ""
    title: str = ""
    entry: str = ""

    @property
    def look(self) -> str:
        """Return the classes by which a row of the list has its colour and its icon."""
        return (
            f"state-{self.tone}"
            if ICON_OF.get(self.tone) == self.icon
            else f"state-{self.tone} i-{self.icon}"
        )

    @property
    def text(self) -> str:
        """Return word and reason, as a download and a title say them."""
        if self.entry:
            return f"{self.word} · {self.entry}"
        return f"{self.word}: {self.why}" if self.why else self.word


def state_of(row: InvoiceRow, copy: CopyRow | None = None, need: NeedRow | None = None) -> State:
    """Return the state of a row, with its latest copy and its first need."""
    tone, icon, word = SHOWN[row.standing]
    entry = copy.entry_number if copy and row.standing == Standing.COPIED else None
    return State(
        tone,
        icon,
        str(word),
        why=_why(row.standing, row.need, row.copy_state),
        title=_sentence(row, copy, need),
        entry=str(entry or ""),
    )


def state_of_listed(row: Listed) -> State:
    """Return the state of a row of the list, which was read with its copy and its first need."""
    tone, icon, word, why = _told(words(), row.standing, row.need, row.copy_state)
    entry = row.entry_number if row.standing == Standing.COPIED else None
    told = _sentence_of(row.standing, row.exclude_reason, row.trouble, row.need_code, row.need_values)
    return State(tone, icon, word, why, told, entry or "")


@lru_cache(MOST)
def _told(
    _language: Words, standing: Standing, need: str | None, copy_state: str
) -> tuple[str, str, str, str]:
    """Return tone, icon, word and reason in the request's language, which is the key."""
    tone, icon, word = SHOWN[standing]
    return tone, icon, str(word), _why(standing, need, copy_state)


def _why(standing: Standing, need: str | None, copy_state: str) -> str:
    """Say the reason in a word or two."""
    if standing in (Standing.NEEDS_YOU, Standing.REFUSED):
        return short_word(need) if need else ""
    if standing == Standing.COPYING and copy_state == CopyState.UNCERTAIN:
        return str(_("asking Exact"))
    if standing == Standing.EARLIER:
        return str(_("before the start"))

    return str(_("no connection")) if standing == Standing.UNCONNECTED else ""


def _sentence(row: InvoiceRow, copy: CopyRow | None, need: NeedRow | None) -> str:
    """Return the reason as a sentence, where there is more to say."""
    code = need.code if need else None
    values = need.values if need else None
    return _sentence_of(row.standing, row.exclude_reason, copy.trouble if copy else None, code, values)


def _sentence_of(
    standing: Standing,
    reason: str | None,
    trouble: Said | None,
    code: str | None,
    values: Mapping[str, Any] | None,
) -> str:
    if standing == Standing.EXCLUDED:
        return reason or ""
    if trouble and standing in (Standing.REFUSED, Standing.DIFFERENT, Standing.NEEDS_YOU):
        return sentence_of(trouble)
    if code is None or standing != Standing.NEEDS_YOU or code not in FIXES:
        return ""

    return sentence_of(need_said(code, values or {}))

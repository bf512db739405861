"""The one state of a row as it is shown: an icon, a word and a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.booking.problems import SENTENCES
from portal.domain.copies.standing import Standing
from portal.domain.copies.states import CopyState
from portal.store.copies import CopyRow
from portal.store.invoice_list import Listed
from portal.store.invoices import InvoiceRow
from portal.store.needs import NeedRow
from portal.web.common.need_words import short_word

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


@dataclass(frozen=True, slots=True)
class State:
    """What a row says of its invoice. ``title`` is the whole sentence, ``entry`` the number in Exact."""

    tone: str
    icon: str
    word: str
    why: str = ""
    title: str = ""
    entry: str = ""

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
        why=_why(row),
        title=_sentence(row, copy, need),
        entry=str(entry or ""),
    )


def state_of_listed(row: Listed) -> State:
    """Return the state of a row of the list, which was read with its copy and its first need."""
    tone, icon, word = SHOWN[row.standing]
    entry = row.entry_number if row.standing == Standing.COPIED else None
    told = _sentence_of(row.standing, row.exclude_reason, row.trouble, row.need_code, row.need_values)
    return State(tone, icon, str(word), why=_why(row), title=told, entry=entry or "")


def _why(row: InvoiceRow | Listed) -> str:
    """Say the reason in a word or two."""
    if row.standing in (Standing.NEEDS_YOU, Standing.REFUSED):
        return short_word(row.need) if row.need else ""
    if row.standing == Standing.COPYING and row.copy_state == CopyState.UNCERTAIN:
        return str(_("asking Exact"))
    if row.standing == Standing.EARLIER:
        return str(_("before the start"))
    return str(_("no connection")) if row.standing == Standing.UNCONNECTED else ""


def _sentence(row: InvoiceRow, copy: CopyRow | None, need: NeedRow | None) -> str:
    """Return the reason as a sentence, where there is more to say."""
    code = need.code if need else None
    values = need.values if need else None
    return _sentence_of(row.standing, row.exclude_reason, copy.trouble if copy else None, code, values)


def _sentence_of(
    standing: Standing,
    reason: str | None,
    trouble: str | None,
    code: str | None,
    values: Mapping[str, str] | None,
) -> str:
    if standing == Standing.EXCLUDED:
        return reason or ""
    if trouble and standing in (Standing.REFUSED, Standing.DIFFERENT, Standing.NEEDS_YOU):
        return trouble
    if code is None or standing != Standing.NEEDS_YOU or code not in SENTENCES:
        return ""
    return SENTENCES[code][1].format_map(_Known(values or {}))


class _Known(dict[str, str]):
    """Values of a sentence, of which an older record may lack one."""

    def __missing__(self, name: str) -> str:
        return "…"

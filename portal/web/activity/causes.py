"""The name of each cause a copy can fail for, in the person's language."""

from flask_babel import lazy_gettext as _l

CAUSES = {
    "RefusedError": _l("Exact refused the entry"),
    "NotFoundError": _l("Something it needs is no longer in Exact"),
    "MissingRightError": _l("The user who connected lacks a right in Exact"),
    "invoice changed": _l("The invoice changed in Productive meanwhile"),
    "invoice deleted": _l("The invoice was deleted in Productive"),
    "several entries": _l("Exact holds several entries for the same invoice"),
    "several found": _l("Exact holds several entries with the same marker"),
    "entry gone": _l("The entry is no longer in Exact"),
    "restored": _l("Was under way when the backup was made"),
    "sign-in lost": _l("The portal is no longer signed in"),
}


def name_cause(cause: str) -> str:
    """Name a cause; a problem's code is read as words."""
    words = cause.replace("-", " ").replace("_", " ").strip()
    return str(CAUSES.get(cause) or words[:1].upper() + words[1:]) or str(_l("It could not be copied"))

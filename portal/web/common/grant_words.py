"""How a sign-in at Exact is doing, in words and in the person's language."""

from flask_babel import gettext as _

from portal.domain.connections.grant_health import GrantHealth
from portal.domain.connections.states import SignInCause
from portal.domain.here import day_here
from portal.store.grants import GrantRow
from portal.web.common.formats import ago, day, moment
from portal.web.common.said import sentence_of


def title_of(health: GrantHealth) -> str:
    """Head what is said of a sign-in that needs somebody."""
    if health.lost:
        return str(_("Connection lost"))
    if health.cause == SignInCause.APP_REFUSED:
        return str(_("Exact does not accept this portal"))
    return str(_("The sign-in at Exact is in danger"))


def sentence_of_grant(grant: GrantRow, health: GrantHealth) -> str:
    """Say what is wrong with a sign-in and what mends it."""
    facts = {
        "user": grant.user_name,
        "words": (sentence_of(grant.trouble) or _("without a reason")).rstrip("."),
        "country": _(LOCALES.get(grant.locale, grant.locale)),
        "code": grant.locale,
        "date": day(day_here(health.lapses_at)),
        "since": moment(grant.failing_since),
    }

    return str(_sentences()[health.cause or SignInCause.ENDED] % facts)


def _sentences() -> dict[str, str]:
    return {
        SignInCause.RENEWAL_LOST: _(
            "The sign-in of %(user)s was used up: a reply of Exact was lost, a backup was restored, or "
            "%(user)s signed in for another portal. One new sign-in mends it."
        ),
        SignInCause.EXPIRED: _(
            "The sign-in of %(user)s lapsed, for it could not be renewed in time. One new sign-in mends it."
        ),
        SignInCause.ENDED: _(
            "Exact no longer accepts the sign-in of %(user)s (%(words)s). One new sign-in mends it."
        ),
        SignInCause.APP_REFUSED: _(
            "Exact refuses this portal's app registration (%(country)s: %(words)s). The operator corrects "
            "EXACT_%(code)s_CLIENT_ID and EXACT_%(code)s_CLIENT_SECRET and restarts the portal. "
            "The sign-in of %(user)s is kept."
        ),
        SignInCause.RENEWAL_REFUSED: _(
            "Exact does not renew the sign-in of %(user)s (%(words)s). The portal keeps trying; "
            "if it lasts, sign in again."
        ),
        SignInCause.NO_ANSWER: _(
            "The sign-in of %(user)s could not be renewed since %(since)s (%(words)s). "
            "The portal keeps trying."
        ),
        SignInCause.LAPSES: _(
            "The sign-in of %(user)s was not renewed for long and lapses on %(date)s. "
            "Try it now, or sign in again."
        ),
    }


def forecast_of(grant: GrantRow) -> str:
    """Say when a sign-in that works was renewed, and how often that must be."""
    return str(
        _(
            "Renewed %(ago)s. The portal renews it at least once a week: by Exact’s documentation it lasts "
            "30 days.",
            ago=ago(grant.obtained_at),
        )
    )


def state_of(grant: GrantRow, health: GrantHealth) -> str:
    """Name the state of a sign-in in a few words."""
    if health.lost:
        return str(_("Lost"))
    if health.cause is None:
        return str(_("Valid to %(date)s", date=day(day_here(health.lapses_at))))
    if health.cause == SignInCause.LAPSES:
        return str(_("Not renewed for long"))

    return str(_("Not renewed since %(when)s; the next try is %(next)s", **_tries(grant)))


def _tries(grant: GrantRow) -> dict[str, str]:
    return {"when": moment(grant.failing_since), "next": ago(grant.next_renewal_at)}


LOCALES = {"BE": "Belgium", "NL": "Netherlands", "DE": "Germany"}

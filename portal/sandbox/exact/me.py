"""Who is asking: the one row of ``current/Me``."""

from portal.sandbox.exact.state import ExactState
from portal.sandbox.exact.store import Row
from portal.sandbox.exact.users import User


def me_row(state: ExactState, user: User) -> Row:
    """The user's row. The current division is the first one, but it may change whenever someone clicks."""
    current = user.divisions[0]
    facts = state.books[current].facts if current in state.books else {}
    first, _, last = user.full_name.partition(" ")
    local = next(iter(state.books.values())).wall_clock()

    return {
        "UserID": user.id,
        "UserName": user.email,
        "FullName": user.full_name,
        "FirstName": first,
        "LastName": last,
        "Email": user.email,
        "CurrentDivision": current,
        "AccountingDivision": current,
        "DivisionCustomer": facts.get("Customer"),
        "DivisionCustomerCode": facts.get("CustomerCode"),
        "DivisionCustomerName": facts.get("CustomerName"),
        "Legislation": facts.get("Legislation"),
        "Language": user.language.partition("-")[0].upper(),
        "LanguageCode": user.language,
        "PackageCode": "ACC_ADV",
        "ServerTime": local.strftime("%Y-%m-%dT%H:%M:%S"),
        "ServerUtcOffset": int((local - state.clock.now().replace(tzinfo=None)).total_seconds() / 60 + 0.5)
        * 60,
        "IsClientUser": False,
    }

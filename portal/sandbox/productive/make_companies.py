"""Makes companies and addresses from loosely given attributes."""

import re
from collections.abc import Mapping

from portal.sandbox.common.asked import BackDoorError
from portal.sandbox.productive.asks import as_text
from portal.sandbox.productive.rows import Company, ContactEntry
from portal.sandbox.productive.state import Sandbox

Wish = Mapping[str, object]
PRINTED = ("name", "email", "phone", "website", "address", "city", "state", "zipcode", "country", "vat")


def find_or_make_company(state: Sandbox, wish: Wish) -> Company:
    """By id, else by name. A new name becomes a new company."""
    if (id_ := wish.get("id")) is not None:
        if int(str(id_)) not in state.tables.companies:
            raise BackDoorError(f"There is no company {id_}.")
        return state.tables.companies[int(str(id_))]

    name = str(wish.get("name") or state.tables.companies[min(state.tables.companies)].name)
    if (known := state.company_ids.get(name)) is not None:
        return state.tables.companies[known]

    id_ = state.next_id("companies")
    now = state.moment()
    company = Company(
        id=id_,
        name=name,
        address_id=_make_address(
            state, "company", id_, "bill_to", {**wish, "name": wish.get("billing_name") or name}
        ).id,
        company_code=str(wish.get("company_code") or re.sub(r"\W", "", name)[:4].upper()),
        created_at=str(wish.get("created_at") or now),
        last_activity_at=now,
        billing_name=as_text(wish.get("billing_name")),
        vat=as_text(wish.get("vat")),
        default_currency=str(wish.get("default_currency") or wish.get("currency") or "EUR"),
        domain=as_text(wish.get("domain")),
        due_days=int(str(wish.get("due_days", 30))),
        sample_data=bool(wish.get("sample_data")),
        default_subsidiary_id=int(str(wish.get("default_subsidiary_id", 1))),
    )

    state.tables.companies[id_] = company
    state.company_ids[name] = id_
    state.tell("create_company", id_)

    return company


def make_bill_to(
    state: Sandbox, invoice_id: int, company: Company, customer: Wish, wish: Wish
) -> ContactEntry:
    """The invoice's own copy of the customer's address, with what this invoice says otherwise."""
    address = state.tables.contact_entries[company.address_id]
    copied = {name: getattr(address, name) for name in PRINTED}
    given = {name: customer[name] for name in PRINTED if name in customer and name != "name"}
    return _make_address(state, "invoice", invoice_id, "bill_to", {**copied, **given, **wish})


def make_bill_from(state: Sandbox, subsidiary_id: int, wish: Wish) -> ContactEntry:
    """The address of a subsidiary."""
    return _make_address(state, "subsidiary", subsidiary_id, "bill_from", wish)


def _make_address(state: Sandbox, owner: str, owner_id: int, type_: str, wish: Wish) -> ContactEntry:
    id_ = state.next_id("contact_entries")
    printed = {name: as_text(wish[name]) for name in PRINTED if name in wish}
    entry = ContactEntry(id=id_, contactable_type=owner, contactable_id=owner_id, type=type_, **printed)
    state.tables.contact_entries[id_] = entry
    return entry

"""The demo's organisation: two subsidiaries, their tax rates, service types, document types."""

from portal.sandbox.productive.make_companies import make_bill_from
from portal.sandbox.productive.rows import (
    DocumentType,
    Organization,
    Person,
    ServiceType,
    Subsidiary,
    TaxRate,
)
from portal.sandbox.productive.state import Sandbox

ORGANIZATION = 703

_BILL_FROM = (
    {
        "name": "Kade & Co B.V.",
        "address": "Westerkade 21",
        "zipcode": "3511 HA",
        "city": "Utrecht",
        "country": "Netherlands",
        "vat": "NL344240113B01",
        "email": "facturen@kade.example",
    },
    {
        "name": "Atelier Noord BV",
        "address": "Noorderlaan 98",
        "zipcode": "2030",
        "city": "Antwerpen",
        "country": "Belgium",
        "vat": "BE0702689972",
        "email": "facturen@ateliernoord.example",
    },
)
_SUBSIDIARIES = (("Kade & Co B.V.", "K-", 4), ("Atelier Noord BV", "A-", 3))
# Name, component, percentage, whether it is archived; the first of a subsidiary is its default.
_TAX_RATES: dict[int, tuple[tuple[str, str | None, str | None, bool], ...]] = {
    1: (
        ("BTW 21%", "BTW", "21", False),
        ("BTW 9%", "BTW", "9", False),
        ("BTW 0%", "BTW", "0", False),
        ("BTW verlegd", "BTW verlegd", "0", False),
        ("Geen btw", None, None, False),
    ),
    2: (
        ("TVA 21%", "TVA", "21", False),
        ("TVA 12%", "TVA", "12", False),
        ("TVA 6%", "TVA", "6", False),
        ("TVA 0%", "TVA", "0", False),
        ("TVA 21% (old)", "TVA", "21", True),
    ),
}
_SERVICE_TYPES = (
    ("Design", "Visual and interaction design"),
    ("Development", "Websites and applications"),
    ("Strategy", "Research, positioning, roadmaps"),
    ("Project management", None),
    ("Copywriting", "Texts in Dutch and English"),
    ("Hosting", "Servers, domains, certificates"),
    ("Training", None),
    ("Expenses", "Costs made for the customer"),
    ("Photography", None),
    ("Travel", "Kilometres and tickets"),
    ("Print production", None),
    ("Workshop facilitation", "A day with everybody in one room"),
)


def add_house(state: Sandbox, name: str) -> None:
    """Store the organisation and everything it was set up with."""
    tables = state.tables
    tables.organizations[ORGANIZATION] = Organization(id=ORGANIZATION, name=name)
    person = Person(id=1, first_name="Noor", last_name="Kade", email="noor@kade.example")
    # The organisation's owner has the organisation's own number as id.
    tables.people |= {1: person, ORGANIZATION: person}

    for subsidiary_id, (wish, (title, prefix, digits)) in enumerate(
        zip(_BILL_FROM, _SUBSIDIARIES, strict=True), 1
    ):
        entry = make_bill_from(state, subsidiary_id, wish)
        tables.subsidiaries[subsidiary_id] = Subsidiary(
            id=subsidiary_id,
            name=title,
            number_prefix=prefix,
            number_digits=digits,
            bill_from_id=entry.id,
            default_tax_rate_id=_add_tax_rates(state, subsidiary_id),
        )

        tables.document_types[subsidiary_id] = DocumentType(
            id=subsidiary_id, name="Factuur", locale="nl", subsidiary_id=subsidiary_id
        )

    _add_service_types(state)


def _add_tax_rates(state: Sandbox, subsidiary_id: int) -> int:
    first = 0
    for name, component, percentage, is_archived in _TAX_RATES[subsidiary_id]:
        id_ = state.next_id("tax_rates")
        first = first or id_
        state.tables.tax_rates[id_] = TaxRate(
            id=id_,
            name=name,
            subsidiary_id=subsidiary_id,
            primary_component_name=component,
            primary_component_value=percentage,
            archived_at=state.moment() if is_archived else None,
        )

    return first


def _add_service_types(state: Sandbox) -> None:
    for name, description in _SERVICE_TYPES:
        id_ = state.next_id("service_types")
        archived_at = state.moment() if name == "Print production" else None
        state.tables.service_types[id_] = ServiceType(
            id=id_, name=name, description=description, archived_at=archived_at
        )

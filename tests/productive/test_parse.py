"""From recorded-shape objects to ours, strictly."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.booking.invoice import BillTo, Invoice, InvoiceLine
from portal.productive.jsonapi import read_document
from portal.productive.parse import parse_invoice, parse_line, parse_payment, parse_tax_rate
from portal.productive.plain_text import read_plain_text
from portal.remote.errors import BadAnswerError
from tests.productive import bodies
from tests.productive.bodies import LEFT_OUT, Json, to


def an_included_invoice(resource: Json, *around: Json) -> Invoice:
    included = list(around) or bodies.around_invoices()
    document = read_document(json.dumps(bodies.a_list(resource, included=included)).encode())
    return parse_invoice(document.many[0], document.index())


def an_included_line(resource: Json, *around: Json) -> InvoiceLine:
    included = [bodies.a_service_type(), bodies.a_tax_rate(), *around]
    document = read_document(json.dumps(bodies.a_list(resource, included=included)).encode())
    return parse_line(document.many[0], document.index())


def test_an_invoice_is_read_with_all_we_need() -> None:
    assert an_included_invoice(bodies.an_invoice()) == Invoice(
        id="27",
        number="2026/0042",
        subject="Website fase 2",
        kind=1,
        subsidiary_id="1",
        company_id="497",
        company_name="Voorbeeld",
        bill_to=BillTo(
            "Voorbeeld B.V.",
            vat="NL001234567B01",
            email="facturen@voorbeeld.test",
            address="Dorpsstraat 1",
            city="Utrecht",
            zipcode="3511 AA",
            country="Netherlands",
        ),
        invoiced_on=date(2026, 11, 2),
        pay_on=date(2026, 12, 2),
        sent_on=date(2026, 11, 2),
        finalized_on=date(2026, 11, 2),
        deleted=False,
        sample=False,
        currency="EUR",
        currency_default="EUR",
        exchange_rate=Decimal("1.0"),
        discount=None,
        amount=150000,
        amount_tax=31500,
        amount_with_tax=181500,
        amount_paid=0,
        amount_unpaid=181500,
        amount_written_off=0,
        credited=False,
        parent_invoice_id=None,
        purchase_order_number="PO-881",
        exported=False,
        export_id=None,
        export_url=None,
        export_integration=None,
        last_activity_at=datetime(2026, 11, 2, 9, 15, 11, 200000, tzinfo=UTC),
    )


def test_a_credit_note_keeps_its_sign_and_tells_its_parent() -> None:
    resource = bodies.an_invoice(
        invoice_type_id=2, amount=-150000, exported=True, deleted_at="2026-11-03T10:00:00Z"
    )
    resource["relationships"]["parent_invoice"] = to("invoices", "20")
    invoice = an_included_invoice(resource)
    assert (invoice.is_credit_note, invoice.amount, invoice.parent_invoice_id) == (True, -150000, "20")
    assert (invoice.exported, invoice.deleted) == (True, True)


@pytest.mark.parametrize("value", ["12.5", 12.5])
def test_decimals_are_exact_whether_text_or_number(value: object) -> None:
    invoice = an_included_invoice(bodies.an_invoice(discount=value, exchange_rate=value))
    assert invoice.discount == invoice.exchange_rate == Decimal("12.5")


@pytest.mark.parametrize(
    ("billing_name", "name"), [("Voorbeeld Holding B.V.", "Voorbeeld Holding B.V."), (None, "Voorbeeld")]
)
def test_a_buyer_without_a_name_bears_the_companys(billing_name: str | None, name: str) -> None:
    around = [bodies.a_company(billing_name=billing_name), bodies.a_bill_to(name=None), bodies.a_subsidiary()]
    invoice = an_included_invoice(bodies.an_invoice(), *around)
    assert invoice.bill_to is not None
    assert invoice.bill_to.name == name


def test_an_invoice_may_have_neither_buyer_nor_subsidiary() -> None:
    resource = bodies.an_invoice(subject=None)
    resource["relationships"] |= {"bill_to": to("x", None), "subsidiary": to("x", None)}
    invoice = an_included_invoice(resource)
    assert (invoice.bill_to, invoice.subsidiary_id, invoice.subject) == (None, "", "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda each: each["attributes"].pop("amount_tax"),
        lambda each: each["attributes"].pop("discount"),
        lambda each: each["attributes"].update(amount=1500.5),
        lambda each: each["attributes"].update(amount="150000"),
        lambda each: each["attributes"].update(invoiced_on="2 November"),
        lambda each: each["attributes"].update(invoiced_on=None),
        lambda each: each["attributes"].update(last_activity_at=None),
        lambda each: each["relationships"].update(company=to("x", None)),
        lambda each: each["relationships"].update(company=LEFT_OUT),
        lambda each: each["relationships"].update(subsidiary=LEFT_OUT),
        lambda each: each["relationships"].pop("parent_invoice"),
        lambda each: each.pop("attributes"),
    ],
)
def test_an_invoice_that_lacks_what_we_need_is_a_bad_answer(spoil: Callable[[Json], Any]) -> None:
    resource = bodies.an_invoice()
    spoil(resource)
    with pytest.raises(BadAnswerError):
        an_included_invoice(resource)


def test_a_line_is_read_with_its_mapping_keys() -> None:
    assert an_included_line(bodies.a_line(description="<p>Design &amp; build</p><p>June</p>")) == InvoiceLine(
        id="4",
        position=1,
        description="Design & build\nJune",
        quantity=Decimal(15),
        unit_price=10000,
        amount=150000,
        amount_tax=31500,
        service_type_id="420",
        service_type="Design",
        tax_rate_id="16",
        tax_rate="BTW 21%",
        tax_percentage=Decimal(21),
    )


def test_a_line_without_a_service_type_has_that_of_its_service() -> None:
    resource = bodies.a_line()
    resource["relationships"] |= {"service_type": to("x", None), "service": to("services", "900")}
    service = bodies.a_service(service_type=to("service_types", "420"))
    assert an_included_line(resource, service).service_type_id == "420"
    assert an_included_line(resource, bodies.a_service()).service_type_id is None
    own = bodies.a_line()
    own["relationships"] |= {"service": to("services", "900")}
    other = bodies.a_service(service_type=to("service_types", "421"))
    assert an_included_line(own, other).service_type_id == "420"


def test_a_line_that_bills_an_expense_says_so() -> None:
    resource = bodies.a_line(position=None)
    resource["relationships"] |= {"expense": to("expenses", "3"), "service_type": to("x", None)}
    line = an_included_line(resource)
    assert (line.is_expense, line.service_type_id, line.position) == (True, None, 0)


def test_a_line_of_old_has_its_tax_in_words_of_its_own() -> None:
    resource = bodies.a_line(tax_name="BTW", tax_value="21.0")
    resource["relationships"]["tax_rate"] = to("tax_rates", None)
    line = an_included_line(resource)
    assert (line.tax_rate_id, line.tax_rate, line.tax_percentage) == (None, "BTW", Decimal(21))


@pytest.mark.parametrize(
    ("primary", "secondary", "percentage"),
    [
        ("21.0", None, "21"),
        ("5.0", "9.975", "14.975"),
        (None, "3", "3"),
        ("0.0", None, "0"),
        (None, None, None),
    ],
)
def test_a_tax_rate_is_the_sum_of_its_components_and_none_of_both_empty(
    primary: str | None, secondary: str | None, percentage: str | None
) -> None:
    resource = bodies.a_tax_rate(primary_component_value=primary, secondary_component_value=secondary)
    rate = parse_tax_rate(read_document(json.dumps(bodies.one(resource)).encode()).one)
    assert rate.percentage == (None if percentage is None else Decimal(percentage))


@pytest.mark.parametrize(
    "payment", [bodies.a_payment(), bodies.a_payment(paid_on=None, invoice=to("invoices", "27"))]
)
def test_a_payment_without_invoice_or_date_is_a_bad_answer(payment: Json) -> None:
    with pytest.raises(BadAnswerError, match="payment 4"):
        parse_payment(read_document(json.dumps(bodies.one(payment)).encode()).one)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (None, ""),
        ("", ""),
        ("Design", "Design"),
        ("two\nlines", "two\nlines"),
        ("<div>one<br>two<br/>three</div>", "one\ntwo\nthree"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("<h1>Head</h1>body", "Head\nbody"),
        ("<ul><li>a</li><li><b>b</b> c</li></ul>", "a\nb c"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("Design &amp; build&nbsp;&euro; 5", "Design & build € 5"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("R&D <3", "R&D <3"),
        ("<style>p {}</style>seen<script>alert(1)</script></script>", "seen"),
        ("  <p>  wide   text </p>  ", "wide text"),
        ("<!-- hidden -->shown", "shown"),
        ("<table><tr><td>Phase 1</td><td>40 h</td></tr></table>", "Phase 1 40 h"),
        ("<tr><th>Phase</th><th>Hours</th></tr><tr><td>1</td><td>40</td></tr>", "Phase Hours\n1 40"),
        (
            "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td><td>d</td></tr></table>",
            "a\nb c\nd",
        ),
        ("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a\nb"),
        ("<dl><dt>Hours</dt><dd>40</dd></dl>", "Hours\n40"),
        ("<section>a</section><article>b</article>c", "a\nb\nc"),
        ("<b>bo</b>ld", "bold"),
        ("a&#0;b&#x202e;c&#8203;d&#x1F1E7;&#x1F1EA;", "a\ufffdbcd🇧🇪"),
        ("a&#x85;b&#11;c", "a…bc"),
        ("<title>no</title><template>no</template>yes", "yes"),
    ],
)
def test_rich_text_becomes_plain_and_keeps_its_lines(html: str | None, text: str) -> None:
    assert read_plain_text(html) == text

"""A VAT code that the dialog only showed is not taken along to a customer in another place."""

import pytest
from werkzeug.datastructures import MultiDict

from portal.web.copies.forms import read_choices

# what the form sends, the VAT codes that count as chosen
FORMS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "another customer, shown only": ({"pick": "c2", "vat-39": "7", "shown-vat-39": "7"}, {}),
    "another customer, nothing mapped for the first": ({"pick": "c2", "vat-39": "", "shown-vat-39": ""}, {}),
    "another customer, chosen": ({"pick": "c2", "vat-39": "6", "shown-vat-39": "7"}, {"39": "6"}),
    "another customer, chosen before": ({"pick": "c2", "vat-39": "6"}, {"39": "6"}),
    "a new customer": ({"mode": "new", "vat-39": "7", "shown-vat-39": "7"}, {}),
    "the same customer": ({"vat-39": "7", "shown-vat-39": "7"}, {"39": "7"}),
    "cleared for the same customer": ({"vat-39": "", "shown-vat-39": "7"}, {"39": ""}),
}


@pytest.mark.parametrize("kind", FORMS)
def test_only_what_a_person_chose_goes_along(kind: str) -> None:
    form, chosen = FORMS[kind]
    assert read_choices(MultiDict(form)).vat_codes == chosen

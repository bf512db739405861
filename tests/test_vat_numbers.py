"""VAT numbers as people write them: one spelling, by the national rules. Anything else is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vat_numbers import read_vat

# What was written, the company's country, and the number that it is. Add yours.
KINDS: dict[str, list[tuple[str, str | None, str]]] = {
    "a label stands before it": [
        ("BTW-nummer NL123456789B01", "NL", "NL123456789B01"),
        ("BTW nr. BE 0403.019.261", "BE", "BE0403019261"),
        ("USt-IdNr.: DE 136 695 976", "DE", "DE136695976"),
        ("N° de TVA : FR61954506077", "FR", "FR61954506077"),
        ("N° TVA intracommunautaire FR 61 954 506 077", None, "FR61954506077"),
        ("P.IVA 00743110157", "IT", "IT00743110157"),
        ("V.A.T. ID: IE6388047V", None, "IE6388047V"),
        ("BTWNL344240113B01", None, "NL344240113B01"),
        ("Ondernemingsnummer 0403.019.261", "BE", "BE0403019261"),
        ("ΑΦΜ 094259216", "GR", "EL094259216"),
        ("VAT Reg. No. GB 980 7806 84", None, "GB980780684"),
        ("NIP: 856-734-62-15", "PL", "PL8567346215"),
        ("CVR-nr. 13585628", "DK", "DK13585628"),
        ("OIB 33392005961", "HR", "HR33392005961"),
        ("CUI 18547290", "RO", "RO18547290"),
        ("RPR 0403.019.261", "BE", "BE0403019261"),
        ("N° d'entreprise 0403.019.261", "BE", "BE0403019261"),
        ("Cod. Fisc./P.IVA 00743110157", "IT", "IT00743110157"),
        ("Contribuinte 501964843", "PT", "PT501964843"),
        ("Adószám: 12892312-2-42", "HU", "HU12892312"),
        ("HU12892312-2-42", None, "HU12892312"),
    ],
    "Greece is EL": [
        ("GR123456783", None, "EL123456783"),
        ("gr 123456783", "GR", "EL123456783"),
        ("123456783", "GR", "EL123456783"),
        ("EL-123456783", None, "EL123456783"),
        ("EL 094259216", None, "EL094259216"),
        ("GR EL094259216", "GR", "EL094259216"),
    ],
    "a label stands after it, as in Switzerland and Norway": [
        ("CHE-123.456.789 MWST", "CH", "CHE123456789"),
        ("CHE-116.281.710 MWST", None, "CHE116281710"),
        ("CHE-116.281.710 TVA", "CH", "CHE116281710"),
        ("CHE116281710IVA", None, "CHE116281710"),
        ("116.281.710", "CH", "CHE116281710"),
        ("CH-116.281.710", None, "CHE116281710"),
        ("CH 116.281.710 MWST", "CH", "CHE116281710"),
        ("CHE-116.281.710 MWST", "LI", "CHE116281710"),
        ("NO 974 760 673 MVA", None, "NO974760673"),
        ("974760673MVA", "NO", "NO974760673"),
        ("Org.nr 974 760 673 MVA", "NO", "NO974760673"),
    ],
    "the company's country stands for the prefix": [
        ("0403.019.261", "BE", "BE0403019261"),
        ("403.019.261", "BE", "BE0403019261"),
        ("3442.40.113.B.01", "NL", "NL344240113B01"),
        ("B-58378431", "ES", "ESB58378431"),
        ("501 964 843", "PT", "PT501964843"),
        ("U12345675", "AT", "ATU12345675"),
        ("980780684", "GB", "GB980780684"),
        ("53 0000 04605", "MC", "FR53000004605"),
        ("51 824 753 556", "AU", "51824753556"),
    ],
    "written in any dress": [
        ("be0403019261", None, "BE0403019261"),
        ("NL‑344240113‑B01", None, "NL344240113B01"),
        ("NL\u200b344240113\u00a0B01", None, "NL344240113B01"),
        ("ＮＬ３４４２４０１１３Ｂ０１", None, "NL344240113B01"),
        ("BE 403.019.261", None, "BE0403019261"),
        ("BE BE0403019261", "BE", "BE0403019261"),
        ("NLNL344240113B01", "NL", "NL344240113B01"),
        ("XI980780684", "GB", "XI980780684"),
        ("ATU 12345675", None, "ATU12345675"),
        ("(DE136695976)", "NL", "DE136695976"),
    ],
    "something else stands beside it": [
        ("St.-Nr. 12/345/67890, USt-IdNr. DE136695976", "DE", "DE136695976"),
        ("KvK 12345678, btw NL344240113B01", "NL", "NL344240113B01"),
        ("NL344240113B01 / NL344240113B01", "NL", "NL344240113B01"),
        ("GB980780684; XI980780684", "GB", "GB980780684"),
        ("BE0403019261 (RPR Brussel)", "BE", "BE0403019261"),
        ("HRB 123456 | DE136695976", "DE", "DE136695976"),
    ],
}
NONE: dict[str, list[tuple[str | None, str | None]]] = {
    "there is none": [
        ("N.V.T.", "NL"),
        ("NVT", "BE"),
        ("n/a", "GB"),
        ("onbekend", "NL"),
        ("geen", "NL"),
        ("-", "NL"),
        ("0000", "NL"),
        ("NL000000000B00", "NL"),
        ("BE0000000000", "BE"),
        ("NL999999999B01", "NL"),
        ("vrijgesteld art. 44", "BE"),
        ("   ", "NL"),
        (None, None),
        ("1" * 500, "NL"),
    ],
    "it is a number of another kind": [
        ("12/345/67890", "DE"),
        ("Steuernummer 12/345/67890", "DE"),
        ("12345678", "NL"),
        ("KvK 12345678", "NL"),
        ("HRB 123456", "DE"),
        ("CH-020.3.020.910-9", "CH"),
        ("+31 20 123 45 67", "NL"),
        ("1B01", "NL"),
        ("VAT NO 974760673", "NL"),
        ("RO 185 472 9000 12", "RO"),
    ],
    "nobody knows by whose rules": [
        ("12345", "XX"),
        ("344240113B01", None),
        ("12-3456789", "US"),
        ("0403019261", ""),
    ],
}


@pytest.mark.parametrize(("text", "country", "number"), [each for kind in KINDS.values() for each in kind])
def test_a_vat_number_has_one_spelling(text: str, country: str | None, number: str) -> None:
    found = read_vat(text, country)
    assert found.number == number
    assert found.given == text.strip()


@pytest.mark.parametrize(("text", "country"), [each for kind in NONE.values() for each in kind])
def test_what_has_no_known_shape_is_no_vat_number(text: str | None, country: str | None) -> None:
    found = read_vat(text, country)
    assert not found
    assert found.is_left_out == bool((text or "").strip())


@pytest.mark.parametrize(
    "text",
    [
        "NL344240113B01 / BE0403019261",
        "NL344240113B01 BE0403019261",
        "BE0403019261/BE0702689972",
        "0403.019.261; 0702.689.972",
        "DE136695976 und ATU12345675",
        "NL344240113B01, NL004495445B01",
        "NL123456789B01 / BE0403019261",
    ],
)
def test_two_numbers_in_one_field_are_none(text: str) -> None:
    found = read_vat(text, "BE")
    assert (found.number, found.is_several, found.is_left_out) == ("", True, True)


@pytest.mark.parametrize(("text", "is_checked"), [("NL344240113B01", True), ("NL123456789B01", False)])
def test_a_wrong_check_digit_is_known(text: str, is_checked: bool) -> None:
    assert read_vat(text).is_checked is is_checked


def test_northern_ireland_has_numbers_of_the_united_kingdom() -> None:
    northern = read_vat("XI980780684")
    assert (northern.country, northern.key) == ("GB", read_vat("GB980780684").key)


NUMBERS = sorted({number for kind in KINDS.values() for _, _, number in kind if number[:2].isalpha()})
LABELS = ("BTW-nummer ", "VAT ID: ", "USt-IdNr.: ", "TVA ", "P.IVA ", "btw nr. ", "VAT no. ", "Tax ID ", "")


@given(st.sampled_from(NUMBERS), st.sampled_from(["NL", "BE", "DE", "NO", "CH", "GR", "", None]))
def test_reading_a_number_again_changes_nothing(number: str, country: str | None) -> None:
    again = read_vat(number, country)
    assert again.number == number
    assert read_vat(again.number, country) == again


@given(
    st.sampled_from(NUMBERS),
    st.sampled_from(LABELS),
    st.sampled_from(["NL", "BE", "DE", None]),
    st.booleans(),
    st.data(),
)
def test_labels_case_and_what_stands_between_do_not_matter(
    number: str, label: str, country: str | None, lower: bool, data: st.DataObject
) -> None:
    between = data.draw(
        st.lists(st.sampled_from(["", ".", " ", "-", "‑"]), min_size=len(number), max_size=len(number))
    )
    head = 3 if number.startswith("CHE") else 2
    body = "".join(sign + gap for sign, gap in zip(number[head:], between[head:], strict=True)).strip(" .-‑")
    # Letters that stand apart would be words of their own.
    body = number[head:] if any(sign.isalpha() for sign in number[head:]) else body
    text = label + number[:head] + between[0] + body
    # "VAT NO 974760673" may as well say "number".
    country = "NO" if number.startswith("NO") else country
    assert read_vat(text.lower() if lower else text, country).number == number


@given(
    st.from_regex(r"[A-Z]{2,3}[ .-]?[0-9A-Z]{2,12}", fullmatch=True),
    st.sampled_from(["NL", "BE", "ES", "RO", None]),
)
def test_no_text_becomes_a_number_of_other_digits(text: str, country: str | None) -> None:
    found = read_vat(text, country)
    if found:
        digits = "".join(sign for sign in text if sign.isdigit())
        assert (
            "".join(sign for sign in found.number if sign.isdigit()).lstrip("0").endswith(digits.lstrip("0"))
        )
        assert read_vat(found.number, country).number == found.number


@given(st.text(max_size=60), st.sampled_from(["NL", "BE", "DE", "CH", "", None]))
def test_any_text_is_read_without_a_failure(text: str, country: str | None) -> None:
    found = read_vat(text, country)
    assert not found or read_vat(found.number, found.country).number == found.number

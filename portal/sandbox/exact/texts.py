"""What Exact says to its users, in Dutch and in English."""

_TEXTS = {
    "required": ("Verplicht: {}", "Required: {}"),
    "reference": ("Ongeldige referentie: {}", "Invalid reference: {}"),
    "blocked": ("Geblokkeerd: {}", "Blocked: {}"),
    "not allowed": ("Niet toegestaan: {}", "Not allowed: {}"),
    "too long": ("Te lang: {} (maximaal {} tekens)", "Too long: {} (at most {} characters)"),
    "exists": ("Gegeven bestaat reeds", "Data already exists"),
    "no customer": ("Relatie is geen klant: {}", "Account is not a customer: {}"),
    "ended": ("Einddatum verstreken: {}", "End date has passed: {}"),
    "period missing": ("Periode bestaat niet: {}", "Period does not exist: {}"),
    "period closed": ("Periode is afgesloten: {}", "Period is closed: {}"),
    "processed": ("Reeds verwerkt", "Already processed"),
    "matched": ("Wijzigen niet mogelijk: reeds afgeletterd", "Cannot be changed: already matched"),
    "in use": ("Verwijderen niet mogelijk: {} is in gebruik", "Cannot be deleted: {} is in use"),
    "gone": ("Verwijderen niet mogelijk: bestaat niet meer", "Cannot be deleted: does not exist any more"),
    "Customer": ("Factuur voor", "Invoice to"),
    "Account": ("Relatie", "Account"),
    "Journal": ("Dagboek", "Journal"),
    "SalesEntryLines": ("Regels", "Lines"),
    "GLAccount": ("Grootboekrekening", "G/L account"),
    "AmountFC": ("Bedrag", "Amount"),
    "VATCode": ("Btw-code", "VAT code"),
    "VATAmountFC": ("Btw-bedrag", "VAT amount"),
    "VATPercentage": ("Btw-percentage", "VAT percentage"),
    "CostCenter": ("Kostenplaats", "Cost center"),
    "CostUnit": ("Kostendrager", "Cost unit"),
    "Currency": ("Valuta", "Currency"),
    "Rate": ("Koers", "Exchange rate"),
    "PaymentCondition": ("Betalingsconditie", "Payment condition"),
    "YourRef": ("Uw ref.", "Your ref."),
    "PaymentReference": ("Betalingsreferentie", "Payment reference"),
    "Description": ("Omschrijving", "Description"),
    "Name": ("Naam", "Name"),
    "Code": ("Code", "Code"),
    "Status": ("Status", "Status"),
    "Country": ("Land", "Country"),
    "Language": ("Taal", "Language"),
    "EntryID": ("Boeking", "Entry"),
    "DueDate": ("Vervaldatum", "Due date"),
    "From": ("Van", "From"),
    "Type": ("Type", "Type"),
    "Lines": ("Regels", "Lines"),
    "Subject": ("Onderwerp", "Subject"),
    "Document": ("Document", "Document"),
    "FileName": ("Bestandsnaam", "File name"),
    "Attachment": ("Bijlage", "Attachment"),
}


def say(language: str, text: str, *filling: str) -> str:
    """A sentence in the user's language. The filling is translated where it is a known word."""
    place = 0 if language.upper().startswith("NL") else 1
    words = [_TEXTS[word][place] if word in _TEXTS else word for word in filling]
    return _TEXTS[text][place].format(*words)

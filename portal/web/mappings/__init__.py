"""Mappings: service types to ledger accounts, tax rates to VAT codes."""

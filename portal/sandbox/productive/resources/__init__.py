"""Every type of record that the sandbox serves, or shows as an included one."""

from collections.abc import Mapping

from portal.sandbox.productive.jsonapi import Resource
from portal.sandbox.productive.resources.customers import COMPANIES, CONTACT_ENTRIES
from portal.sandbox.productive.resources.house import (
    COMMENTS,
    DELETED_ITEMS,
    DOCUMENT_TYPES,
    EXPENSES,
    ORGANIZATIONS,
    PEOPLE,
    SERVICE_TYPES,
    SUBSIDIARIES,
    TAX_RATES,
)
from portal.sandbox.productive.resources.invoices import INVOICES
from portal.sandbox.productive.resources.lines import LINE_ITEMS
from portal.sandbox.productive.resources.outside import ATTACHMENTS, WEBHOOKS
from portal.sandbox.productive.resources.payments import PAYMENTS

RESOURCES: Mapping[str, Resource] = {
    resource.type: resource
    for resource in (
        ORGANIZATIONS,
        PEOPLE,
        SUBSIDIARIES,
        COMPANIES,
        CONTACT_ENTRIES,
        INVOICES,
        LINE_ITEMS,
        PAYMENTS,
        SERVICE_TYPES,
        TAX_RATES,
        DOCUMENT_TYPES,
        EXPENSES,
        COMMENTS,
        DELETED_ITEMS,
        ATTACHMENTS,
        WEBHOOKS,
    )
}

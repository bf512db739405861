"""What reaches outside: webhooks, and attachments with their files."""

from flask import request

from portal.sandbox.productive.attachments import upload_policy
from portal.sandbox.productive.jsonapi import NOWHERE, Resource
from portal.sandbox.productive.resources.parts import fields, show, sorts
from portal.sandbox.productive.rows import Attachment, Webhook
from portal.sandbox.productive.state import Sandbox


def _show_webhook(row: Webhook, _state: Sandbox) -> dict[str, object]:
    return {
        **show(row, ("name", "event_id", "state_id", "retry_attempts", "deactivated_at", "signature_token")),
        **show(row, ("target_url", "type_id", "custom_headers")),
        "test": False,
    }


def _show_attachment(row: Attachment, state: Sandbox) -> dict[str, object]:
    is_there = row.key in state.files
    return {
        **show(row, ("name", "content_type", "size")),
        "url": f"{request.host_url}{row.key}" if is_there else None,
        "thumb": None,
        "temp_url": row.temp_url,
        "resized": False,
        **show(row, ("created_at", "deleted_at")),
        "attachment_type": row.attachable_type,
        "message_id": None,
        "external_id": None,
        "attachable_type": row.attachable_type,
        "aws_policy": None if is_there else upload_policy(row),
    }


WEBHOOKS = Resource(
    "webhooks",
    lambda state: state.tables.webhooks,
    _show_webhook,
    filters={**fields("id", "id", "event_id", "type_id"), **fields("word", "target_url")},
    sorts=sorts("name"),
)
ATTACHMENTS = Resource(
    "attachments",
    lambda state: state.tables.attachments,
    _show_attachment,
    {"creator": NOWHERE},
    {**fields("id", "id"), **fields("word", "attachable_type", "name")},
    sorts("name", "created_at"),
    is_shown=lambda row: row.deleted_at is None,
)

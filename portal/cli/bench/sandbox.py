"""Measures the Productive sandbox, and how its pages are parsed."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, Popen
from typing import Any

import click

from portal.cli.bench.figures import milliseconds, say, seconds
from portal.cli.demo.data import ORGANIZATION, TOKEN
from portal.cli.demo.run import STARTING, is_up, wait_for
from portal.cli.demo.supervisor import end_with_parent
from portal.cli.demo.valkey import free_port
from portal.productive.jsonapi import read_document
from portal.productive.parse import parse_invoice
from portal.settings import ROOT

IMPORTED = 10_000
INCLUDES = "company,bill_to,subsidiary,parent_invoice"


@contextmanager
def start_sandbox() -> Iterator[str]:
    """Yield the address of a Productive sandbox."""
    port = free_port()
    command = [sys.executable, "-m", "portal.sandbox.productive", "--port", str(port)]
    server = Popen(command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL, preexec_fn=end_with_parent)  # noqa: S603 - ours

    try:
        if not wait_for(lambda: is_up(f"http://localhost:{port}/"), STARTING):
            raise click.ClickException("The sandbox did not start.")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(30)


def measure_sandbox() -> list[bool]:
    """Measure the import of many invoices into the sandbox, and reading its pages."""
    with start_sandbox() as address:
        wishes = [a_wish(at) for at in range(IMPORTED)]
        body = json.dumps({"invoices": wishes}).encode()
        imported = seconds(lambda: ask(f"{address}/_sandbox/invoices", body))
        query = f"filter[invoice_state]=2&include={INCLUDES}&page[size]=200"
        answer = ask(f"{address}/api/v2/invoices?{query}")

    return [
        say("pull parsing, 1,000 invoices", 5 * milliseconds(lambda: parse_all(answer)), "ms", 500),
        say("sandbox import, 10,000 invoices", imported, "s", 30),
    ]


def a_wish(at: int) -> dict[str, object]:
    """Return an invoice to import."""
    return {"subject": f"Bench {at}", "company": {"name": f"Customer {at % 300}"}}


def ask(url: str, body: bytes | None = None) -> bytes:
    """Return the sandbox's answer."""
    headers = {"X-Auth-Token": TOKEN, "X-Organization-Id": ORGANIZATION}
    kind = "application/json" if body else "application/vnd.api+json"
    request = urllib.request.Request(url, body, headers | {"Content-Type": kind})  # noqa: S310 - our own sandbox
    with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310 - the same
        content: Any = answer.read()
    return bytes(content)


def parse_all(answer: bytes) -> None:
    """Parse one page of 200 invoices."""
    document = read_document(answer)
    included = document.index()
    if len([parse_invoice(resource, included) for resource in document.many]) != 200:
        raise click.ClickException("The page is not full.")

"""The WSGI entry: ``gunicorn app:app`` and ``flask …`` start here."""

from portal.factory import create_app

app = create_app()

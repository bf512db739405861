"""The Exact Online sandbox: OAuth, the REST API, back doors and a small web page."""

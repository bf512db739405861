"""What an e-mail address tells about a company."""

# Addresses under these tell nothing about a company.
MAIL_FOR_ALL = """
    gmail.com googlemail.com hotmail.com hotmail.nl hotmail.be hotmail.fr outlook.com outlook.be
    live.com live.nl live.be msn.com yahoo.com yahoo.fr yahoo.de icloud.com me.com mac.com aol.com
    gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de kpnmail.nl ziggo.nl planet.nl
    hetnet.nl home.nl xs4all.nl upcmail.nl telenet.be skynet.be proximus.be scarlet.be orange.fr
    wanadoo.fr free.fr laposte.net bluewin.ch proton.me protonmail.com
"""
EVERYBODYS = frozenset(MAIL_FOR_ALL.split())


def domains_of(emails: set[str]) -> set[str]:
    """Return the domains that belong to a company."""
    return {email.rsplit("@", 1)[1] for email in emails} - EVERYBODYS


def emails_of(text: str | None) -> set[str]:
    """Return the addresses in a field that may hold several."""
    parts = (text or "").casefold().replace(",", " ").replace(";", " ").split()
    return {part for part in parts if "@" in part}

"""What agencies call their work, in English, Dutch, German and French."""

from functools import lru_cache

from portal.domain.words import words_of

# One line a trade. The first word stands for all. A word with a star begins longer ones.
TRADES = """
design ontwerp* vormgev* gestalt* conception design* ux ui grafis* graphi* creati* kreati*
development ontwikkel* entwickl* developp* develop* programm* software code coding techniek* technical
development bouw web website* webs* app apps
strategy strateg* advies advis* beratung* conseil* consult*
management projectmanag* projektmanag* projectleid* projektleit* projectbegeleid* gestion coordinati* pm
text copywrit* copy tekst* text* redacti* redakti* redaction* content schrijf*
text vertal* translat* ubersetz* traduct*
hosting host* hebergement licenti* lizenz* licen* server* domein* domain* abonnement* subscription* saas
maintenance onderhoud* wartung* support* ondersteun* entretien pflege beheer* sla service
photo fotograf* photograph* foto film* video* beeld*
media advertent* adverti* anzeige* werbe* publicit* campagne* campaign* kampagne* seo sea marketing
training trainin* opleid* schulung* formation* workshop* cursus* course* seminar* coaching facilitat* kurs*
travel reis* reise* deplacement* kilometer* verblijf* voyage* transport* frais
print druk* drucksach* drucken imprim* impress* gedruk*
research onderzoek* forschung* recherche* etude* analys* testing test*
expenses onkosten doorbelast* auslagen kosten debours rebill* expense* reimburs*
event event* evenement* veranstaltung* beurs* messe
staffing detacher* personeel inhuur* interim* freelanc* zeitarbeit
"""
# Words of charts of accounts that say nothing about the trade.
IDLE_WORDS = """
omzet opbrengst opbrengsten revenue revenues sales sale income turnover verkoop verkopen erlose erlos umsatz
umsatzerlose produits produit ventes vente chiffre d affaires prestations prestation services service dienst
diensten dienstleistungen leistungen werkzaamheden uren hours stunden heures en and und et de du des la le les
van voor for of the fur aus + uit op in hoog laag tarief 21 9 6 12 19 7 0 btw vat mwst ust tva exkl excl incl
nl be binnenland inland domestic belast
"""
IDLE = frozenset(words_of(IDLE_WORDS))
# Accounts that take what nothing else takes.
REST = frozenset(
    words_of("overige overig other others divers diverse diversen sonstige ubrige autres various misc")
)
# Accounts that speak of a place, and not of a trade.
PLACES = frozenset(words_of("eu eg ue buitenland ausland etranger export abroad intracommunautair"))


@lru_cache(maxsize=4096)
def trade_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell one kind of work from another."""
    return tuple(word for word in words_of(name.replace("-", " ")) if word not in IDLE)


@lru_cache(maxsize=4096)
def trades_of(name: str) -> frozenset[str]:
    """Return the kinds of work that a name speaks of."""
    found = {_trade_of(word) for word in trade_words(name)}
    return frozenset(one for one in found if one)


def takes_the_rest(description: str) -> bool:
    """Say whether an account takes what nothing else takes, or what is abroad."""
    return bool((REST | PLACES) & set(words_of(description)))


@lru_cache(maxsize=4096)
def _trade_of(word: str) -> str | None:
    for line in TRADES.strip().splitlines():
        first, *others = line.split()
        if any(_begins(word, each) for each in (first, *others)):
            return first

    return None


def _begins(word: str, known: str) -> bool:
    return word.startswith(known[:-1]) if known.endswith("*") else word == known

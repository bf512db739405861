"""Words in the names of companies, by what they tell."""

# Words that tell companies of one group apart.
APART = """
    holding holdings beheer groep group gruppe groupe management vastgoed immo immobilien immobilier
    real estate properties participaties beteiligungs beteiligung investments investment invest
    finance financial services service diensten personeel payroll logistics logistiek logistik
    transport catering events event horeca exploitatie verhuur lease leasing retail wholesale
    trading handel vertrieb export import verwaltung verwaltungs besitz international internationaal
    europe europa nederland netherlands belgie belgium belgique deutschland germany duitsland france
    frankrijk luxemburg luxembourg uk usa vlaanderen wallonie noord zuid oost west north south east
    stichting vereniging verein foundation fonds pensioenfonds vrienden
"""
# Words before a name that say what kind of company it is, and not which.
KINDS = """
    hotel restaurant cafe bar bistro bakkerij boulangerie backerei baeckerei brouwerij brasserie
    brauerei slagerij boucherie metzgerei winkel boetiek boutique studio atelier bureau kantoor kanzlei
    praktijk praxis gemeente stad ville school schule ecole universiteit universite universitat museum
    musee theater theatre bedrijf firma fa maatschap garage autohaus apotheek apotheke pharmacie
    architectenbureau advocatenkantoor notariskantoor accountantskantoor reclamebureau ingenieursbureau
    boekhoudkantoor familie
"""
# Words that say nothing wherever they stand.
IDLE = "company bedrijf firma + co"
LITTLE = "de het een the a der die das den des le la les l du von van of"
UNIT_WORDS = frozenset(APART.split())
KIND_WORDS = frozenset(KINDS.split())
IDLE_WORDS = frozenset(IDLE.split())
FILLERS = frozenset(LITTLE.split())
# As the last word these number a company, as in *Acme A*.
ENUMERATORS = frozenset(("a", "l", "een"))
SHORT_FORMS = {
    "gebr": "gebroeders",
    "stg": "stichting",
    "ver": "vereniging",
    "intl": "international",
    "int": "international",
    "mij": "maatschappij",
    "bros": "brothers",
    "zn": "zonen",
    "gem": "gemeente",
    "univ": "universiteit",
}

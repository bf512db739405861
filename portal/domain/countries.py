"""Country names in English, Dutch, German and French, as ISO 3166 codes; never a guess."""

import re
import unicodedata
from functools import cache, lru_cache

NAMES = """
AD Andorra, Andorre
AE United Arab Emirates, UAE, Verenigde Arabische Emiraten, Vereinigte Arabische Emirate
AE Emirats arabes unis
AL Albania, Albanië, Albanien, Albanie
AM Armenia, Armenië, Armenien, Arménie
AR Argentina, Argentinië, Argentinien, Argentine
AT Austria, Oostenrijk, Österreich, Oesterreich, Autriche
AU Australia, Australië, Australien, Australie
AW Aruba
AZ Azerbaijan, Azerbeidzjan, Aserbaidschan, Azerbaïdjan
BA Bosnia and Herzegovina, Bosnia, Bosnië en Herzegovina, Bosnië-Herzegovina, Bosnien und Herzegowina
BA Bosnie-Herzégovine
BE Belgium, België, Belgien, Belgique, Kingdom of Belgium, Koninkrijk België, Royaume de Belgique
BG Bulgaria, Bulgarije, Bulgarien, Bulgarie
BR Brazil, Brasil, Brazilië, Brasilien, Brésil
BY Belarus, Wit-Rusland, Weißrussland, Biélorussie, Bélarus
CA Canada, Kanada
CH Switzerland, Zwitserland, Schweiz, Suisse, Svizzera, Swiss Confederation
CL Chile, Chili
CN China, People's Republic of China, PR China, Volksrepubliek China, Volksrepublik China, Chine
CO Colombia, Kolumbien, Colombie
CW Curaçao
CY Cyprus, Zypern, Chypre
CZ Czechia, Czech Republic, Tsjechië, Tsjechische Republiek, Tschechien, Tschechische Republik, Tchéquie
CZ République tchèque, Česko, Česká republika
DE Germany, Duitsland, Deutschland, Allemagne, Federal Republic of Germany, Bundesrepublik Deutschland
DE Bondsrepubliek Duitsland, BRD
DK Denmark, Denemarken, Dänemark, Danemark, Danmark
EE Estonia, Estland, Estonie, Eesti
EG Egypt, Egypte, Ägypten, Égypte
ES Spain, Spanje, Spanien, Espagne, España
FI Finland, Finnland, Finlande, Suomi
FO Faroe Islands, Faeröer, Färöer, Îles Féroé
FR France, Frankrijk, Frankreich, French Republic, République française
GB United Kingdom, UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland
GB Verenigd Koninkrijk, Groot-Brittannië, Engeland, Schotland, Noord-Ierland, Vereinigtes Königreich
GB Großbritannien, Schottland, Nordirland, Royaume-Uni, Grande-Bretagne, Angleterre, Écosse
GB Pays de Galles, Irlande du Nord, United Kingdom of Great Britain and Northern Ireland
GE Georgia, Georgië, Georgien, Géorgie
GG Guernsey, Guernesey
GI Gibraltar
GR Greece, Griekenland, Griechenland, Grèce, Hellas
HK Hong Kong, Hongkong, Hong Kong SAR
HR Croatia, Kroatië, Kroatien, Croatie, Hrvatska
HU Hungary, Hongarije, Ungarn, Hongrie, Magyarország
ID Indonesia, Indonesië, Indonesien, Indonésie
IE Ireland, Ierland, Irland, Irlande, Republic of Ireland, Éire
IL Israel, Israël
IM Isle of Man, Île de Man
IN India, Indien, Inde
IS Iceland, IJsland, Island, Islande
IT Italy, Italië, Italien, Italie, Italia
JE Jersey
JP Japan, Japon
KR South Korea, Republic of Korea, Zuid-Korea, Südkorea, Corée du Sud
LI Liechtenstein
LT Lithuania, Litouwen, Litauen, Lituanie, Lietuva
LU Luxembourg, Luxemburg, Grand Duchy of Luxembourg, Groothertogdom Luxemburg, Großherzogtum Luxemburg
LU Grand-Duché de Luxembourg
LV Latvia, Letland, Lettland, Lettonie, Latvija
MA Morocco, Marokko, Maroc
MC Monaco
MD Moldova, Moldavië, Moldau, Republik Moldau, Moldavie
ME Montenegro, Monténégro
MK North Macedonia, Macedonia, Noord-Macedonië, Macedonië, Nordmazedonien, Mazedonien, Macédoine du Nord
MK Macédoine
MT Malta, Malte
MX Mexico, Mexiko, Mexique, México
MY Malaysia, Maleisië, Malaisie
NG Nigeria
NL Netherlands, The Netherlands, Nederland, Holland, Niederlande, Pays-Bas, Hollande
NL Kingdom of the Netherlands, Koninkrijk der Nederlanden, Königreich der Niederlande
NL Royaume des Pays-Bas
NO Norway, Noorwegen, Norwegen, Norvège, Norge
NZ New Zealand, Nieuw-Zeeland, Neuseeland, Nouvelle-Zélande
PH Philippines, Filipijnen, Philippinen
PK Pakistan
PL Poland, Polen, Pologne, Polska
PT Portugal
QA Qatar, Katar
RO Romania, Roemenië, Rumänien, Roumanie, România
RS Serbia, Servië, Serbien, Serbie, Srbija
RU Russia, Russian Federation, Rusland, Russische Federatie, Russland, Russische Föderation, Russie
RU Fédération de Russie
SA Saudi Arabia, Saoedi-Arabië, Saudi-Arabien, Arabie saoudite
SE Sweden, Zweden, Schweden, Suède, Sverige
SG Singapore, Singapur, Singapour
SI Slovenia, Slovenië, Slowenien, Slovénie, Slovenija
SK Slovakia, Slovak Republic, Slowakije, Slowaakse Republiek, Slowakei, Slowakische Republik, Slovaquie
SK République slovaque, Slovensko
SM San Marino, Saint-Marin
SR Suriname, Surinam
TH Thailand, Thaïlande
TN Tunisia, Tunesië, Tunesien, Tunisie
TR Turkey, Türkiye, Turkije, Türkei, Turquie
TW Taiwan, Taïwan
UA Ukraine, Oekraïne
US United States, United States of America, USA, America, Verenigde Staten, Verenigde Staten van Amerika
US Amerika, Vereinigte Staaten, Vereinigte Staaten von Amerika, États-Unis, États-Unis d'Amérique
VA Vatican City, Holy See, Vaticaanstad, Vatikanstadt, Vatican
VN Vietnam, Viet Nam, Viêt Nam
XK Kosovo
ZA South Africa, Zuid-Afrika, Südafrika, Afrique du Sud
"""
ARTICLES = frozenset(("the", "de", "het", "die", "der", "das", "la", "le", "les", "l"))
SPELLINGS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae"})


@lru_cache(maxsize=4096)
def iso_country(name: str | None) -> str | None:
    """Return the ISO-2 code of a country name or of a code; None for what is not surely known."""
    words = _words(name or "")
    known = _known()
    if len(words) > 1 and words[0] in ARTICLES:
        return known.get("".join(words)) or known.get("".join(words[1:]))
    return known.get("".join(words))


def _words(name: str) -> list[str]:
    """Return the words of a name without accents, dots and case; abbreviations become one word."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(SPELLINGS).replace(".", ""))
    return re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))


@cache
def _known() -> dict[str, str]:
    """Return every known spelling with its code, the codes themselves among them."""
    known: dict[str, str] = {}
    for line in NAMES.strip().splitlines():
        code, names = line.split(" ", 1)
        known[code.lower()] = code
        known |= {"".join(_words(name)): code for name in names.split(", ")}
    return known

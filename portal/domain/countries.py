"""Country names in English, Dutch, German and French, as ISO 3166 codes, never by a guess."""

import re
import unicodedata
from functools import cache, lru_cache

NAMES = """
AD Andorra, Andorre
AE United Arab Emirates, UAE, Verenigde Arabische Emiraten, Vereinigte Arabische Emirate
AE Emirats arabes unis
AF Afghanistan
AG Antigua and Barbuda, Antigua en Barbuda, Antigua und Barbuda, Antigua-et-Barbuda
AI Anguilla
AL Albania, Albanië, Albanien, Albanie
AM Armenia, Armenië, Armenien, Arménie
AO Angola
AR Argentina, Argentinië, Argentinien, Argentine
AS American Samoa, Amerikaans-Samoa, Amerikanisch-Samoa, Samoa américaines
AT Austria, Oostenrijk, Österreich, Oesterreich, Autriche
AU Australia, Australië, Australien, Australie
AW Aruba
AX Åland, Åland Islands, Ålandinseln
AZ Azerbaijan, Azerbeidzjan, Aserbaidschan, Azerbaïdjan
BA Bosnia and Herzegovina, Bosnia, Bosnië en Herzegovina, Bosnië-Herzegovina, Bosnien und Herzegowina
BA Bosnie-Herzégovine
BB Barbados, Barbade
BD Bangladesh, Bangladesch
BE Belgium, België, Belgien, Belgique, Kingdom of Belgium, Koninkrijk België, Royaume de Belgique
BF Burkina Faso
BG Bulgaria, Bulgarije, Bulgarien, Bulgarie
BH Bahrain, Bahrein, Bahreïn
BI Burundi
BJ Benin, Bénin
BL Saint Barthélemy, Saint-Barthélemy
BM Bermuda, Bermudes
BN Brunei, Brunei Darussalam
BO Bolivia, Bolivien, Bolivie
BQ Caribbean Netherlands, Caribisch Nederland, Bonaire, Saba, Sint Eustatius
BQ Bonaire, Sint Eustatius and Saba
BR Brazil, Brasil, Brazilië, Brasilien, Brésil
BS Bahamas, The Bahamas, Bahama's
BT Bhutan, Bhoutan
BW Botswana
BY Belarus, Wit-Rusland, Weißrussland, Biélorussie, Bélarus
BZ Belize
CA Canada, Kanada
CD Democratic Republic of the Congo, DR Congo, Democratische Republiek Congo, Demokratische Republik Kongo
CD République démocratique du Congo
CF Central African Republic, Centraal-Afrikaanse Republiek, Zentralafrikanische Republik
CF République centrafricaine
CG Republic of the Congo, Congo-Brazzaville
CH Switzerland, Zwitserland, Schweiz, Suisse, Svizzera, Swiss Confederation
CI Ivory Coast, Côte d'Ivoire, Ivoorkust, Elfenbeinküste
CK Cook Islands, Cookeilanden, Cookinseln, Îles Cook
CL Chile, Chili
CM Cameroon, Kameroen, Kamerun, Cameroun
CN China, People's Republic of China, PR China, Volksrepubliek China, Volksrepublik China, Chine
CO Colombia, Kolumbien, Colombie
CR Costa Rica
CU Cuba, Kuba
CV Cape Verde, Cabo Verde, Kaapverdië, Kap Verde, Cap-Vert
CW Curaçao
CY Cyprus, Zypern, Chypre
CZ Czechia, Czech Republic, Tsjechië, Tsjechische Republiek, Tschechien, Tschechische Republik, Tchéquie
CZ République tchèque, Česko, Česká republika
DE Germany, Duitsland, Deutschland, Allemagne, Federal Republic of Germany, Bundesrepublik Deutschland
DE Bondsrepubliek Duitsland, BRD
DJ Djibouti, Dschibuti
DK Denmark, Denemarken, Dänemark, Danemark, Danmark
DM Dominica, Dominique
DO Dominican Republic, Dominicaanse Republiek, Dominikanische Republik, République dominicaine
DZ Algeria, Algerije, Algerien, Algérie
EC Ecuador, Équateur
EA Ceuta, Melilla, Ceuta and Melilla, Ceuta en Melilla, Ceuta und Melilla, Ceuta y Melilla
EE Estonia, Estland, Estonie, Eesti
EG Egypt, Egypte, Ägypten, Égypte
EH Western Sahara, Westelijke Sahara, Westsahara, Sahara occidental
ER Eritrea, Érythrée
ES Spain, Spanje, Spanien, Espagne, España
ET Ethiopia, Ethiopië, Äthiopien, Éthiopie
FI Finland, Finnland, Finlande, Suomi
FJ Fiji, Fidschi, Fidji
FK Falkland Islands, Falklandeilanden, Falklandinseln, Îles Malouines
FM Micronesia, Micronesië, Mikronesien, Micronésie
FO Faroe Islands, Faeröer, Färöer, Îles Féroé
FR France, Frankrijk, Frankreich, French Republic, République française
GA Gabon, Gabun
GB United Kingdom, UK, XI, Great Britain, Britain, England, Scotland, Wales, Northern Ireland
GB Verenigd Koninkrijk, Groot-Brittannië, Engeland, Schotland, Noord-Ierland, Vereinigtes Königreich
GB Großbritannien, Schottland, Nordirland, Royaume-Uni, Grande-Bretagne, Angleterre, Écosse
GB Pays de Galles, Irlande du Nord, United Kingdom of Great Britain and Northern Ireland
GD Grenada, Grenade
GE Georgia, Georgië, Georgien, Géorgie
GF French Guiana, Frans-Guyana, Französisch-Guayana, Guyane
GG Guernsey, Guernesey
GH Ghana
GI Gibraltar
GL Greenland, Groenland, Grönland
GM Gambia, The Gambia, Gambie
GN Guinea, Guinee, Guinée
GP Guadeloupe
GQ Equatorial Guinea, Equatoriaal-Guinea, Äquatorialguinea, Guinée équatoriale
GR EL, Greece, Griekenland, Griechenland, Grèce, Hellas
GT Guatemala
GU Guam
GW Guinea-Bissau, Guinee-Bissau, Guinée-Bissau
GY Guyana
HK Hong Kong, Hongkong, Hong Kong SAR
HN Honduras
HR Croatia, Kroatië, Kroatien, Croatie, Hrvatska
HT Haiti, Haïti
HU Hungary, Hongarije, Ungarn, Hongrie, Magyarország
IC Canary Islands, Canarische Eilanden, Kanarische Inseln, Îles Canaries, Islas Canarias, Canarias
ID Indonesia, Indonesië, Indonesien, Indonésie
IE Ireland, Ierland, Irland, Irlande, Republic of Ireland, Éire
IL Israel, Israël
IM Isle of Man, Île de Man
IN India, Indien, Inde
IQ Iraq, Irak
IR Iran
IS Iceland, IJsland, Island, Islande
IT Italy, Italië, Italien, Italie, Italia
JE Jersey
JM Jamaica, Jamaika, Jamaïque
JO Jordan, Jordanië, Jordanien, Jordanie
JP Japan, Japon
KE Kenya, Kenia
KG Kyrgyzstan, Kirgizië, Kirgisistan, Kirghizistan
KH Cambodia, Cambodja, Kambodscha, Cambodge
KI Kiribati
KM Comoros, Comoren, Komoren, Comores
KN Saint Kitts and Nevis, Saint Kitts en Nevis, St. Kitts und Nevis, Saint-Christophe-et-Niévès
KP North Korea, Noord-Korea, Nordkorea, Corée du Nord
KR South Korea, Republic of Korea, Zuid-Korea, Südkorea, Corée du Sud
KW Kuwait, Koeweit, Koweït
KY Cayman Islands, Kaaimaneilanden, Kaimaninseln, Îles Caïmans
KZ Kazakhstan, Kazachstan, Kasachstan
LA Laos
LB Lebanon, Libanon, Liban
LC Saint Lucia, St. Lucia, Sainte-Lucie
LI Liechtenstein
LK Sri Lanka
LR Liberia, Libéria
LS Lesotho
LT Lithuania, Litouwen, Litauen, Lituanie, Lietuva
LU Luxembourg, Luxemburg, Grand Duchy of Luxembourg, Groothertogdom Luxemburg, Großherzogtum Luxemburg
LU Grand-Duché de Luxembourg
LV Latvia, Letland, Lettland, Lettonie, Latvija
LY Libya, Libië, Libyen, Libye
MA Morocco, Marokko, Maroc
MC Monaco
MD Moldova, Moldavië, Moldau, Republik Moldau, Moldavie
ME Montenegro, Monténégro
MF Saint Martin, Saint-Martin
MG Madagascar, Madagaskar
MH Marshall Islands, Marshalleilanden, Marshallinseln, Îles Marshall
MK North Macedonia, Macedonia, Noord-Macedonië, Macedonië, Nordmazedonien, Mazedonien, Macédoine du Nord
MK Macédoine
ML Mali
MM Myanmar, Burma, Birma, Birmanie
MN Mongolia, Mongolië, Mongolei, Mongolie
MO Macao, Macau
MP Northern Mariana Islands, Noordelijke Marianen, Nördliche Marianen, Îles Mariannes du Nord
MQ Martinique
MR Mauritania, Mauritanië, Mauretanien, Mauritanie
MS Montserrat
MT Malta, Malte
MU Mauritius, Maurice
MV Maldives, Maldiven, Malediven
MW Malawi
MX Mexico, Mexiko, Mexique, México
MY Malaysia, Maleisië, Malaisie
MZ Mozambique, Mosambik
NA Namibia, Namibië, Namibie
NC New Caledonia, Nieuw-Caledonië, Neukaledonien, Nouvelle-Calédonie
NE Niger
NG Nigeria
NI Nicaragua
NL Netherlands, The Netherlands, Nederland, Holland, Niederlande, Pays-Bas, Hollande
NL Kingdom of the Netherlands, Koninkrijk der Nederlanden, Königreich der Niederlande
NL Royaume des Pays-Bas
NO Norway, Noorwegen, Norwegen, Norvège, Norge
NP Nepal, Népal
NR Nauru
NU Niue
NZ New Zealand, Nieuw-Zeeland, Neuseeland, Nouvelle-Zélande
OM Oman
PA Panama
PE Peru, Pérou
PF French Polynesia, Frans-Polynesië, Französisch-Polynesien, Polynésie française
PG Papua New Guinea, Papoea-Nieuw-Guinea, Papua-Neuguinea, Papouasie-Nouvelle-Guinée
PH Philippines, Filipijnen, Philippinen
PK Pakistan
PL Poland, Polen, Pologne, Polska
PM Saint Pierre and Miquelon, Saint-Pierre-et-Miquelon
PR Puerto Rico, Porto Rico
PS Palestine, Palestina, Palästina
PT Portugal
PW Palau, Palaos
PY Paraguay
QA Qatar, Katar
RE Réunion, La Réunion
RO Romania, Roemenië, Rumänien, Roumanie, România
RS Serbia, Servië, Serbien, Serbie, Srbija
RU Russia, Russian Federation, Rusland, Russische Federatie, Russland, Russische Föderation, Russie
RU Fédération de Russie
RW Rwanda, Ruanda
SA Saudi Arabia, Saoedi-Arabië, Saudi-Arabien, Arabie saoudite
SB Solomon Islands, Salomonseilanden, Salomonen, Îles Salomon
SC Seychelles, Seychellen
SD Sudan, Soedan, Soudan
SE Sweden, Zweden, Schweden, Suède, Sverige
SG Singapore, Singapur, Singapour
SH Saint Helena, Sint-Helena, St. Helena, Sainte-Hélène
SI Slovenia, Slovenië, Slowenien, Slovénie, Slovenija
SK Slovakia, Slovak Republic, Slowakije, Slowaakse Republiek, Slowakei, Slowakische Republik, Slovaquie
SK République slovaque, Slovensko
SL Sierra Leone
SM San Marino, Saint-Marin
SN Senegal, Sénégal
SO Somalia, Somalië, Somalie
SR Suriname, Surinam
SS South Sudan, Zuid-Soedan, Südsudan, Soudan du Sud
ST São Tomé and Príncipe, Sao Tomé en Principe, São Tomé und Príncipe, Sao Tomé-et-Principe
SV El Salvador, Salvador
SX Sint Maarten
SY Syria, Syrië, Syrien, Syrie
SZ Eswatini, Swaziland, Swasiland
TC Turks and Caicos Islands, Turks- en Caicoseilanden, Turks- und Caicosinseln
TD Chad, Tsjaad, Tschad, Tchad
TG Togo
TH Thailand, Thaïlande
TJ Tajikistan, Tadzjikistan, Tadschikistan, Tadjikistan
TL Timor-Leste, East Timor, Oost-Timor, Osttimor
TM Turkmenistan, Turkménistan
TN Tunisia, Tunesië, Tunesien, Tunisie
TO Tonga
TR Turkey, Türkiye, Turkije, Türkei, Turquie
TT Trinidad and Tobago, Trinidad en Tobago, Trinidad und Tobago, Trinité-et-Tobago
TV Tuvalu
TW Taiwan, Taïwan
TZ Tanzania, Tansania, Tanzanie
UA Ukraine, Oekraïne
UG Uganda, Oeganda, Ouganda
US United States, United States of America, USA, America, Verenigde Staten, Verenigde Staten van Amerika
US Amerika, Vereinigte Staaten, Vereinigte Staaten von Amerika, États-Unis, États-Unis d'Amérique
UY Uruguay
UZ Uzbekistan, Oezbekistan, Usbekistan, Ouzbékistan
VA Vatican City, Holy See, Vaticaanstad, Vatikanstadt, Vatican
VC Saint Vincent and the Grenadines, St. Vincent und die Grenadinen, Saint-Vincent-et-les-Grenadines
VE Venezuela
VG British Virgin Islands, Britse Maagdeneilanden, Britische Jungferninseln, Îles Vierges britanniques
VI United States Virgin Islands, US Virgin Islands, Amerikaanse Maagdeneilanden
VI Amerikanische Jungferninseln, Îles Vierges américaines
VN Vietnam, Viet Nam, Viêt Nam
VU Vanuatu
WF Wallis and Futuna, Wallis en Futuna, Wallis und Futuna, Wallis-et-Futuna
WS Samoa
XK Kosovo
YE Yemen, Jemen, Yémen
YT Mayotte
ZA South Africa, Zuid-Afrika, Südafrika, Afrique du Sud
ZM Zambia, Sambia, Zambie
ZW Zimbabwe, Simbabwe
"""
ARTICLES = frozenset(("the", "de", "het", "die", "der", "das", "la", "le", "les", "l"))
SPELLINGS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae"})


@lru_cache(maxsize=4096)
def iso_country(name: str | None) -> str | None:
    """Return the ISO code of a country name or of a code, None where it is not surely known."""
    words = _words(name or "")
    known = _known()
    if len(words) > 1 and words[0] in ARTICLES:
        return known.get("".join(words)) or known.get("".join(words[1:]))
    return known.get("".join(words))


def _words(name: str) -> list[str]:
    """Return the words of a name without accents, dots and case. Abbreviations become one word."""
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

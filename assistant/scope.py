"""What a question is about before anything is searched: its language, its law regime and its date."""

from __future__ import annotations

import re
from datetime import date, timedelta

from pydantic import Field

from indexer.models import Frozen, Regime

NEW_LAW_SINCE = date(2022, 1, 1)
"""Who became inburgeringsplichtig on or after this day falls under the Wet inburgering 2021."""


class Scope(Frozen):
    """What was read off the question, or chosen by the asker."""

    language: str
    regime: Regime | None
    as_of: date
    arrival_only: bool = Field(
        default=False, description="only the arrival in the Netherlands was told, which does not decide the regime"
    )
    future: bool = Field(default=False, description="the day is still to come")

    def notes(self, *, both_regimes: bool) -> tuple[str, ...]:
        """What a person must know of how the question was read, one sentence each."""
        notes = []
        if self.arrival_only and both_regimes:
            notes.append(
                "U noemt wanneer uw klant naar Nederland kwam. Voor de wet telt de dag waarop hij inburgeringsplichtig "
                "werd, en die kan later zijn."
            )
        if self.future:
            notes.append("De gevraagde dag moet nog komen. Wat dan geldt, kan nog veranderen.")
        return tuple(notes)


_DUTCH = frozenset(
    "de het een van en is dat die niet op voor met aan er mijn hij zij ze hoe wat wie welke wanneer waar "
    "mag moet kan als bij naar om te ook dan nog wel geen hoeveel lang krijgt heeft hebben zijn wordt "
    "worden ik klant waarom uit onze ons wij haar hem dit mevrouw meneer".split()
)
_ENGLISH = frozenset(
    "the a an and that this not on for with to my he she they how what who which when where may "
    "must can if at by also then no many long does do has have be are client i why from should under "
    "after it get our".split()
)

_OLD = re.compile(
    r"(?i)\bwi[ -]?(?:20)?13\b|\bwet inburgering (?:van )?2013\b"
    r"|\b(?:wet|regels|stelsel|regime) (?:van|uit) 2013\b"
    r"|\b(?:oude?|vorige)\s+(?:inburgerings)?(?:wet|stelsel|regime|regeling|regels)\b"
    r"|\b(?:old|previous|former|2013) (?:(?:civic )?integration )?(?:law|act|regime|system|rules)\b"
    r"|\b(?:wet|stelsel|regime|regels|groep|klanten?|inburgeraars?|statushouders?|mensen)\s+(?:van\s+)?"
    r"v(?:óó|oo)r 2022\b"
)
_NEW = re.compile(
    r"(?i)\bwi[ -]?(?:20)?2[12]\b|\bwet inburgering 2021\b"
    r"|\b(?:nieuwe|huidige)\s+(?:inburgerings)?(?:wet|stelsel|regime|regels)\b"
    r"|\b(?:new|current|2021|2022) (?:(?:civic )?integration )?(?:law|act|regime|system|rules)\b"
)
_NEW_ONLY = re.compile(
    r"(?i:\b(?:b1|z|onderwijs|zelfredzaamheids|leer)[- ]?routes?\b|\bpip\b|\bbrede intakes?\b|\bleerbaarheidstoets"
    r"|\btaalschakel|\bmodule arbeidsmarkt\b|\bafschalen\b|\bopschalen\b|\bvan (?:b1|z) naar (?:de )?(?:b1|z)\b)"
    r"|\bMAP\b|\b(?:de|in|naar|van|is|allebei|haar|zijn) Z\b"
)
"""What only the Wet inburgering 2021 has."""
_EARLY = re.compile(r"\b(?:19\d\d|200\d|201\d|202[01])\b")
"""A year before that law."""
_BECAME = re.compile(
    r"(?i)inburgeringsplicht|\bmoet\w* (?:\w+ ){0,3}inburgeren|vergunning|\bstatus\b|statushouder (?:geworden|sinds)"
    r"|inburgering begonnen|begonnen met inburger|(?:inburgert|inburgeraar) sinds|\bobliged\b|\bpermit\b"
    r"|obligation|started (?:the )?(?:civic )?integration|sinds (?:\S+ ){1,4}(?:aan het )?inburger"
)
"""Says when somebody became inburgeringsplichtig: the obligation begins with the permit."""
_ARRIVED = re.compile(
    r"(?i)\b(?:kwam|kwamen|gekomen|aangekomen|gevlucht|ingereisd|arrived|came|fled)\b"
    r"|\b(?:in nederland|hier|in the netherlands)\s+(?:sinds|since)\b"
    r"|\b(?:sinds|since)\s+(?:\S+\s+){1,3}(?:in nederland|hier|in the netherlands)\b|\basiel aangevraagd\b"
)
"""Says when somebody came, which may be long before the obligation."""
_OF_CLIENT = re.compile(
    r"(?i)\b(?:sinds|since|geboren|born|getrouwd|gescheiden|begon|begonnen|gestart|startte|began|started|gestopt|"
    r"verhuis\w*|moved|ingeschreven|aangemeld|gemeld|gekregen|ontvangen|ontving|getekend|ondertekend|gehaald|geslaagd|"
    r"gezakt|ontslagen|woont|woonde|werkt|werkte|opgeroepen|verschenen|got|received|signed|passed|failed)\b"
    r"|\b(?:klant|cliënt|client|inburgeraar|statushouder|kandidaat|deelnemer|gezin)\s+(?:uit|from)\s"
    r"|\b(?:brief|besluit|beschikking|pip|plan|boete|intake|uitslag|lening|letter|decision)\s+(?:van|uit|of|from)\s+\w*\s*\d"
)
"""Says what happened to somebody: its day is not one on which the rules are asked for."""
_PERSON = re.compile(
    r"(?i)\b(?:klant\w*|cliënt\w*|clients?|kandidaat|deelnemer|inburgeraar|statushouder|mevrouw|mevr|mw|meneer|dhr|hij|zij|"
    r"ze|hem|haar|man|vrouw|jongen|meisje|zoon|dochter|kind|gezin|stel|he|she|him|her|man|woman|boy|girl|family)\b"
)
_ASKS = re.compile(
    r"(?i)\b(?:wat|welke?|wie|wanneer|waar\w*|hoe\w*|mag|mogen|moet|moeten|kan|kunnen|krijgt|hoeft|geldt|telt|klopt|"
    r"what|which|who|when|where|how|may|can|must|should|does|do|is)\b"
)
_THEN = re.compile(r"(?i)\b(?:toen|destijds|(?:die|dat|de) (?:tijd|jaar|dag)|then|that (?:day|year|time))\b")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "maart march mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sept sep",
            "oktober october okt",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY = re.compile(rf"(?i)\b(?:(\d{{1,2}})\s+)?({'|'.join(_MONTHS)})\s+((?:19|20)\d\d)\b")
_DAY_OF_MONTH = re.compile(
    rf"(?i)(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?P<month>{'|'.join(_MONTHS)})\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?(?!\d),?)?(?:\s+(?P<year>(?:19|20)\d\d))?"
)
_NUMERIC = re.compile(r"\b(\d{1,2})[-/](\d{1,2})[-/]((?:19|20)\d\d)\b|\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_YEAR = re.compile(
    r"(?i)\b(?:in|sinds|vanaf|van|uit|eind|begin|medio|jaar|voorjaar|najaar|zomer|tot|voor|vóór|na|per|"
    r"since|until|from|during|of|before|after)"
    r"\s+((?:19|20)\d\d)(?![\d-])(?!\s*(?:euro|uur|uren))"
)
_BEFORE = re.compile(r"(?i)\b(?:voor|vóór|before)\s+$")
_LAST_YEAR = re.compile(r"(?i)\b(?:vorig jaar|afgelopen jaar|last year)\b")
_NEXT_YEAR = re.compile(r"(?i)\b(?:volgend jaar|komend jaar|next year)\b")
_WAS = re.compile(r"(?i)\b(?:was|waren|gold|golden|bedroeg|kostte|luidde|were|applied)\b")
_LAW_NAME = re.compile(
    r"(?i)\bwi[ -]?(?:20)?\d\d\b"
    r"|\b(?:wet|besluit|regeling|vreemdelingenwet|huisvestingswet)\b[\w ]{0,14}?\b(?:19|20)\d\d\b"
)


def read_scope(
    question: str, today: date, *, as_of: date | None = None, regime: Regime | None = None, earlier: str = ""
) -> Scope:
    """Reads language, regime and date off a question; `earlier` is what was asked before in the conversation.

    `as_of` and `regime`, when given, were chosen by the person and win. A year that says when somebody became
    inburgeringsplichtig gives the regime, and so does what only the new law has. What happened to somebody on a day
    says nothing about the rules of that day; any other date in the question is the day the answer must hold on.
    """
    found = regime or _regime(question) or _regime(earlier) or _implied(question, earlier)
    day = as_of
    of_person = any(_told_on(event, question) for event in (_BECAME, _ARRIVED, _OF_CLIENT)) or _told_before(question)
    if day is None and not of_person:
        day = _date(question) or _relative(question, today)
    arrival = found is None and any(_told_on(_ARRIVED, text) for text in (question, earlier))
    return Scope(
        language=language_of(question),
        regime=found,
        as_of=day or today,
        arrival_only=arrival,
        future=(day or today) > today,
    )


def named_regimes(text: str) -> set[Regime]:
    """The regimes that a text names."""
    return {regime for regime, pattern in ((Regime.WI2013, _OLD), (Regime.WI2021, _NEW)) if pattern.search(text)}


def dates(text: str) -> set[tuple[int | None, int, int | None]]:
    """The dates of a text as (day, month, year); what is not said is None: '1 januari' as (1, 1, None)."""
    found: set[tuple[int | None, int, int | None]] = set()
    for match in _NUMERIC.finditer(text):
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        found.add((int(day), int(month), int(year)))
    for match in _DAY_OF_MONTH.finditer(text):
        day, year = match["day"] or match["after"], match["year"]
        if day or year:
            found.add((int(day) if day else None, _MONTHS[match["month"].lower()], int(year) if year else None))
    return found


def language_of(text: str) -> str:
    """'nl' or 'en', by the small words of each; Dutch where nothing tells."""
    small = re.findall(r"[a-zà-ÿ]+", text.lower())
    dutch = sum(word in _DUTCH for word in small)
    english = sum(word in _ENGLISH for word in small)
    return "en" if english > dutch else "nl"


def _regime(text: str) -> Regime | None:
    old, new = bool(_OLD.search(text)), bool(_NEW.search(text))
    if old != new:
        return Regime.WI2013 if old else Regime.WI2021
    if old:
        return None
    if day := _told_on(_BECAME, text):
        return Regime.WI2021 if day >= NEW_LAW_SINCE else Regime.WI2013
    # Whoever came under the new law cannot have been obliged before; of who came earlier it is not known.
    came = _told_on(_ARRIVED, text)
    return Regime.WI2021 if came and came >= NEW_LAW_SINCE else None


def _implied(question: str, earlier: str) -> Regime | None:
    """The new law where a question speaks of what the old one does not have, and nothing tells of the time before."""
    told = f"{question} {earlier}"
    return Regime.WI2021 if _NEW_ONLY.search(question) and not _OLD.search(told) and not _EARLY.search(told) else None


def _told_on(event: re.Pattern[str], text: str) -> date | None:
    """The day in a sentence that speaks of such an event."""
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        day = _date(sentence)
        if day and event.search(sentence):
            return day
    return None


def _told_before(question: str) -> bool:
    """Whether the day stands in a part that tells of a person, while another part asks, and not for that day."""
    parts = re.split(r"[,;:.?!]\s+|\s[-–]\s", question)
    dated = [part for part in parts if _date(part)]
    asking = [part for part in parts if part not in dated and _ASKS.search(part)]
    tells = all(_PERSON.search(part) and not _ASKS.search(part) for part in dated)
    return bool(dated and asking) and tells and not any(_THEN.search(part) for part in asking)


def _relative(text: str, today: date) -> date | None:
    """The day of "wat gold vorig jaar" and "geldt dat volgend jaar nog"; what a client did last year is no such day."""
    if _LAST_YEAR.search(text) and _WAS.search(text):
        return date(today.year - 1, 12, 31)
    return date(today.year + 1, 1, 1) if _NEXT_YEAR.search(text) else None


def _date(text: str) -> date | None:
    text = _LAW_NAME.sub(" ", text)
    try:
        if match := _NUMERIC.search(text):
            if match[1]:
                return date(int(match[3]), int(match[2]), int(match[1]))
            return date(int(match[4]), int(match[5]), int(match[6]))
        if match := _DAY.search(text):
            day = date(int(match[3]), _MONTHS[match[2].lower()], int(match[1] or 1))
            return day - timedelta(days=1) if _BEFORE.search(text[: match.start()]) else day
        if match := _YEAR.search(text):
            year, word = int(match[1]), match.group().split()[0].lower()
            if word in ("voor", "vóór", "before"):
                return date(year - 1, 12, 31)
            if word in ("na", "after"):
                return date(year + 1, 1, 1)
            # The last day of a year: what was in force in it at the end.
            return date(year, 12, 31)
    except ValueError:
        return None
    return None

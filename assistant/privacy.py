"""Masks personal data before anything is logged, stored or sent to a model.

What is found is replaced by its kind in brackets, such as "[BSN]". Numbers are masked on their own checks or on the
word before them: a bare BSN only with a right checksum, so that article numbers, years and amounts stay. Every
pattern takes time in proportion to the text, whatever the text is.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from stdnum import iban
from stdnum.nl import bsn

from assistant.names import find_names, is_word
from indexer.models import Frozen

KINDS = (
    "e-mail",
    "IBAN",
    "documentnummer",
    "V-nummer",
    "klantnummer",
    "BSN",
    "kenteken",
    "telefoonnummer",
    "geboortedatum",
    "adres",
    "postcode",
    "naam",
)
"""What can be found, in the order in which it is looked for: what says itself what it is comes first."""


class Masked(Frozen):
    """A text without its personal data, and which kinds were found, in order of first occurrence."""

    text: str
    kinds: tuple[str, ...]


_Span = tuple[int, int]
_Find = Callable[[str], Iterator[_Span]]

_MONTH = (
    r"(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|maa(?:rt)?|mrt|mar(?:ch)?|apr(?:il)?|mei|may|jun[ie]?|jul[iy]?|"
    r"aug(?:ustus|ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:(?:19|20)\d\d|['’]?\d\d)"
_DATE = (
    rf"(?:\d{{1,2}}\s?[-/.]\s?\d{{1,2}}\s?[-/.]\s?{_YEAR}|(?:19|20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    rf"|\d{{1,2}}(?:e|st|nd|rd|th)?[ -]{_MONTH},?[ -]{_YEAR}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
_IS = r"\s*(?:is|was|=|:|nr\.?|no\.?)?\s*:?\s*"
_PERSON = re.compile(
    r"(?i)\b(?:klant|cliënt|client|man|vrouw|meneer|mevrouw|jongen|meisje|zoon|dochter|kind|persoon|statushouder|"
    r"inburgeraar),?\s?(?:van\s|uit\s|\()?$"
)
_NUMERIC_DATE = re.compile(r"(?<![\d-])\d{1,2}[-/.]\d{1,2}[-/.](?:19\d\d|20[01]\d)(?!\d)")
_LABEL = (
    r"klant|cliënten|cliënt|client|dossier|zaak|ind|duo|coa|crvb?|inburgeraars?|inburgerings|registratie|relatie|"
    r"correspondentie|debiteuren|debiteur|uitkerings|administratie|persoons|referentie|case|file|customer|burger|"
    r"deelnemers?|kandidaat|polis|zorgpolis|studenten|student|onderwijs"
)
_STREET = (
    r"(?:straat|laan|weg|plein|kade|gracht|dijk|singel|pad|plantsoen|dreef|steeg|boulevard|allee|wal|hof|erf|brink|"
    r"oord|park|markt|ring|veld|akker|zoom|burg|haven|meent|weide|warande|kamp|hoek|poort|baan)"
)
_HOUSE = r"\d{1,4}(?:\s?-\s?\d{1,3}\b|[a-zA-Z]{1,2}\b|\s[a-zA-Z]\b|\s(?:hs|huis|bis|hoog)\b)?"
_POSTCODE = r"[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b"

_LABELLED_BIRTH = re.compile(
    rf"(?i)\b(?:geboren|geboortedatum|geboortedag|geb\.?(?:\s?dat)?\.?|born|date of birth|birth ?date|d\.?o\.?b\.?|"
    rf"jarig|verjaart|verjaardag)(?:\s+(?:te|in)\s+\w{{2,30}})?,?{_IS}(?:op|on)?\s*{_DATE}"
)
_BORN_BEHIND = re.compile(rf"(?i)(?P<hide>{_DATE}),?\s+(?:geboren|born)\b")
_NUMBERED = re.compile(
    rf"(?i)\b(?:{_LABEL})[- ]?(?:nummer|number|num|nr|no|id)\b\.?{_IS}#?"
    r"(?:[a-z]{0,4}[-/.]?\d[\w/.-]{2,20}\d|\d{4,12})(?![\w/])"
)
_LABELLED_POSTCODE = re.compile(
    r"(?i:\bpostcode|\bpc)\s*(?:is|:)?\s*(?P<hide>[1-9]\d{3}\s?[A-Za-z]{2})\b(?:\s\d{1,4}[a-z]?\b)?"
)
# A pattern that begins with a list of words is slow to look for; one of these stands in whatever it finds.
_HINTS: dict[re.Pattern[str], tuple[str, ...]] = {
    _LABELLED_BIRTH: ("geb", "born", "birth", "dob", "d.o.b", "jarig", "verja"),
    _BORN_BEHIND: ("geboren", "born"),
    _NUMBERED: ("num", "nr", "no", "id"),
    _LABELLED_POSTCODE: ("postcode", "pc"),
}

# A group named "hide" is what is masked; else the whole match is.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "e-mail",
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?[(\[]at[)\]]\s?)[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"),
    ),
    (
        "IBAN",
        re.compile(r"(?i)(?<!\w)NL[ .-]?\d{2}[ .-]?[A-Z]{4}(?:[ .-]?\d){10}(?!\d)"),
    ),
    (
        "documentnummer",
        re.compile(
            r"(?i)\b(?:paspoort|passport|reisdocument|verblijfsdocument|document|vreemdelingendocument|id[- ]?kaart|"
            r"identiteits(?:kaart|bewijs)|rijbewijs|w-document|pink\s?pas)[- ]?(?:nummer|number|nr\.?|no\.?)?"
            r"\s*(?:is|=|:)?\s*(?P<hide>(?=[a-z]{0,5}\d)[a-z0-9]{7,12})\b"
        ),
    ),
    ("documentnummer", re.compile(r"(?<![\w-])(?=[A-Z0-9]{2,8}\d)[A-NP-Z]{2}[A-NP-Z0-9]{6}\d(?![\w-])")),
    (
        "V-nummer",
        re.compile(
            rf"(?i)\b(?:v[- ]?(?:nummer|nr\.?|num\.?)|vreemdelingen?[- ]?(?:nummer|nr\.?)){_IS}"
            r"\d(?:[ .-]?\d){7,9}(?!\d)"
        ),
    ),
    ("V-nummer", re.compile(r"(?i)\bv\s?:?\s?\d{3}[ .]?\d{3}[ .]?\d{4}(?!\d)")),
    (
        "BSN",
        re.compile(
            rf"(?i)\b(?:bsn|burger ?service ?nummer|sofi[- ]?(?:nummer|nr))\.?{_IS}"
            r"(?P<hide>\d(?:[ .-]{0,2}\d){7,8})(?!\d)"
        ),
    ),
    ("klantnummer", _NUMBERED),
    (
        "klantnummer",
        re.compile(
            rf"(?i)\b(?:(?:dossier|zaak|kenmerk|klant|cliënt|client|file|case)|(?:ons|uw) kenmerk){_IS}#?"
            r"(?P<hide>(?:[a-z]{1,4}[-/.])?(?:(?:19|20)\d\d[-/.]\d{3,8}|\d{5,10}))(?![\w/])"
        ),
    ),
    (
        "kenteken",
        re.compile(
            r"(?i)(?<![\w-])(?=[a-z\d-]{8}(?![\w-]))(?=[\d-]{0,4}[a-z])(?=[a-z-]{0,6}\d)"
            r"(?:[a-z]{1,3}|\d{1,3})-(?:[a-z]{1,3}|\d{1,3})-(?:[a-z]{1,3}|\d{1,3})"
        ),
    ),
    (
        "kenteken",
        re.compile(
            rf"(?i)\bkenteken{_IS}(?P<hide>(?=[a-z-]{{0,4}}\d|\d{{1,3}}-?[a-z])[a-z\d]{{1,3}}(?:-?[a-z\d]{{1,3}}){{1,2}})\b"
        ),
    ),
    ("telefoonnummer", re.compile(r"(?<![\w.])(?:\+|00)[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,6}(?!\w)")),
    ("geboortedatum", _LABELLED_BIRTH),
    ("geboortedatum", _BORN_BEHIND),
    (
        "adres",
        re.compile(
            rf"\b(?:[A-Z][\w'’-]{{1,30}}\s){{1,2}}(?:[a-z]{{1,12}}\s){{0,2}}(?:[\w'’-]{{1,30}}\s)?\d{{1,4}}\s?[a-zA-Z]?,?\s+{_POSTCODE}"
        ),
    ),
    (
        "adres",
        re.compile(
            rf"(?:\b(?!Adres)[A-Z][\w'’.-]{{0,30}}\s(?:(?:van|de|den|der|het|'t|ter|ten|van der|van den)\s)?){{0,3}}"
            rf"\b(?P<street>[A-Za-zÀ-ÿ'’-]{{2,40}}{_STREET})\s{_HOUSE}"
            rf"(?!\d|\s?(?:uur|uren|dagen|weken|maanden|jaar|euro|%))(?:,?\s+{_POSTCODE})?"
        ),
    ),
    (
        "adres",
        re.compile(
            r"\b(?:Oude|Nieuwe|Lange|Korte|Grote|Kleine|Hoge|Lage|Eerste|Tweede|1e|2e|Het)\s"
            r"(?:Gracht|Straat|Kade|Markt|Weg|Plein|Singel|Dijk|Haven|Poort|Hof|Steeg|Wal|Nieuwstraat)\s\d{1,4}[a-z]?\b"
        ),
    ),
    ("postcode", _LABELLED_POSTCODE),
    ("postcode", re.compile(rf"\b{_POSTCODE}(?:\s\d{{1,4}}[a-z]?\b|(?=\s*[,.;)]|\s*$|\s+[A-Z]))")),
)
_FOREIGN_IBAN = re.compile(r"(?i)(?!NL)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{1,4}){3,8}(?!\w)")
_DIGITS = re.compile(r"\d\d")
_NINE = re.compile(r"(?<![\w.,€-])\d(?:[ .-]?\d){7,8}(?!\w|[.,-]\d)")
_DUTCH_PHONE = re.compile(r"(?<![\w.,/-])(?:\(0\d{1,3}\)|0\d)(?:[ /.-]{0,3}\d){6,8}(?![\w/]|[.,-]\d)")
_TEN = re.compile(r"(?<![\w.,€/-])[1-9]\d{9}(?![\w/-]|[.,]\d)")
_PUBLICATION = re.compile(r"(?i)(?:kamerst\w*|stb|staatsblad|stcrt|staatscourant|ecli)\W*(?:nr|nummer)?\W*$")
_DATE_ONLY = re.compile(r"(?:\d{1,2}[- ./]\d{1,2}[- ./]\d{4}|\d{4}[- ./]\d{1,2}[- ./]\d{1,2})(?!\d)")
_MASK = re.compile(rf"\[(?:{'|'.join(map(re.escape, KINDS))})\]")
_BESIDE_NAME = re.compile(r"[,(\s]{1,3}(?P<hide>\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d)(?!\d)")


def mask(text: str, hidden: list[tuple[str, str]] | None = None) -> Masked:
    """The text with personal data replaced by its kind in brackets; what was masked before stays as it is.

    `hidden` gets each kind and what was there.
    """
    found: list[tuple[int, int, str]] = [(m.start(), m.end(), "") for m in _MASK.finditer(text)]
    taken = bytearray(len(text))
    for start, end, _ in found:
        taken[start:end] = b"\x01" * (end - start)

    def take(kind: str, spans: Iterable[_Span]) -> None:
        for start, end in spans:
            if not any(taken[start:end]):
                found.append((start, end, kind))
                taken[start:end] = b"\x01" * (end - start)

    has_digit = any(map(str.isdigit, text))
    for kind, find in _FINDERS:
        if has_digit or kind == "e-mail":
            take(kind, find(text))
    names = find_names(text)
    take("naam", names)
    take("geboortedatum", _beside(names, text))
    found.sort()
    pieces: list[str] = []
    kinds: dict[str, None] = {}
    at = 0
    for start, end, kind in found:
        pieces += [text[at:start], f"[{kind}]" if kind else text[start:end]]
        if kind:
            kinds[kind] = None
            if hidden is not None:
                hidden.append((kind, text[start:end]))
        at = end
    return Masked(text="".join((*pieces, text[at:])), kinds=tuple(kinds))


def originals(text: str) -> dict[str, str]:
    """What stands behind each mark of the masked text, for the eyes of who typed it; only where that is one thing."""
    hidden: list[tuple[str, str]] = []
    mask(text, hidden)
    behind: dict[str, set[str]] = {}
    for kind, original in hidden:
        behind.setdefault(f"[{kind}]", set()).add(original)
    return {mark: those.pop() for mark, those in behind.items() if len(those) == 1}


def restored(text: str, behind: Mapping[str, str]) -> str:
    """A masked text as who typed it may see it. Never keep, log or send the result."""
    for mark, original in behind.items():
        text = text.replace(mark, original)
    return text


def _by_pattern(pattern: re.Pattern[str], hints: tuple[str, ...], text: str) -> Iterator[_Span]:
    low = text.lower()
    if hints and not any(hint in low for hint in hints):
        return
    for match in pattern.finditer(text):
        groups = pattern.groupindex
        if "street" in groups and is_word(match["street"]):
            continue
        yield match.span("hide" if "hide" in groups else 0)


def _phones(text: str) -> Iterator[_Span]:
    """Dutch numbers have ten digits with the first nought."""
    for match in _DUTCH_PHONE.finditer(text):
        if sum(map(str.isdigit, match.group())) == 10:
            yield match.span()


def _dates_of_people(text: str) -> Iterator[_Span]:
    """A date behind a word for a person, such as "klant, 12-03-1985"."""
    for match in _NUMERIC_DATE.finditer(text):
        if _PERSON.search(text[max(0, match.start() - 24) : match.start()]):
            yield match.span()


def _bare_v_numbers(text: str) -> Iterator[_Span]:
    """Ten digits in a row that are no number of a publication."""
    for match in _TEN.finditer(text):
        if not _PUBLICATION.search(text[max(0, match.start() - 30) : match.start()]):
            yield match.span()


def _bsns(text: str) -> Iterator[_Span]:
    """Numbers of eight or nine digits with a right checksum that are no date and no amount."""
    for match in _NINE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        euro = re.search(r"€\s?$", text[max(0, match.start() - 2) : match.start()]) or re.match(
            r"\s?euro", text[match.end() : match.end() + 6]
        )
        if euro or _DATE_ONLY.match(match.group()) or (len(digits) == 8 and not match.group().isdigit()):
            continue
        if digits.strip("0") and bsn.is_valid(digits.zfill(9)):
            yield match.span()


def _ibans(text: str) -> Iterator[_Span]:
    """Foreign account numbers with right check digits; words behind one are left off."""
    for digits in _DIGITS.finditer(text):
        match = _FOREIGN_IBAN.match(text, digits.start() - 2) if digits.start() >= 2 else None
        if match is None or text[match.start() - 1 : match.start()].isalnum():
            continue
        whole = match.group()
        for end in [len(whole), *(m.start() for m in reversed(list(re.finditer(" ", whole))))]:
            if iban.is_valid(whole[:end]):
                yield match.start(), match.start() + end
                break


def _beside(names: Sequence[_Span], text: str) -> Iterator[_Span]:
    """Dates directly behind a name."""
    for _, end in names:
        if match := _BESIDE_NAME.match(text, end):
            yield match.span("hide")


_CHECKED: dict[str, _Find] = {
    "IBAN": _ibans,
    "V-nummer": _bare_v_numbers,
    "BSN": _bsns,
    "telefoonnummer": _phones,
    "geboortedatum": _dates_of_people,
}


def _finders(kind: str) -> Iterator[_Find]:
    for own, pattern in _PATTERNS:
        if own == kind:
            yield partial(_by_pattern, pattern, _HINTS.get(pattern, ()))
    if kind in _CHECKED:
        yield _CHECKED[kind]


_FINDERS = tuple((kind, find) for kind in KINDS for find in _finders(kind))


def mask_logs() -> None:
    """From now on the lines that Leidraad logs, and the errors in them, are masked. Safe to call more than once."""
    current = logging.getLogRecordFactory()
    if getattr(current, "masks", False):
        return

    def factory(*args: object, **kwargs: object) -> logging.LogRecord:
        record = current(*args, **kwargs)
        if record.name.split(".")[0] in _OURS:
            record.msg, record.args = mask(record.getMessage()).text, ()
            if record.exc_info and record.exc_info[0]:
                record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip()).text
        return record

    factory.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)


_OURS = frozenset(("assistant", "indexer", "evals", "app", "cli"))

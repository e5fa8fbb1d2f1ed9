"""Finds the names of people in a text, by what stands around them and by how they look.

`names.toml` holds the given names, the words that announce a name and the words with a capital that are no name;
`words.txt` holds words that are written small in laws and guides, which are no names either. A name that was found is
found wherever it stands in the text.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

Span = tuple[int, int]

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?|\d+")
_OPENS = re.compile(r"[?!:;\n|•]|\.\s")
_SUFFIX = re.compile(
    r"(?:ing|ingen|heid|heden|schap|schappen|atie|aties|iteit|tie|ties|plicht|plichtige|plichtigen|wet|wetten|route|"
    r"traject|examen|examens|uitkering|toets|niveau|gemeente|beleid|school|cursus|besluit|regeling|isch|ische|lijk|"
    r"lijke|baar|bare|loos|loze|ment|menten|kunde|werk|werker|werkers|manager|houder|houders|migrant|migranten|zoeker|"
    r"zoekers|kosten|geld|termijn|plan|gesprek|aanvraag|dienst|organisatie|centrum|bureau|fonds|stad|land|lands|landse|agenda|"
    r"leider|leidster|agent|adviseur|medewerker|docent|begeleider|consulent|ambtenaar|secretaris|vaardigheid|raamwerk)$"
)
_AFTER_CONJUNCTION = frozenset(
    "als omdat dat of wanneer nadat zodra doordat terwijl voordat indien tenzij hoe waarom waar want dus maar ook dan "
    "if when because that whether does did has voor met aan over tegen for with about heeft mag moet kan krijgt wil "
    "komt is valt wordt zou gaat volgt hoort kwam kreeg moest wilde had was begeleid spreek sprak zag ken help bel "
    "belde heb hebben had ik we wij stuur stuurde bezoek bezocht ontmoette vroeg vraag volgens namens "
    "betreffende regarding".split()
)
_PLACE_BEFORE = frozenset(
    "in te uit naar rond bij near from gemeente stad dorp wijk stichting taalschool school".split()
)
_ARTICLES = frozenset("de het een the a an dit deze die".split())
_AND = frozenset(("en", "and"))
_SMALL_AFTER = frozenset(
    "nu niet zelf ook hier daar al nog wel graag eerst thuis vandaag gisteren morgen alleen samen vaak soms nooit "
    "altijd echt steeds weer straks dus dan er die dat wie van uit met in op te bij voor zonder".split()
)
_OWN = frozenset("mijn onze een de my our m'n deze".split())


class _Data(NamedTuple):
    given: frozenset[str]
    given_with_capital: frozenset[str]
    titles: frozenset[str]
    people: frozenset[str]
    families: frozenset[str]
    says_name: frozenset[str]
    verbs: frozenset[str]
    particles: frozenset[str]
    not_names: frozenset[str]
    places: frozenset[str]
    words: frozenset[str]


@lru_cache(maxsize=1)
def _data() -> _Data:
    here = Path(__file__).parent
    data = tomllib.loads((here / "names.toml").read_text(encoding="utf-8"))
    not_names = data.pop("not_names")
    sets = {key: frozenset(value.split()) for key, value in data.items()}
    return _Data(
        **sets,
        not_names=frozenset(word for group in not_names.values() for word in group.split()),
        places=frozenset(f"{not_names['municipalities']} {not_names['countries']}".split()),
        words=frozenset((here / "words.txt").read_text(encoding="utf-8").split()),
    )


class _Token(NamedTuple):
    """A word with its place; `opens` when a sentence or line begins with it, `gap` is what stands before it."""

    text: str
    low: str
    start: int
    end: int
    gap: str
    opens: bool

    @property
    def capital(self) -> bool:
        """Written as a name: a capital and small letters, such as Al-Masri."""
        return self.text[0].isupper() and not self.text.isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) >= 3 and self.text.isupper()

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()


@lru_cache(maxsize=4096)
def is_word(text: str) -> bool:
    """Whether a text is a Dutch word, or made of two."""
    low, words = text.lower(), _data().words
    if low in words or _SUFFIX.search(low):
        return True
    splits = ((low[:at].removesuffix("s") or low[:at], low[at:]) for at in range(3, len(low) - 3))
    return any(behind in words and (front in words or f"{front}s" in words) for front, behind in splits)


def find_names(text: str) -> list[Span]:
    """The stretches of a text that are names of people: start and end in characters, in order, not overlapping."""
    return _Finder(text).find()


class _Finder:
    """One walk over the words of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = _data()
        self.tokens = _tokens(text)
        self.taken = [False] * len(self.tokens)

    def find(self) -> list[Span]:
        rules = (self._announced, self._with_initials, self._given, self._subject, self._in_sentence)
        at, data = 0, self.data
        announcing = data.titles | data.people | data.families | data.says_name | data.given
        while at < len(self.tokens):
            token = self.tokens[at]
            if not token.text[0].isupper() and token.low not in announcing:
                at += 1
                continue
            end = next((end for rule in rules if (end := rule(at))), 0)
            # An announcing word is looked at again for what follows it, never for being a name.
            at = max(at + 1, end)
        self._again()
        return self._spans()

    def _announced(self, at: int) -> int:
        """A name behind a word that announces one; the place behind it, or 0."""
        token, data = self.tokens[at], self.data
        title = token.low in data.titles
        if not (title or token.low in data.people or token.low in data.families or token.low in data.says_name):
            return 0
        follows = at + 1
        if (
            token.low in data.says_name
            and follows < len(self.tokens)
            and self.tokens[follows].low in ("is", "van", "by")
        ):
            follows += 1
        if follows >= len(self.tokens) or not re.fullmatch(r"\.?\s*[:,(=]?\s*[\"'“‘]?", self.tokens[follows].gap):
            return 0
        loose = title or token.low in data.families
        if self.tokens[follows].gap.startswith(".") and not loose:
            return 0
        end = self._run(follows, shouted=True, particle=loose, loose=loose and not self.tokens[follows].opens)
        end = end or self._written_small(at, follows)
        return self._take(follows, end) if end else 0

    def _written_small(self, at: int, follows: int) -> int:
        """The end of a name without a capital, in "mijn klant tesfalem heeft …"."""
        data, low = self.data, self.tokens[follows].low
        if low in data.given:
            return self._small_run(follows)
        if not self.tokens[follows].text.islower() or self.tokens[at].low in data.says_name:
            return 0
        head = at
        while head > 0 and not self.tokens[head].opens and self.tokens[head - 1].low in _OWN:
            head -= 1
        if not self.tokens[head].opens:
            return 0
        for end in (follows + 1, follows + 2):
            own = self.tokens[follows:end]
            if any(self._is_known(t.low) or t.low in _SMALL_AFTER or not t.text.islower() for t in own):
                return 0
            if end < len(self.tokens) and self.tokens[end].low in data.verbs and not self.tokens[end].opens:
                return end
        return 0

    def _with_initials(self, at: int) -> int:
        """A. de Vries, M.A. Jansen."""
        end = at
        while (
            end < min(len(self.tokens), at + 6)
            and self.tokens[end].initial
            and (end == at or self.tokens[end].gap in (".", ". "))
        ):
            end += 1
        if end == at or end >= len(self.tokens) or not self.tokens[end].gap.startswith("."):
            return 0
        if not re.fullmatch(r"\.\s?", self.tokens[end].gap):
            return 0
        behind = self._run(end, particle=True)
        return self._take(at, behind) if behind else 0

    def _given(self, at: int) -> int:
        """A given name from the list, with what follows it."""
        token, data = self.tokens[at], self.data
        if token.low in data.given and token.low not in data.not_names:
            return self._take(at, self._run(at, known=True) if token.capital else self._small_run(at))
        if token.low not in data.given_with_capital or not token.capital:
            return 0
        if re.search(r"\d\s?$", token.gap) or re.match(r"\.?\s?\d", self.text[token.end : token.end + 3]):
            return 0
        end = self._run(at, known=True)
        follows = self.tokens[end].low if end < len(self.tokens) else ""
        if token.opens and end == at + 1 and follows not in data.verbs | _AND:
            return 0
        return self._take(at, end)

    def _subject(self, at: int) -> int:
        """An unknown word with a capital at the head of a sentence, before what only a person does."""
        if not self.tokens[at].opens:
            return 0
        end = self._run(at)
        if not end or end >= len(self.tokens) or self.tokens[end].opens:
            return 0
        follows = self.tokens[end]
        verb = follows.low in self.data.verbs or (
            follows.low in _AND
            and (second := self._run(end + 1))
            and second < len(self.tokens)
            and not self.tokens[end + 1].opens
        )
        return self._take(at, end) if verb and not follows.gap.strip() else 0

    def _in_sentence(self, at: int) -> int:
        """An unknown word with a capital inside a sentence, where a person would stand."""
        token = self.tokens[at]
        if token.opens or at == 0 or not token.gap.isspace():
            return 0
        before = self.tokens[at - 1].low
        end = self._run(at)
        # A name has no article, and what goes on behind another capital is a title or an organisation.
        if not end or before in _PLACE_BEFORE or before in _ARTICLES:
            return 0
        if not self.tokens[at - 1].text.islower() and before not in _AFTER_CONJUNCTION:
            return 0
        follows = self.tokens[end] if end < len(self.tokens) else None
        acts = follows is not None and follows.low in self.data.verbs and follows.gap.isspace() and not follows.opens
        # "de buurvrouw van Asmeret"; behind another word an organisation stands there as often.
        owner = before == "van" and at > 1 and self.tokens[at - 2].low in self.data.people | self.data.says_name
        if owner or before in _AFTER_CONJUNCTION or (acts and before not in self.data.not_names) or end - at >= 2:
            return self._take(at, end)
        return 0

    def _again(self) -> None:
        """What was found to be a name is one in every other place."""
        found = (
            {token.low for token, taken in zip(self.tokens, self.taken, strict=True) if taken and len(token.low) >= 3}
            - self.data.not_names
            - self.data.particles
        )
        found -= self.data.words
        for at, token in enumerate(self.tokens if found else ()):
            if token.low in found or token.low.removesuffix("'s").removesuffix("’s") in found:
                self.taken[at] = True

    def _run(
        self,
        at: int,
        *,
        shouted: bool = False,
        particle: bool = False,
        loose: bool = False,
        known: bool = False,
    ) -> int:
        """The end of a run of name words that begins here, 0 when none does.

        `particle` lets it begin with a small "van der"; `loose` takes a town's name as a surname; `known` says that
        the first word is a name for sure.
        """
        tokens, data = self.tokens, self.data
        end, place = 0, at
        particles = 0
        while place < len(tokens):
            token = tokens[place]
            if place > at and (token.opens or not re.fullmatch(r"\s+|\s?-\s?", token.gap)):
                break
            if token.low in data.particles and (place > at or particle or token.capital):
                particles += 1
                # A capital "De" or "Van" alone opens many a sentence.
                if place == at and not particle:
                    return 0
                place += 1
                continue
            sure = known and place == at
            # "Van der Meer" is a name, whatever the last word means.
            sure = sure or (particles >= 2 and token.capital)
            # Behind a given name a capital makes any other word a surname: Groen, Koning, Visser.
            surname = place > at and token.capital and token.low not in data.not_names | data.verbs
            sure = sure or (surname and tokens[at].low in data.given)
            if not (sure or self._is_name_word(token, shouted, loose)):
                break
            particles = 0
            place += 1
            end = place
        return end

    def _is_name_word(self, token: _Token, shouted: bool, loose: bool) -> bool:
        data = self.data
        if token.initial:
            return False
        if not (token.capital or (shouted and token.shouted)):
            return False
        if token.low in data.given or token.low in data.given_with_capital:
            return token.low not in data.not_names
        if token.low in data.not_names:
            return loose and token.low in data.places
        if loose:
            return True
        # "Al-Hussein" is a name, "Arbeidsmarkt-participatie" is not.
        pieces = re.split(r"[-'’]", token.low)
        return not any(self._is_known(piece) for piece in pieces if len(piece) > 2 and piece not in data.given)

    def _is_known(self, low: str) -> bool:
        return low in self.data.not_names or low in self.data.verbs or is_word(low)

    def _small_run(self, at: int) -> int:
        end = at + 1
        while end < len(self.tokens) and self.tokens[end].gap.isspace() and self.tokens[end].low in self.data.given:
            end += 1
        return end

    def _take(self, start: int, end: int) -> int:
        """Marks a name as found and goes on with "en" and a second one."""
        for place in range(start, end):
            self.taken[place] = True
        if end + 1 < len(self.tokens) and self.tokens[end].low in _AND:
            second = self._run(end + 1)
            if second and not self.tokens[end + 1].opens:
                return self._take(end + 1, second)
        return end

    def _spans(self) -> list[Span]:
        spans: list[Span] = []
        for place, token in enumerate(self.tokens):
            if not self.taken[place]:
                continue
            if spans and self.taken[place - 1] and re.fullmatch(r"[.\s]*", token.gap):
                spans[-1] = (spans[-1][0], token.end)
            else:
                spans.append((token.start, token.end))
        return spans


def _tokens(text: str) -> list[_Token]:
    abbreviations = _data().titles | {"fam"}
    tokens: list[_Token] = []
    before = 0
    for match in _WORD.finditer(text):
        gap = text[before : match.start()]
        # An abbreviation's full stop ("mevr. Haddad", "A. de Vries") opens no sentence.
        short = bool(tokens) and gap != " " and (len(tokens[-1].text) == 1 or tokens[-1].low in abbreviations)
        opens = not tokens or (gap != " " and bool(_OPENS.search(gap)) and not (short and "\n" not in gap))
        tokens.append(_Token(match.group(), match.group().lower(), match.start(), match.end(), gap, opens))
        before = match.end()
    return tokens

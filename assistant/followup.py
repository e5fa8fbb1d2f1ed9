"""Makes a question stand alone: what it leaves out is taken from the conversation, in words a person can check.

No model: a question is looked at for what it leans on. A value that replaces another ("en in de B1-route?") is put in
its place in the earlier question; what hangs on behind ("en als hij dat niet haalt?") is set behind it; what stands by
itself is left alone, and then nothing of the conversation comes along. Earlier answers never do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.facts import Told, facts
from assistant.models import Turn
from assistant.scope import language_of
from assistant.terms import content_words
from indexer.models import Frozen


class Resolved(Frozen):
    """A question that stands alone.

    `earlier` is what was told before and still holds: the earlier question where this one follows it or speaks of the
    same person, else nothing.
    """

    question: str
    earlier: str = ""


_OTHER_SUBJECT = re.compile(
    r"(?i)^\W*(?:ok[eé]|prima|dank(?: je| u|jewel)?|bedankt|goed|thanks|thank you)?[\s,.!]*"
    r"(?:(?:iets|heel iets|wat) anders|"
    r"(?:een )?(?:ander(?:e)?|nieuwe) (?:onderwerp|vraag|klant|casus)|"
    r"something else|(?:an)?other (?:question|subject|topic|client)|new (?:question|subject|client))\s*[:,.–-]*\s*"
)
_THANKS = re.compile(
    r"(?i)^\W*(?:ok[eé]|oke|prima|dank(?: je| u|jewel)?(?: wel)?|bedankt|duidelijk|helder|goed|ja|thanks|thank you)"
    r"[\s,.!:–-]+(?=\S)"
)
_CORRECTION = re.compile(
    r"(?i)^\W*(?:(?:nee|nou|sorry|no|oh)[\s,.!:]*)*(?:ik bedoel(?:de)?(?: eigenlijk)?|bedoelde ik|i meant?)"
    r"[\s,:]*(?:dus\s)?"
    r"|^\W*(?:nee|sorry|no)[\s,.!:]+(?=\S)"
)
_OPENING = re.compile(r"(?i)^\W*(?:en|maar|dus|of|and|but|so|or)\b[\s,]+")
_ABOUT = re.compile(r"(?i)^\W*(?:hoe zit (?:het|dat) (?:dan )?(?:met|bij|in|voor)|what about|how about)\s+")
_VERB = (
    r"is|zijn|was|waren|mag|mogen|kan|kunnen|moet|moeten|geldt|gelden|gaat|gaan|duurt|kost|kosten|wordt|worden|heeft|hebben|"
    r"doet|valt|vallen|telt|tellen|legt|krijgt|krijgen|betaalt|betalen|staat|staan|komt|komen|begint|loopt|verloopt|beslist|"
    r"hoort|horen|werkt|zit|bestaat|gebeurt|bepaalt|regelt|vraagt|helpt|wil|volgt|zegt|klopt|hoeft|hoeven|vindt|moest|kon|"
    r"does|do|can|must|may|has|have|are|will|should|pays|applies|gets"
)
_QUESTION_WORD = (
    r"wat|wie|waar|wanneer|waarom|hoe|hoeveel|hoelang|welke?|waarvoor|waarmee|waaruit|what|who|when|where|why|how|which"
)
_BACK = re.compile(
    r"(?i)\b(?:daarvan|daarvoor|daarbij|daarna|daartegen|daarover|daarin|daarmee|daaraan|daarop|daar|hiervan|hiervoor|hierbij|"
    r"hierover|erover|ervoor|ertegen|erbij|ervan|erna|erin|diens|dezelfde|hetzelfde|that|those|these|it|them|its)\b"
    r"|\b(?:dit|deze)\b"
    rf"|(?:^|\b(?:{_VERB}|{_QUESTION_WORD}|als|en|met|van|voor|bij|na|in|over|op|tegen|aan|tijdens|zonder|ook|of|hij|ze|zij|"
    r"iemand|u|ik|we|je)\s)(?:dat|die)\b"
)
_OWN = re.compile(rf"(?i)^(?P<said>.+),\s*(?:{_VERB})\s(?:dat|die)\b[^,]*$")
"""Mijn klant wil naar de Z-route, mag dat? What "dat" points at stands in the question itself."""
_NEW_SUBJECT = re.compile(rf"(?i)^\W*(?:(?:{_QUESTION_WORD})\s){{1,2}}(?:\w+\s)?(?:{_VERB})\s(?:een|an?)\s\w{{4,}}")
"""Wat kost een paspoort? "Een" says that it was not spoken of before."""
_PERSON = re.compile(
    r"(?i)\b(?:hij|zij|ze|hem|haar|he|she|they|him|her|(?:die|deze|this|that) (?:klant|client|persoon))\b"
)
_CLAUSE = re.compile(
    rf"(?i)\W*(?:(?:van|met|voor|binnen|tot|vanaf|sinds|op|aan|bij|na|within|until|for|to)\s)?(?:{_QUESTION_WORD})\b|\W*(?:{_VERB})\b"
)
_CONDITION = re.compile(r"(?i)^\W*(?:wat als|als|indien|stel dat|tenzij|what if|if)\b")
_PREPOSITION = re.compile(
    r"(?i)^(?:bij|in|voor|onder|na|met|zonder|tijdens|van|tot|vanaf|sinds|binnen|buiten|per|op|aan|for|under|after|with|"
    rf"without|during|at)\b(?!\s(?:{_QUESTION_WORD})\b)"
)
_ARTICLE = re.compile(r"(?i)\b(de|het)\s+$")
_ADVERB = re.compile(r"(?i)^(?:daarna|nu|later|dan|dan nog|nog|waarom|straks|then|now|afterwards)\b")
_SUBJECT_FIRST = re.compile(
    rf"(?i)(?P<subject>(?:de|het|een|the|a)\s[^,]{{2,60}}),\s*(?P<question>(?:{_QUESTION_WORD})\b[^,]*?)\s(?:dat|die|that)\b"
    r"(?P<rest>[^,]*)$"
)
"""En de Z-route, hoeveel uur is dat?"""
_DEFINES = re.compile(
    r"(?i)\b(?:wat (?:is|zijn|betekent|houdt)|what is|what are)\s+(?:een |de |het |a |the )?"
    r"(?!dat\b|die\b|dit\b)[\w-]{3,}"
)
_SMALL_WORDS = frozenset(
    "dan dat precies eigenlijk onder volgens tijdens is was zijn nu het die then is that it so en ook geldt moet kan "
    "mag hoe under weer again".split()
)
_LONGEST_FRAGMENT = 3
"""Content words; a question of more that points at nothing stands by itself."""
_LONGEST_LEANING = 6


def resolve(question: str, conversation: Sequence[Turn]) -> Resolved:
    """The question as it stands alone in this conversation, and what was told before that still holds."""
    before = ""
    earlier = ""
    for turn in conversation:
        resolved = _after(turn.question.strip(), before, earlier)
        before, earlier = resolved.question, resolved.earlier
    return _after(question.strip(), before, earlier)


def standalone(question: str, conversation: Sequence[Turn]) -> str:
    """The question as it stands alone in this conversation."""
    return resolve(question, conversation).question


def _after(question: str, before: str, earlier: str) -> Resolved:
    """The question behind one that stands alone."""
    if not before or not re.search(r"\w", question):
        return Resolved(question=question)
    if match := _OTHER_SUBJECT.match(question):
        rest = question[match.end() :]
        return Resolved(question=_sentence(rest) if rest else question)
    whole = f"{earlier} {before}".strip()
    if match := _CORRECTION.match(question):
        rest = question[match.end() :].strip()
        return Resolved(question=_corrected(rest, before), earlier=whole)
    plain = _THANKS.sub("", question, count=1)
    if not _leans(plain):
        stripped = _sentence(_OPENING.sub("", plain, count=1)) if _OPENING.match(plain) else question
        return Resolved(question=stripped, earlier=whole if _PERSON.search(plain) else "")
    return Resolved(question=_joined(plain, before), earlier=whole)


def _leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    opens = bool(_OPENING.match(question) or _ABOUT.match(question))
    rest = _OPENING.sub("", question, count=1)
    own = content_words(_ABOUT.sub("", rest, count=1))
    told = _told(rest)
    if told and not _left(rest, told) and not _DEFINES.search(rest):
        return True
    if _CONDITION.match(rest) and not re.search(rf",\s*(?:{_QUESTION_WORD}|{_VERB})\b", rest):
        return len(own) <= _LONGEST_LEANING
    inside = _OWN.match(rest)
    points = rest if inside is None or len(content_words(inside["said"])) < 2 else inside["said"]
    if _BACK.search(points):
        return len(own) <= _LONGEST_LEANING
    if _PERSON.search(rest):
        return len(own) <= (_LONGEST_LEANING if opens else 2)
    if opens:
        return len(own) <= _LONGEST_FRAGMENT
    return len(own) <= 2 and not _names_subject(rest)


def _names_subject(question: str) -> bool:
    """Whether a short question says by itself what it is about: "Wat is KNM?", "uren Z-route"."""
    return bool(
        _DEFINES.search(question)
        or _NEW_SUBJECT.match(question)
        or re.search(r"\b[A-Z]{3,}\b|[A-Za-z\d]+-[A-Za-z]{4,}", question)
        or any(fact.told_in(question) for fact in facts() if len(content_words(question)) > 1)
        or any(len(word) >= 13 for word in content_words(question))
    )


def _joined(question: str, before: str) -> str:
    """The earlier question with what the follow-up changes in it, or with the follow-up behind it."""
    rest = _OPENING.sub("", question, count=1).strip().rstrip("?!. ")
    rest = _ABOUT.sub("", rest, count=1)
    changed, told = _changed(rest, before)
    if told and not _left(rest, told):
        return changed
    if match := _SUBJECT_FIRST.match(rest):
        return _sentence(f"{match['question']} {match['subject']}{match['rest']}?")
    base = (changed if len(_told(changed)) == len(_told(before)) else before).rstrip("?!. ")
    english = language_of(before) == "en"
    if _PREPOSITION.match(rest):
        return f"{base} {_small(rest)}?"
    if not re.match(_CLAUSE, rest) and not _CONDITION.match(rest) and not _ADVERB.match(rest):
        rest = f"{'what about' if english else 'hoe zit het met'} {rest}"
    return f"{base}{', and' if english else ', en'} {_small(rest)}?"


def _corrected(rest: str, before: str) -> str:
    """What "nee, ik bedoel …" makes of the earlier question."""
    if _CLAUSE.match(rest) and not _leans(rest):
        return _sentence(rest)
    changed, told = _changed(rest.rstrip("?!. "), before)
    return changed if told else _joined(rest, before)


def _told(text: str) -> list[Told]:
    return [told for fact in facts() for told in fact.told_in(text)]


def _changed(rest: str, before: str) -> tuple[str, list[Told]]:
    """The earlier question with the values that a follow-up tells, and those values.

    A value takes the place of another of the same fact; where the earlier question has none, it is said behind it. A
    question that names several values of a fact compares them: there nothing is replaced.
    """
    used: list[Told] = []
    for fact in facts():
        new = fact.told_in(rest)
        if len(new) != 1:
            continue
        old = fact.told_in(before)
        others = [told for told in old if told.value.key != new[0].value.key]
        if len({told.value.key for told in old}) > 1:
            continue
        if others:
            for told in reversed(others):
                before = _put(rest, new[0], before, told)
        elif not old:
            if not new[0].value.phrase:
                continue
            phrase = _phrase(new[0], rest, before)
            before = f"{before.rstrip('?!. ')}{',' if phrase.startswith(('als ', 'as ', 'if ')) else ''} {phrase}?"
        used.append(new[0])
    return before, used


def _put(rest: str, new: Told, before: str, old: Told) -> str:
    """The earlier question with the new value for an old one: with its own article, in the singular behind "een"."""
    words, start = rest[new.start : new.end], old.start
    if re.search(r"(?i)\b(?:een|mijn|deze|a|my)\s+$", before[:start]):
        plurals = {f"{word}{end}".lower(): word for word in new.value.words for end in ("en", "s")}
        words = new.value.single or plurals.get(words.lower(), words)
    elif (typed := _ARTICLE.search(rest[: new.start])) and (stood := _ARTICLE.search(before[:start])):
        words, start = typed[1].lower() + " " + words, stood.start()
    return before[:start] + words + before[old.end :]


def _phrase(new: Told, rest: str, before: str) -> str:
    """How a value is said behind a question: with the preposition that was typed, else with its own."""
    typed = re.search(
        r"(?i)\b(?:bij|in|voor|onder|volgens|for|under)\s+(?:(?:een|de|het|a|an|the|my|mijn)\s+)?$", rest[: new.start]
    )
    if typed:
        return _small(rest[typed.start() : new.end])
    return new.value.phrase["en" if language_of(before) == "en" else "nl"]


def _left(rest: str, told: Sequence[Told]) -> list[str]:
    """The words of a follow-up beside the values it tells that say anything."""
    for one in sorted(told, key=lambda one: -one.start):
        rest = rest[: one.start] + " " + rest[one.end :]
    return [word for word in content_words(rest) if word not in _SMALL_WORDS]


def _small(text: str) -> str:
    """Without the capital of a sentence; a name or an abbreviation keeps it."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2].isspace() else text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

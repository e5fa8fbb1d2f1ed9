"""Bronnen: which sources there are, reading one in place, comparing versions, and keeping them up to date."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import streamlit as st

from assistant.compare import ArticleChange, Change, compare
from assistant.library import Held, Part, find, outline, shelf, versions
from assistant.pages.parts.upkeep import show_upkeep
from assistant.pages.shared import assistant, escaped, person, readable_sources, t
from assistant.reading import dutch_date, paragraphs
from indexer.errors import IndexMissing, LeidraadError
from indexer.models import Document, Source


def _days(source: Source) -> str:
    since = dutch_date(source.valid_from) if source.valid_from else ""
    until = dutch_date(source.valid_to) if source.valid_to else ""
    if since and until:
        return t("bronnen.from_to", since=since, until=until)
    return t("bronnen.since", since=since) if since else ""


def _show_list(held: list[Held]) -> None:
    search = st.text_input(t("bronnen.filter"))
    wanted = search.casefold().split()
    found = [h for h in held if all(word in _words(h.source) for word in wanted)]
    heads = ("title", "kind", "binding", "valid", "checked", "passages")
    lines = []
    for h in found:
        state = "" if h.holds else f" ({t('bronnen.past')})"
        looked = (dutch_date(h.checked) if h.checked else "", t("bronnen.ageing") if h.ageing else "")
        age = " · ".join(part for part in looked if part)
        cells = (
            h.source.title, t(f"kind.{h.source.kind.value}"), t(f"binding.{h.source.binding.value}"),
            _days(h.source) + state, age, str(h.passages),
        )  # fmt: skip
        first, *rest = (escaped(cell) for cell in cells)
        lines.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>')
    head = "".join(f'<th scope="col">{escaped(t(f"bronnen.{name}"))}</th>' for name in heads)
    caption = escaped(t("bronnen.count", count=len(found)))
    st.html(
        f'<div class="leidraad-wide" tabindex="0" role="region" aria-label="{escaped(t("bronnen.all"))}"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _words(source: Source) -> str:
    names = (source.title, source.short_title, source.id, source.publisher, t(f"kind.{source.kind.value}"))
    return " ".join((*names, *source.topics)).casefold()


def _name(source: Source) -> str:
    days = f" ({_days(source)})" if source.valid_from else ""
    return f"{source.title}{days}"


def _show_reading(held: list[Held]) -> None:
    sources = {h.source.id: h.source for h in held}
    identity = st.selectbox(t("bronnen.which"), list(sources), format_func=lambda key: _name(sources[key]))
    if identity is None:
        return
    source = sources[identity]
    document = assistant().index().document(identity)
    parts = outline(document)
    if not parts:
        st.info(t("bronnen.empty_source"))
        return
    state: Any = st.session_state
    place = f"part-{identity}"
    if place not in state or state[place] >= len(parts):
        state[place] = 0
    left, right = st.columns([2, 3], gap="large")
    with left:
        words = st.text_input(t("bronnen.search_inside"), key=f"inside-{identity}")
        if words.strip():
            _show_hits(document, parts, words, place)
        st.selectbox(
            t("bronnen.outline"),
            range(len(parts)),
            key=place,
            format_func=lambda n: " " * parts[n].depth + parts[n].title,
        )
        with st.container(horizontal=True):
            at = state[place]
            st.button(t("bronnen.previous"), disabled=at == 0, on_click=_go, args=(place, at - 1))
            st.button(t("bronnen.next"), disabled=at + 1 == len(parts), on_click=_go, args=(place, at + 1))
        about = (t(f"kind.{source.kind.value}"), t(f"binding.{source.binding.value}"), source.publisher, _days(source))
        st.html(f'<div class="leidraad-meta">{escaped(" · ".join(part for part in about if part))}</div>')
        if source.url:
            st.link_button(t("source.open"), source.url, icon=":material/open_in_new:")
    part = parts[state[place]]
    text = document.text[part.start : part.end]
    body = "".join(f"<p>{_highlighted(paragraph, words)}</p>" for paragraph in paragraphs(text))
    right.html(
        f'<div class="leidraad-passage" lang="{escaped(source.language)}"><h2>{escaped(part.title)}</h2>{body}</div>'
    )


def _show_hits(document: Document, parts: list[Part], words: str, place: str) -> None:
    hits = find(document, parts, words)
    st.caption(t("bronnen.hits", count=len(hits)))
    for number, hit in enumerate(hits[:12]):
        text = " ".join(f"…{hit.before}{hit.found}{hit.after}…".split())
        st.html(f'<div class="leidraad-meta">{_highlighted(text, words)}</div>')
        label = t("bronnen.go", part=parts[hit.part].title)
        st.button(label, key=f"hit-{place}-{number}", type="tertiary", on_click=_go, args=(place, hit.part))


def _go(place: str, part: int) -> None:
    st.session_state[place] = part


def _highlighted(text: str, words: str) -> str:
    """Harmless HTML in which the words that were searched are marked."""
    wanted = [re.escape(word) for word in words.split()]
    if not wanted:
        return escaped(text)
    phrase = r"\s+".join(wanted)
    pieces = re.split(f"({phrase})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{escaped(p)}</mark>" if n % 2 else escaped(p) for n, p in enumerate(pieces))


@st.cache_data(max_entries=8, show_spinner=False)
def _compared(generation: str, old: str, new: str) -> tuple[ArticleChange, ...]:  # noqa: ARG001 — a key
    index = assistant().index()
    return compare(index.document(old), index.document(new))


def _show_comparison(readable: dict[str, Source]) -> None:
    works = versions(readable)
    if not works:
        st.info(t("bronnen.no_versions"))
        return
    work = st.selectbox(t("bronnen.law"), list(works), format_func=lambda key: works[key][-1].title)
    found = works[work]
    left, right = st.columns(2)
    old = left.selectbox(t("bronnen.old"), found[:-1], index=len(found) - 2, format_func=_days)
    later = [s for s in found if s.valid_from and old.valid_from and s.valid_from > old.valid_from]
    new = right.selectbox(t("bronnen.new"), later, index=len(later) - 1, format_func=_days)
    changes = _compared(assistant().index().name, old.id, new.id)
    changed = [c for c in changes if c.change is not Change.SAME]
    st.write(t("bronnen.changed", count=len(changed), same=len(changes) - len(changed)))
    for change in changed:
        body = "".join(_stretch(stretch.change, stretch.text) for stretch in change.stretches)
        title = f"{change.title} · {t(f'bronnen.is_{change.change.value}')}"
        st.html(
            f'<div class="leidraad-passage leidraad-diff"><h3>{escaped(title)}</h3>'
            f'<div class="leidraad-claim">{body}</div></div>'
        )


def _stretch(change: Change, text: str) -> str:
    tag = {Change.ADDED: "ins", Change.REMOVED: "del"}.get(change)
    return f"<{tag}>{escaped(text)}</{tag}>" if tag else escaped(text)


def main() -> None:
    """Draws the page."""
    st.title(t("bronnen.heading"), anchor=False)
    views = ["list", "read", "compare"] + (["keep"] if person().manages else [])
    view = st.segmented_control(
        t("bronnen.view"), views, default="list", required=True, format_func=lambda v: t(f"bronnen.view_{v}"),
        label_visibility="collapsed", key="sources-view",
    )  # fmt: skip
    try:
        if view == "keep":
            show_upkeep()
            return
        readable = readable_sources()
        held = shelf(assistant().index().manifest, readable, assistant().settings, date.today())
    except IndexMissing:
        st.info(t("bronnen.no_index"))
        return
    except LeidraadError:
        st.error(t("bronnen.broken"))
        return
    if view == "read":
        _show_reading(held)
    elif view == "compare":
        _show_comparison(readable)
    else:
        _show_list(held)


main()

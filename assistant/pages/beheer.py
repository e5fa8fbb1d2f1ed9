"""Beheer: who may read what, the settings, how it goes with the service, backup and use."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import streamlit as st

from assistant.audit import Audit, Event
from assistant.backup import backup
from assistant.errors import RecordsError
from assistant.pages.shared import assistant, escaped, note, person, plain, records, t
from assistant.people import People
from assistant.reading import dutch_date
from assistant.roles import PUBLIC, Role
from assistant.settings_view import in_force
from assistant.status import service_status
from indexer.errors import LeidraadError

VIEWS = ("health", "collections", "people", "settings", "backup", "use")


def _table(caption: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], last_in: str = "") -> None:
    """A table that a screen reader reads as one; it scrolls inside its own box on a narrow screen.

    `last_in` is the language of the last column where it is another than the page's.
    """
    last = f' lang="{last_in}"' if last_in else ""
    head = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{escaped(first)}</th>{"".join(f"<td>{escaped(cell)}</td>" for cell in rest)}'
        f"<td{last}>{escaped(end)}</td></tr>"
        for first, *rest, end in rows
    )
    st.html(
        f'<div class="leidraad-wide" tabindex="0" role="region" aria-label="{escaped(caption)}"><table>'
        f"<caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _health() -> None:
    made = assistant()
    state = service_status(made.settings, made.embedder)
    if state.generation is None or state.created is None:
        st.info(t("bronnen.no_index"))
        return
    rows = [
        (t("beheer.generation"), f"{state.generation} ({dutch_date(state.created.date())})"),
        (t("beheer.sources"), str(len(state.sources))),
        (t("bronnen.passages"), str(state.passages)),
        (t("beheer.bridges"), str(state.bridges)),
        (t("beheer.engine"), state.engine),
        (t("beheer.mode"), t(f"answer.{state.mode}")),
    ]
    _table(t("beheer.view_health"), (t("beheer.what"), t("beheer.value")), rows)
    if not state.fits_engine:
        st.error(t("beheer.unfit"))
    ageing = [source.title for source in state.sources if source.ageing]
    if ageing:
        st.warning(t("beheer.ageing", titles=plain(", ".join(ageing))))
    if state.missing:
        st.warning(t("keep.missing", titles=plain(", ".join(m.title for m in state.missing))))
    if state.unreadable:
        st.warning(t("beheer.unread", count=len(state.unreadable)))
    if state.fits_engine and not (ageing or state.missing or state.unreadable):
        st.success(t("beheer.well"))


def _collections() -> None:
    people = People(records())
    sources = assistant().index().sources.values()
    counts: dict[str, int] = {PUBLIC: 0}
    for source in sources:
        counts[source.collection] = counts.get(source.collection, 0) + 1
    grants = people.grants()
    known = sorted({*counts, *(name for names in grants.values() for name in names)} - {PUBLIC})
    rows = [(name, str(counts.get(name, 0))) for name in (PUBLIC, *known)]
    _table(t("beheer.view_collections"), (t("keep.collection"), t("beheer.sources")), rows)
    st.write(t("beheer.collections_explained"))
    if not known:
        st.info(t("beheer.only_public"))
        return
    with st.form("grants"):
        chosen = {
            role: st.multiselect(
                t(f"role.{role.value}"),
                known,
                default=sorted(grants[role]),
                placeholder=t("app.choose"),
                select_all=False,
            )
            for role in Role
            if role is not Role.MANAGER
        }
        if st.form_submit_button(t("beheer.save")):
            for role, names in chosen.items():
                if grants[role] != frozenset(names):
                    people.grant(role, names)
                    note(Event.GRANTS_CHANGED, person().id, role=role.value, collections=", ".join(sorted(names)))
            st.success(t("beheer.saved"))


def _people() -> None:
    people = People(records())
    here = person()
    known = people.known()
    local = here.id == assistant().settings.local_person
    rows = [(here.name, here.id, _roles(here.roles), t("beheer.from_settings") if local else "")]
    rows += [(p.name, p.id, _roles(p.roles), "") for p in known if p.id != here.id]
    _table(t("beheer.view_people"), (t("beheer.name"), t("beheer.id"), t("beheer.roles"), t("beheer.remark")), rows)
    st.write(t("beheer.people_explained"))
    with st.form("put-person", clear_on_submit=True):
        identity = st.text_input(t("beheer.id"), max_chars=120, help=t("beheer.id_help"))
        name = st.text_input(t("beheer.name"), max_chars=120)
        roles = st.multiselect(
            t("beheer.roles"),
            list(Role),
            format_func=lambda role: t(f"role.{role.value}"),
            placeholder=t("app.choose"),
            select_all=False,
        )
        if st.form_submit_button(t("beheer.save")):
            if identity.strip() and name.strip():
                people.put(identity.strip(), name.strip(), roles)
                note(Event.PERSON_CHANGED, here.id, who=_who(identity.strip()), roles=" ".join(sorted(roles)))
                st.rerun()
            st.warning(t("beheer.person_needs"))
    if known:
        names = {p.id: p.name for p in known}
        with st.form("remove"):
            gone = st.selectbox(t("beheer.remove_who"), list(names), format_func=names.__getitem__)
            if st.form_submit_button(t("beheer.remove")) and gone:
                people.remove(gone)
                note(Event.PERSON_CHANGED, here.id, who=_who(gone), roles="")
                st.rerun()


def _who(identity: str) -> str:
    """A person as the audit log calls them."""
    return Audit(records()).pseudonym(identity)


def _roles(roles: frozenset[Role]) -> str:
    return ", ".join(t(f"role.{role.value}") for role in Role if role in roles)


def _settings() -> None:
    rows = [
        (shown.name, t("beheer.withheld") if shown.secret else shown.value or t("beheer.unset"), shown.meaning)
        for shown in in_force(assistant().settings)
    ]
    _table(t("beheer.view_settings"), (t("beheer.setting"), t("beheer.value"), t("beheer.meaning")), rows, last_in="en")


def _backup() -> None:
    st.write(t("beheer.backup_explained"))
    if st.button(t("beheer.make_backup"), icon=":material/archive:"):
        with st.spinner(t("keep.busy")), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "backup.tar.gz"
            report = backup(assistant().settings, path)
            data = path.read_bytes()
        st.success(t("beheer.made_backup", count=len(report.files), megabytes=round(len(data) / 1024**2, 1)))
        if not report.records:
            st.info(t("beheer.no_records_in_it"))
        st.download_button(
            t("beheer.download"),
            data,
            f"leidraad-{date.today():%Y-%m-%d}.tar.gz",
            "application/gzip",
            on_click="ignore",
        )
    st.subheader(t("beheer.restore"), anchor=False)
    st.write(t("beheer.restore_explained"))
    st.code("leidraad restore leidraad-2026-01-31.tar.gz", language="bash")


def _use() -> None:
    days = records().use()
    if not days:
        st.info(t("beheer.no_use"))
        return
    rows = [(dutch_date(d.day), str(d.answered), str(d.refused), str(d.clarify)) for d in days]
    heads = (t("beheer.day"), t("beheer.answered"), t("beheer.refused"), t("beheer.clarify"))
    _table(t("beheer.view_use"), heads, rows)
    st.caption(t("beheer.use_explained"))


def main() -> None:
    """Draws the page, for who manages the installation."""
    st.title(t("beheer.heading"), anchor=False)
    if not person().manages:
        st.warning(t("app.not_allowed"))
        return
    view = st.segmented_control(
        t("bronnen.view"), VIEWS, default="health", required=True, format_func=lambda v: t(f"beheer.view_{v}"),
        label_visibility="collapsed", key="admin-view",
    )  # fmt: skip
    parts = {
        "health": _health, "collections": _collections, "people": _people,
        "settings": _settings, "backup": _backup, "use": _use,
    }  # fmt: skip
    try:
        parts[view]()
    except RecordsError:
        st.error(t("app.no_records"))
    except LeidraadError:
        st.error(t("beheer.failed"))


main()

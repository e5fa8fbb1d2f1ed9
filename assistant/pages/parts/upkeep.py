"""Keeping the sources: adding files, fetching official texts, reading in anew, and what could not be read."""

from __future__ import annotations

import streamlit as st

from assistant.audit import Event
from assistant.pages.shared import assistant, note, official_texts_missing, person, plain, t
from assistant.roles import PUBLIC
from assistant.upkeep import Job, bring_official_texts, update_index
from assistant.uploads import LARGEST, MOST, Upload, add, valid_collection
from indexer import readers
from indexer.errors import IndexMissing, LeidraadError
from indexer.generation import read_manifest, serving_folder


@st.cache_resource(show_spinner=False)
def job() -> Job:
    """The one piece of upkeep of this process."""
    return Job()


def show_upkeep() -> None:
    """Draws it, for somebody who manages the sources."""
    _show_adding()
    st.subheader(t("keep.index"), anchor=False)
    st.write(t("keep.index_explained"))
    made = assistant()
    busy = job().running
    with st.container(horizontal=True):
        if st.button(t("keep.update"), icon=":material/sync:", disabled=busy, type="primary"):
            note(Event.INDEX_CHANGED, person().id, asked="update")
            job().start(lambda step: update_index(made.settings, made.embedder, step))
            st.rerun()
        if st.button(t("keep.fetch"), icon=":material/download:", disabled=busy):
            note(Event.INDEX_CHANGED, person().id, asked="fetch")
            job().start(lambda step: bring_official_texts(made.settings, made.embedder, step))
            st.rerun()
    _show_progress()
    missing = official_texts_missing()
    if missing:
        st.info(t("keep.missing", titles=", ".join(missing)))
    _show_unreadable()


def _show_progress() -> None:
    going = job()
    if going.running:
        _watch()
    for sentence in going.told:
        st.success(sentence)


@st.fragment(run_every=1.0)
def _watch() -> None:
    going = job()
    if not going.running:
        st.rerun()
    st.progress(min(1.0, going.share), going.what or t("keep.busy"))
    st.caption(t("keep.meanwhile"))


def _show_adding() -> None:
    st.subheader(t("keep.add"), anchor=False)
    kinds = sorted(suffix.lstrip(".") for suffix in readers.SUFFIXES)
    st.write(t("keep.limits", kinds=", ".join(kinds), megabytes=LARGEST // 1024 // 1024, most=MOST))
    with st.form("add-files", clear_on_submit=True):
        limit = LARGEST // 1024**2
        files = st.file_uploader(t("keep.files"), type=kinds, accept_multiple_files=True, max_upload_size=limit)
        folder = st.file_uploader(
            t("keep.folder"), type=kinds, accept_multiple_files="directory", max_upload_size=limit
        )
        collection = st.text_input(t("keep.collection"), value=PUBLIC, help=t("keep.collection_help"), max_chars=40)
        if not st.form_submit_button(t("keep.send"), icon=":material/upload:"):
            return
    name = collection.strip().lower()
    if not valid_collection(name):
        st.error(t("keep.bad_collection"))
        return
    uploads = [Upload(name=file.name, data=file.getvalue()) for file in (*(files or ()), *(folder or ()))]
    if not uploads:
        st.warning(t("keep.nothing"))
        return
    try:
        added = add(assistant().settings.corpus, uploads, name)
    except LeidraadError:
        st.error(t("keep.not_added"))
        return
    done = [one.file for one in added if one.file]
    if done:
        st.success(t("keep.added", files=plain(", ".join(done))))
    for one in added:
        if one.refused:
            st.warning(f"{plain(one.name)}: {t(f'keep.{one.refused}')}")


def _show_unreadable() -> None:
    try:
        manifest = read_manifest(serving_folder(assistant().settings.index))
    except IndexMissing:
        return
    problems = [(p.file, p.reason) for p in manifest.unreadable]
    problems += [(report.source.file, warning) for report in manifest.documents for warning in report.warnings]
    st.subheader(t("keep.unreadable"), anchor=False)
    if not problems:
        st.write(t("keep.all_read"))
    for file, reason in problems:
        st.write(f"- {plain(file)}: {plain(reason)}")

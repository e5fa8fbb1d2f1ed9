"""What only the browser can do: tell the page's language, say a new answer aloud, put the focus back; and the look."""

from __future__ import annotations

import json

import streamlit as st

from assistant.pages.shared import language, t

STYLE = """<style>
:root {--leidraad-ink: #154273; --leidraad-soft: #535353; --leidraad-mark: #ffe99a; --leidraad-lid: #154273;
  --leidraad-plus: #d8f0dc; --leidraad-minus: #fbdcdc; --leidraad-paper: #ffffff}
.leidraad-label {font-weight: 600; margin: .6rem 0 .2rem}
.leidraad-claim {margin: .25rem 0; line-height: 1.55}
.leidraad-claim sup {color: var(--leidraad-ink); font-weight: 600}
.leidraad-claim abbr {text-decoration: underline dotted; cursor: help}
.leidraad-meta {color: var(--leidraad-soft); font-size: .875rem}
.leidraad-checking {color: var(--leidraad-soft); font-style: italic}
.stMainBlockContainer {padding-top: 3.5rem}
[data-testid="stCaptionContainer"] {opacity: 1}
[data-testid="stCaptionContainer"] * {color: var(--leidraad-soft); opacity: 1}
.leidraad-passage p {line-height: 1.6; margin: .4rem 0}
.leidraad-passage h3 {font-size: 1.05rem; margin: .8rem 0 .2rem; padding: 0}
.leidraad-lid {border-left: .25rem solid var(--leidraad-lid); padding-left: .75rem; margin: .5rem 0}
.leidraad-passage mark {background: var(--leidraad-mark); color: #1b1b1b; padding: .05rem 0}
.leidraad-diff ins {background: var(--leidraad-plus); color: #1b1b1b; text-decoration: underline}
.leidraad-diff del {background: var(--leidraad-minus); color: #1b1b1b}
.leidraad-wide {overflow-x: auto}
.leidraad-wide table {border-collapse: collapse; width: 100%; font-size: .9rem}
.leidraad-wide th, .leidraad-wide td {text-align: left; padding: .35rem .6rem; vertical-align: top;
  border-bottom: 1px solid rgba(128, 128, 128, .35)}
.leidraad-wide caption {text-align: left; padding: .3rem 0; color: var(--leidraad-soft)}
button:focus-visible, a:focus-visible, abbr:focus-visible, summary:focus-visible, [role="tab"]:focus-visible
  {outline: 3px solid #e17000 !important; outline-offset: 2px}
@media (min-width: 641px) {
  div[data-testid="stColumn"]:has(.st-key-source, .st-key-source-offered) {position: sticky; top: 4rem;
    align-self: flex-start; max-height: calc(100vh - 12rem); overflow-y: auto; padding: .25rem}
}
@media (max-width: 640px) {
  .st-key-source-offered {display: none}
  .st-key-source {position: fixed; inset: 3.75rem 0 0 0; z-index: 100; overflow-y: auto; padding: 1rem;
    background: var(--leidraad-paper)}
}
@media print {[data-testid="stSidebar"], [data-testid="stBottom"], [data-testid="stHeader"] {display: none}}
</style>"""
DARK = """<style>
:root {--leidraad-ink: #9cc7f2; --leidraad-soft: #c2c6cc; --leidraad-lid: #9cc7f2; --leidraad-paper: #14181d}
</style>"""
LARGE = "<style>html {font-size: 22px} .leidraad-meta {font-size: 1rem}</style>"

_LANGUAGE = """<script>
document.documentElement.lang = %(language)s;
for (const area of document.querySelectorAll('[data-testid="stChatInputTextArea"]'))
  area.setAttribute('aria-label', area.placeholder || %(label)s);
</script>"""
_ANNOUNCE = """<script>
(() => {
  let live = document.getElementById('leidraad-live');
  if (!live) {
    live = document.createElement('div');
    live.id = 'leidraad-live';
    live.setAttribute('role', 'status');
    live.setAttribute('aria-live', 'polite');
    live.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%%)';
    document.body.append(live);
  }
  live.textContent = '';
  setTimeout(() => { live.textContent = %(text)s; }, 150);
  if (matchMedia('(min-width: 641px)').matches)
    setTimeout(() => document.querySelector('[data-testid="stChatInputTextArea"]')?.focus({preventScroll: true}), 400);
})(); // %(number)s
</script>"""


_LAND = """<script>
setTimeout(() => {
  const heading = document.querySelector('[data-testid="stMain"] h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus({preventScroll: true});
}, 250); // %d
</script>"""


def dress() -> None:
    """The look of every page, and its language told to the browser. Draws the switches in the sidebar."""
    with st.sidebar.container(key="look"):
        st.segmented_control(
            t("app.language"), ["nl", "en"], key="language", default="nl", format_func=lambda code: t(f"app.{code}")
        )
        large = st.toggle(t("app.large"), key="large")
    st.html(STYLE)
    if st.context.theme.type == "dark":
        st.html(DARK)
    if large:
        st.html(LARGE)
    st.html(
        _LANGUAGE % {"language": _script(language()), "label": _script(t("vraag.placeholder"))},
        unsafe_allow_javascript=True,
    )


def land(view: str) -> None:
    """Puts the focus on the page's heading when `view` is another than before: the button that was pressed is gone.

    Nothing on the first view of a visit: a page that opens is read from its beginning.
    """
    before = st.session_state.get("landed")
    st.session_state.landed = view
    moved = before not in (None, view)
    st.session_state.landing = st.session_state.get("landing", 0) + moved
    if moved or st.session_state.landing:
        st.html(_LAND % st.session_state.landing, unsafe_allow_javascript=True)


def announce(text: str, number: int) -> None:
    """Has a screen reader say a text, and focuses the question field. `number` tells one time from another."""
    st.html(_ANNOUNCE % {"text": _script(text), "number": number}, unsafe_allow_javascript=True)


def _script(text: str) -> str:
    """A text as a JavaScript string that cannot end the script it stands in."""
    return json.dumps(text).replace("<", "\\u003c")

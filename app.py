"""The web's front door: page set-up and navigation. No logic of its own."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent / "assistant" / "pages"

st.set_page_config(page_title="Leidraad", page_icon=":material/explore:", layout="wide")
pages = [
    st.Page(PAGES / "vraag.py", title="Vraag", icon=":material/chat:", default=True),
    st.Page(PAGES / "inwerken.py", title="Inwerken", icon=":material/school:"),
    st.Page(PAGES / "scenarios.py", title="Scenario's", icon=":material/theater_comedy:"),
    st.Page(PAGES / "afwegen.py", title="Afwegen", icon=":material/balance:"),
]
page = st.navigation(pages)
page.run()

"""The web's front door: page set-up and navigation. No logic of its own."""

from pathlib import Path

import streamlit as st

from assistant.pages.entry import enter, sign_out_button

PAGES = Path(__file__).parent / "assistant" / "pages"

st.set_page_config(page_title="Leidraad", page_icon=":material/explore:", layout="wide")
enter()
sign_out_button()
page = st.navigation([st.Page(PAGES / "vraag.py", title="Vraag", icon=":material/chat:", default=True)])
page.run()

"""The web's front door: page set-up and navigation. No logic of its own."""

from pathlib import Path

import streamlit as st

from assistant.pages.entry import enter, sign_out_button
from assistant.pages.parts.browser import dress
from assistant.pages.shared import t

PAGES = Path(__file__).parent / "assistant" / "pages"

# A picture of our own: a named icon would be fetched from elsewhere by every browser.
st.set_page_config(page_title="Leidraad", page_icon=str(PAGES / "icon.png"), layout="wide")
here = enter()
pages = [
    st.Page(PAGES / "vraag.py", title=t("app.vraag"), icon=":material/chat:", default=True),
    st.Page(PAGES / "bronnen.py", title=t("app.bronnen"), icon=":material/menu_book:"),
    st.Page(PAGES / "inwerken.py", title=t("app.inwerken"), icon=":material/school:"),
    st.Page(PAGES / "scenarios.py", title=t("app.scenarios"), icon=":material/theater_comedy:"),
    st.Page(PAGES / "afwegen.py", title=t("app.afwegen"), icon=":material/balance:"),
]
if here.reviews:
    pages.append(st.Page(PAGES / "nakijken.py", title=t("app.nakijken"), icon=":material/fact_check:"))
if here.assesses:
    pages.append(st.Page(PAGES / "kwaliteit.py", title=t("app.kwaliteit"), icon=":material/insights:"))
if here.manages:
    pages.append(st.Page(PAGES / "beheer.py", title=t("app.beheer"), icon=":material/settings:"))
page = st.navigation(pages)
sign_out_button()
dress()
page.run()

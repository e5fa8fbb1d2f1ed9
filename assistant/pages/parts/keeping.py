"""Keeps what was typed while another page is open: Streamlit forgets a field that is not on the screen."""

from __future__ import annotations

import streamlit as st


def restore(prefix: str) -> None:
    """Puts back the fields whose key begins with `prefix`; before they are drawn."""
    for key, value in st.session_state.get(f"kept {prefix}", {}).items():
        st.session_state.setdefault(key, value)


def remember(prefix: str) -> None:
    """Notes the fields whose key begins with `prefix`; after they are drawn. Buttons and uploads need other keys."""
    st.session_state[f"kept {prefix}"] = {
        key: value for key, value in st.session_state.items() if str(key).startswith(prefix)
    }

"""Readers: one module a format, each with `read(path, source) -> Document`.

A reader gives the whole reading text and ordered sections that point into it. It raises `ReadError` with a
reason a person can act on, and never hangs: sizes are capped before anything is unpacked or parsed.
"""

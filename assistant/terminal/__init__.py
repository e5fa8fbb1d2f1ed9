"""The terminal's commands, by subject; `cli.py` puts them together.

`indexing.py` (index, fetch, status), `asking.py` (ask), `serving.py` (serve, mcp, keys) and `keeping.py` (backup,
restore, audit, forget, licences, sbom). `shared.py` is what they have in common.
"""

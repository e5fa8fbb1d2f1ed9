"""The front for other programs: an HTTP API and an MCP server, thin over `Assistant`. Only `cli.py` imports it."""

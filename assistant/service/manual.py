"""The API's manual as one static page, made from its OpenAPI description: no scripts, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "code,pre{font:14px/1.45 ui-monospace,monospace;background:#f3f3f3}pre{padding:.8rem;overflow:auto}"
    "h2{border-top:1px solid #ccc;padding-top:1rem}summary{cursor:pointer}"
)


def style_policy() -> str:
    """The Content-Security-Policy under which this page's own style works and nothing else does."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def manual(description: dict[str, Any]) -> str:
    """The page for an OpenAPI description."""
    info = description["info"]
    parts = [f"<h1>{_safe(info['title'])} API {_safe(info['version'])}</h1><p>{_safe(info['description'])}</p>"]
    parts.append('<p>The same as data: <a href="/openapi.json">openapi.json</a></p>')
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{method.upper()} {_safe(path)}</code></h2><p>{_safe(operation['summary'])}</p>")
            parts += [_details("Request", sent) for sent in _schemas(operation.get("requestBody", {}))]
            for status, answer in operation["responses"].items():
                if status != "422":
                    parts.append(f"<p>{_safe(status)}: {_safe(answer['description'])}</p>")
                    parts += [_details(f"Response {status}", sent) for sent in _schemas(answer)]
    parts.append("<h2>Schemas</h2>")
    for name, schema in description["components"]["schemas"].items():
        parts.append(f'<details id="{_safe(name)}"><summary>{_safe(name)}</summary>{_code(schema)}</details>')
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Leidraad API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )


def _schemas(place: dict[str, Any]) -> list[dict[str, Any]]:
    """What can stand in a request or response body, by its schema."""
    return [entry["schema"] for entry in place.get("content", {}).values() if entry.get("schema")]


def _details(title: str, schema: dict[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        return f'<p>{_safe(title)}: <a href="#{_safe(name)}">{_safe(name)}</a></p>'
    return f"<p>{_safe(title)}:</p>{_code(schema)}"


def _code(value: Any) -> str:
    return f"<pre>{_safe(json.dumps(value, indent=1, ensure_ascii=False))}</pre>"


def _safe(text: str) -> str:
    return html.escape(str(text))

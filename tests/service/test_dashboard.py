"""The example dashboard draws figures that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "dashboard.json"


def test_every_figure_on_the_dashboard_is_one_that_the_service_gives(
    client: TestClient, key: Callable[..., dict[str, str]]
) -> None:
    client.post("/v1/ask", json={"question": "Hoe lang duurt het spaargesprek?"}, headers=key())
    client.get("/v1/sources")
    given = set(re.findall(r"^(\w+)(?:\{| )", client.get("/metrics", headers=key()).text, re.MULTILINE))
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    drawn = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"(?:leidraad|process)_\w+", target["expr"])
    }
    assert len(panels) == 10 and len(drawn) >= 9
    assert drawn <= given

"""What IT installs from: the parts of compose.yaml name real settings, and the app works under the proxy's headers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from assistant.settings import Settings
from tests.app.test_entry import ASKED, CHROMIUM, ROOT, free_port
from tests.waiting import wait_for


def proxy_headers() -> dict[str, str]:
    """The headers that deploy/nginx.conf adds."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    return dict(re.findall(r'add_header (\S+) "([^"]+)" always;', text))


def test_compose_names_settings_that_exist() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    compose = yaml.safe_load(text)
    known = {f"LEIDRAAD_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"LEIDRAAD_[A-Z_]+", text + (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")))
    assert named and named <= known
    services = compose["services"]
    assert set(services) == {"records", "app", "api", "vectors", "job"}
    assert services["app"]["environment"]["LEIDRAAD_SIGN_IN"] == "true"
    # Only the proxy on the same machine reaches the app and the API; database and vectors are reached from inside only.
    for name in ("app", "api"):
        assert services[name]["ports"] and all(port.startswith("127.0.0.1:") for port in services[name]["ports"])
    assert "ports" not in services["records"] and "ports" not in services["vectors"]
    for name in ("app", "api", "vectors", "job"):
        assert services[name]["read_only"] is True and services[name]["cap_drop"] == ["ALL"]
    assert {"profiles"} <= set(services["vectors"]) & set(services["job"]), "neither starts by itself"


def test_the_proxy_sends_the_apis_own_paths_to_the_api() -> None:
    from assistant.service.problems import kinds

    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"location ~ (\S+) \{[^}]*127\.0\.0\.1:8502", text)
    for path in ("/v1/ask", "/v1/passages/a/b", "/mcp", "/docs", "/openapi.json", f"/problems/{min(kinds())}"):
        assert re.search(pattern, path), path
    for path in ("/", "/_stcore/stream", "/bronnen", "/oauth2callback", "/metrics"):
        assert not re.search(pattern, path), path


def test_no_secret_stands_in_what_is_shipped() -> None:
    for name in ("compose.yaml", "Dockerfile", "deploy/env.example", "deploy/nginx.conf"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"(?i)(password|secret|key)\s*[=:][ \t]*['\"]?[a-z0-9]{8,}", text), name


@pytest.mark.browser
def test_the_app_works_under_the_headers_of_the_proxy(index_folder: Path, cache: Path, tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import Route, sync_playwright

    headers = proxy_headers()
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} <= set(headers)
    port = free_port()
    headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace("wss:", f"ws://localhost:{port}")
    del headers["Strict-Transport-Security"]  # there is no encryption between browser and server in this test
    server = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env={
            **os.environ,
            "LEIDRAAD_INDEX": str(index_folder),
            "LEIDRAAD_CACHE": str(cache),
            "LEIDRAAD_RECORDS": f"sqlite:///{tmp_path / 'r.sqlite'}",
        },
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://localhost:{port}/_stcore/health")
        flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
        arguments = [f"--{flag}" for flag in f"{flags} disable-component-update disable-sync".split(" ")]
        # What the test hands the browser comes from no network, which counts as less trusted than this machine.
        arguments.append("--disable-features=LocalNetworkAccessChecks")

        def with_headers(route: Route) -> None:
            answer = route.fetch()
            # The body comes unpacked, so what says how it was packed goes.
            own = {k: v for k, v in answer.headers.items() if k not in ("content-encoding", "content-length")}
            route.fulfill(response=answer, headers={**own, **headers})

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=arguments, headless=True
            )
            tab = browser.new_page()
            refused: list[str] = []
            tab.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
            tab.route("**/*", with_headers)
            tab.goto(f"http://localhost:{port}")
            try:
                tab.get_by_text(ASKED).wait_for(timeout=90_000)
            except Exception as error:
                raise AssertionError(refused) from error
            question = tab.get_by_test_id("stChatInputTextArea")
            question.fill("Hoe lang duurt het spaargesprek?")
            question.press("Enter")
            tab.locator("mark").first.wait_for(timeout=90_000)
            assert refused == []
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)

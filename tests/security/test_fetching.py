"""`leidraad fetch` goes to the sites that sources.toml names, and never to a private address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from indexer import download
from indexer.download import Failed, client
from indexer.download import Site as Downloads
from tests.indexer.test_fetch import Site, send


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def fetched(address: str, folder: Path) -> str:
    """Why nothing was fetched from an address."""
    with client(2.0) as http, pytest.raises(Failed) as caught:
        Downloads(http, folder, 0.0, 5.0).read(address)
    return str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://10.0.0.1/wet.xml",
        "https://192.168.1.10:8443/wet.xml",
        "https://169.254.169.254/latest/meta-data",
        "https://172.16.4.4/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
    ],
)
def test_private_addresses_are_refused_before_anything_is_asked(address: str, tmp_path: Path) -> None:
    assert "is a private address" in fetched(address, tmp_path)


def test_a_name_that_leads_to_a_private_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: [(socket.AF_INET, 1, 6, "", ("192.168.3.4", 443))])
    assert "wetten.example.org is a private address (192.168.3.4)" in fetched("https://wetten.example.org/", tmp_path)


def test_a_name_that_leads_elsewhere_a_moment_later_is_refused(site: Site, tmp_path: Path) -> None:
    # The connection itself is looked at: here the name is public and who answers is this machine.
    with httpx.Client() as http, http.stream("GET", f"{site.address}/x") as response:
        response.request.url = httpx.URL("https://wetten.example.org/x")
        with pytest.raises(Failed, match=r"wetten.example.org is a private address \(127.0.0.1\)"):
            download._check_peer(response)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("https://elders.example.org/wet.xml", "sends on to elders.example.org, which sources.toml does not name"),
        ("https://10.0.0.1/", "sends on to 10.0.0.1"),
        ("http://localhost:8501/", "sends on to localhost"),
        ("file:///etc/passwd", "sends on to"),
        ("ftp://127.0.0.1/x", "not a safe address"),
        ("//elders.example.org/x", "sends on to elders.example.org"),
    ],
)
def test_a_site_cannot_send_on_to_another(to: str, reason: str, site: Site, tmp_path: Path) -> None:
    site.tricks["/x"] = [send(302, b"", Location=to)] * download.ATTEMPTS
    assert reason in fetched(f"{site.address}/x", tmp_path)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://example.org/", "gopher://example.org/", "/etc/passwd"]
)
def test_only_encrypted_addresses_are_fetched(address: str, tmp_path: Path) -> None:
    assert "is not a safe address" in fetched(address, tmp_path)

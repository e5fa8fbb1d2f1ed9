"""Official texts are brought whole or not at all, from a server that misbehaves in every way sites do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from indexer.download import ATTEMPTS, MAX_BYTES
from indexer.errors import FetchError
from indexer.fetch import Fetched, fetch, last_checked, summary
from indexer.sources import discover
from tests.samples import law as sample_law

WORK = "BWBR0018451"
TODAY = date(2026, 6, 1)
OLD, NEW, FUTURE = "2024-01-01_0", "2025-01-01_0", "2027-01-01_0"
Answer = Callable[[BaseHTTPRequestHandler], None]


def manifest(*labels: str, work: str = WORK) -> bytes:
    versions = "".join(f'<expression label="{label}"><manifestation label="xml"/></expression>' for label in labels)
    return f'<?xml version="1.0"?><work label="{work}">{versions}</work>'.encode()


def law(work: str, day: str, articles: dict[str, list[str]]) -> bytes:
    """A law with these leden by article."""

    def lid(number: int, text: str) -> str:
        return f"<lid><lidnr>{number}</lidnr><al>{text}</al></lid>"

    body = "".join(
        f"<artikel><kop><label>Artikel</label><nr>{article}</nr></kop>"
        + "".join(lid(number, text) for number, text in enumerate(leden, start=1))
        + "</artikel>"
        for article, leden in articles.items()
    )
    return sample_law(work, day, body=body).encode()


class Site:
    """A server on this machine. `pages` holds bodies by path, `tricks` answers that go before them, one a request."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[bytes, str]] = {}
        self.tricks: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                if site.tricks.get(self.path):
                    site.tricks[self.path].pop(0)(self)
                    return
                if self.path not in site.pages:
                    send(404, b"niet gevonden")(self)
                    return
                body, modified = site.pages[self.path]
                if self.headers.get("If-Modified-Since") == modified:
                    send(304, b"")(self)
                elif self.headers.get("Range") and self.headers.get("If-Range") == modified:
                    begun = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
                    send(206, body[begun:], modified)(self)
                else:
                    send(200, body, modified)(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a client may hang up
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def law(self, label: str, text: bytes, modified: str = "Mon, 06 Jan 2025 08:00:00 GMT", work: str = WORK) -> str:
        path = f"/bwb/{work}/{label}/xml/{work}_{label}.xml"
        self.pages[path] = (text, modified)
        return path

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def send(status: int, body: bytes, modified: str = "", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        if modified:
            request.send_header("Last-Modified", modified)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        if status != 304:
            request.wfile.write(body)

    return answer


def cut_off(body: bytes, after: int, modified: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Last-Modified", modified)
        request.end_headers()
        request.wfile.write(body[:after])
        request.wfile.flush()
        request.close_connection = True

    return answer


def silence(seconds: float) -> Answer:
    return lambda request: time.sleep(seconds)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Path:
    """A corpus that wants one law, which the site has in three versions."""
    (tmp_path / "sources.toml").write_text(f'[[source]]\nbwb = "{WORK}"\ntopics = ["zorg"]\n', encoding="utf-8")
    site.pages[f"/bwb/{WORK}/manifest.xml"] = (manifest(OLD, NEW, FUTURE), "Mon, 06 Jan 2025 08:00:00 GMT")
    site.law(OLD, law(WORK, "2024-01-01", {"1": ["De oude regel.", "Blijft."], "2": ["Vervalt straks."]}))
    site.law(NEW, law(WORK, "2025-01-01", {"1": ["De nieuwe regel.", "Blijft."], "3": ["Is er bij gekomen."]}))
    return tmp_path


def run(folder: Path, site: Site, **options: object) -> Fetched:
    (report,) = fetch(folder, repository=site.address, today=TODAY, wait=0.01, timeout=0.5, **options)  # type: ignore[arg-type]
    return report


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "official").glob("*") if not path.name.startswith("."))


def test_the_version_in_force_comes_and_no_future_one(folder: Path, site: Site) -> None:
    report = run(folder, site)
    assert (report.failed, report.new, report.changed) == ("", (NEW,), ())
    assert files(folder) == [f"{WORK}_{NEW}.xml", "fetched.json"]
    (source,), unreadable = discover(folder)
    assert (source.id, source.topics, unreadable) == (f"{WORK}@2025-01-01", ("zorg",), ())
    assert last_checked(folder) == {WORK: date.today()}


def test_earlier_versions_come_since_the_day_that_is_asked(folder: Path, site: Site) -> None:
    assert run(folder, site, since=date(2024, 6, 1)).new == (OLD, NEW)
    first, second = discover(folder)[0]
    assert first.valid_to == date(2024, 12, 31)
    assert second.valid_to is None


def test_what_changed_is_told_article_by_article(folder: Path, site: Site) -> None:
    site.pages[f"/bwb/{WORK}/manifest.xml"] = (manifest(OLD), "x")
    run(folder, site)
    site.pages[f"/bwb/{WORK}/manifest.xml"] = (manifest(OLD, NEW), "y")
    report = run(folder, site)
    assert report.articles == ("artikel 3 added", "artikel 1 changed", "artikel 2 removed")
    assert any("artikel 1 changed" in line for line in summary([report]))


def test_nothing_is_sent_again_that_did_not_change(folder: Path, site: Site) -> None:
    run(folder, site)
    site.asked.clear()
    report = run(folder, site)
    assert (report.new, report.changed, report.unchanged) == ((), (), 1)
    assert site.asked[-1][1]["If-Modified-Since"] == "Mon, 06 Jan 2025 08:00:00 GMT"


def test_a_corrected_text_replaces_the_local_one(folder: Path, site: Site) -> None:
    run(folder, site)
    site.law(NEW, law(WORK, "2025-01-01", {"1": ["Verbeterd."]}), "Tue, 07 Jan 2025 08:00:00 GMT")
    assert run(folder, site).changed == (NEW,)
    assert b"Verbeterd" in (folder / "official" / f"{WORK}_{NEW}.xml").read_bytes()


def test_a_damaged_local_copy_is_fetched_anew(folder: Path, site: Site) -> None:
    run(folder, site)
    copy = folder / "official" / f"{WORK}_{NEW}.xml"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:100])
    assert run(folder, site).changed == (NEW,)
    assert copy.read_bytes() == whole


def test_a_cut_off_download_goes_on_where_it_stopped(folder: Path, site: Site) -> None:
    path = f"/bwb/{WORK}/{NEW}/xml/{WORK}_{NEW}.xml"
    body, modified = site.pages[path]
    site.tricks[path] = [cut_off(body, 120, modified)]
    assert run(folder, site).new == (NEW,)
    assert site.asked[-1][1]["Range"] == "bytes=120-"
    assert (folder / "official" / f"{WORK}_{NEW}.xml").read_bytes() == body


def test_a_break_is_resumed_in_the_next_run_but_not_into_another_text(folder: Path, site: Site) -> None:
    path = f"/bwb/{WORK}/{NEW}/xml/{WORK}_{NEW}.xml"
    body, modified = site.pages[path]
    site.tricks[path] = [cut_off(body, 120, modified)] + [send(500, b"")] * (ATTEMPTS - 1)
    assert "error 500" in run(folder, site).failed
    other = law(WORK, "2025-01-01", {"1": ["Intussen vervangen door een andere tekst."]})
    site.pages[path] = (other, "Tue, 07 Jan 2025 08:00:00 GMT")
    assert run(folder, site).new == (NEW,)
    assert (folder / "official" / f"{WORK}_{NEW}.xml").read_bytes() == other


TROUBLE: dict[str, tuple[Answer, str]] = {
    "error": (send(503, b"even niet"), "error 503"),
    "gone": (send(410, b""), "410"),
    "silent": (silence(1.0), "did not answer in time"),
    "web page": (send(200, b"<html><body>Storing</body></html>"), "no law"),
    "no xml": (send(200, b"Storing"), "not well-formed"),
    "bomb": (send(200, b'<!DOCTYPE a [<!ENTITY b "c">]><toestand>&b;</toestand>'), "refuses"),
    "another law": (send(200, law("BWBR0000001", "2025-01-01", {"1": ["Iets anders."]})), "another text (BWBR0000001)"),
    "empty": (send(200, b""), "sent nothing"),
    "elsewhere": (send(302, b"", Location="http://example.org/x"), "does not name"),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_told_and_leaves_the_good_copy(trouble: str, folder: Path, site: Site) -> None:
    run(folder, site)
    copy = folder / "official" / f"{WORK}_{NEW}.xml"
    whole = copy.read_bytes()
    path = f"/bwb/{WORK}/{NEW}/xml/{WORK}_{NEW}.xml"
    answer, told = TROUBLE[trouble]
    site.tricks[path] = [answer] * ATTEMPTS
    report = run(folder, site)
    assert told in report.failed
    assert copy.read_bytes() == whole
    assert "What was here stays" in summary([report])[0]
    assert not list((folder / "official").glob(".*.xml"))


def test_an_endless_redirect_ends(folder: Path, site: Site) -> None:
    path = f"/bwb/{WORK}/{NEW}/xml/{WORK}_{NEW}.xml"
    site.tricks[path] = [send(302, b"", Location=path)] * 50
    assert "without end" in run(folder, site).failed


def test_a_huge_file_is_stopped(folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_BYTES < 100_000_000
    monkeypatch.setattr("indexer.download.MAX_BYTES", 1_000_000)
    path = f"/bwb/{WORK}/{NEW}/xml/{WORK}_{NEW}.xml"
    site.tricks[path] = [send(200, b"x" * 3_000_000)]
    assert "larger than 1 MB" in run(folder, site).failed
    assert files(folder) == []


@pytest.mark.parametrize(
    "body", [b"", b"<work/>", b"geen xml", manifest(FUTURE), b'<!DOCTYPE x [<!ENTITY a "b">]><work/>']
)
def test_a_manifest_without_a_version_in_force_fails(body: bytes, folder: Path, site: Site) -> None:
    site.pages[f"/bwb/{WORK}/manifest.xml"] = (body, "x")
    assert run(folder, site).failed


def test_a_version_that_is_no_longer_listed_stays(folder: Path, site: Site) -> None:
    run(folder, site, since=date(2024, 6, 1))
    site.pages[f"/bwb/{WORK}/manifest.xml"] = (manifest(NEW), "y")
    report = run(folder, site)
    assert report.gone == (OLD,)
    assert f"{WORK}_{OLD}.xml" in files(folder)


def test_a_municipal_rule_and_a_page_come_too(folder: Path, site: Site) -> None:
    (folder / "sources.toml").write_text(
        f'[[source]]\ncvdr = "CVDR123456"\n[[source]]\nid = "handreiking"\nurl = "{site.address}/hand"\n'
        'title = "Handreiking"\nkind = "policy"\n',
        encoding="utf-8",
    )
    site.pages["/cvdr/CVDR123456/manifest.xml"] = (manifest("1", "2", "10", work="CVDR123456"), "x")
    site.pages["/cvdr/CVDR123456/10/xml/CVDR123456_10.xml"] = (
        b"<cvdr><meta><identifier>CVDR123456_10</identifier><title>Verordening</title></meta><body>"
        b"<regeling-tekst><artikel><kop><label>Artikel</label><nr>1</nr></kop><al>Een regel.</al></artikel>"
        b"</regeling-tekst></body></cvdr>",
        "x",
    )
    page = b"<html><body><article><h1>Handreiking</h1><p>De gemeente voert het gesprek.</p></article></body></html>"
    site.tricks["/hand"] = [send(200, page, Content_Type="text/html; charset=utf-8")]
    rule, paper = fetch(folder, repository=site.address, today=TODAY, wait=0.01)
    assert (rule.failed, rule.new, paper.failed) == ("", ("10",), "")
    found = {source.id: source for source in discover(folder)[0]}
    assert found["handreiking"].title == "Handreiking"
    assert found["handreiking"].kind.value == "policy"
    assert "CVDR123456" in found


def test_one_entry_can_be_named_and_an_unknown_one_is_refused(folder: Path, site: Site) -> None:
    assert run(folder, site, only=WORK).new == (NEW,)
    with pytest.raises(FetchError, match="names no official text 'BWBR9999999'"):
        run(folder, site, only="BWBR9999999")


def test_nothing_to_fetch_is_said(tmp_path: Path, site: Site) -> None:
    with pytest.raises(FetchError, match="names no official texts"):
        run(tmp_path, site)


def test_two_at_once_are_refused(folder: Path, site: Site) -> None:
    (folder / "official").mkdir()
    with FileLock(folder / "official" / ".lock"), pytest.raises(FetchError, match="Another process is fetching"):
        run(folder, site)

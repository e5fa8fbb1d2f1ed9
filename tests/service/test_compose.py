"""The parts of compose.yaml as processes on this machine: PostgreSQL, a Chroma server, the API and the indexing job."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.databases import Postgres
from tests.faults.serving import QUESTION, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = Path(sys.executable).parent
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def command(service: str, **changes: str) -> list[str]:
    """A service's own command, with this machine's folders and free ports in the place of the container's."""
    words: list[str] = SERVICES[service]["command"]
    program, *arguments = [changes.get(word, word).replace("0.0.0.0", "127.0.0.1") for word in words]
    return [str(PROGRAMS / program), *arguments]


@contextmanager
def running(arguments: list[str], environment: dict[str, str], ready: str, log: Path) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        until = time.monotonic() + 90
        while True:
            try:
                if httpx.get(ready, timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert time.monotonic() < until and process.poll() is None, log.read_text(encoding="utf-8")[-2_000:]
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def test_the_parts_work_together(postgres: Postgres, corpus: Path, cache: Path, tmp_path: Path) -> None:
    vectors, api = free_port(), free_port()
    assert {"LEIDRAAD_RECORDS", "LEIDRAAD_VECTOR_SERVER"} <= set(SERVICES["api"]["environment"])
    environment = {
        **os.environ,
        "LEIDRAAD_RECORDS": postgres.fresh("compose"),
        "LEIDRAAD_SIGN_IN": SERVICES["api"]["environment"]["LEIDRAAD_SIGN_IN"],
        "LEIDRAAD_VECTOR_SERVER": f"http://127.0.0.1:{vectors}",
        "LEIDRAAD_INDEX": str(tmp_path / "index"),
        "LEIDRAAD_CORPUS": str(corpus),
        "LEIDRAAD_CACHE": str(cache),
    }

    def job(*arguments: str) -> str:
        done = subprocess.run(
            [PROGRAMS / SERVICES["job"]["entrypoint"][0], *arguments],
            env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    chroma = command("vectors", **{"/srv/leidraad/data": str(tmp_path / "vectors"), "8000": str(vectors)})
    serving = command("api", **{"8502": str(api)})
    beat = f"http://127.0.0.1:{vectors}/api/v2/heartbeat"
    with (
        running(chroma, environment, beat, tmp_path / "chroma.log"),
        running(serving, environment, f"http://127.0.0.1:{api}/health", tmp_path / "api.log"),
    ):
        key = {"Authorization": f"Bearer {job('keys', 'add', 'zaaksysteem').strip()}"}
        # Before anything is indexed it lives, is not ready, and says who has to do something.
        assert httpx.get(f"http://127.0.0.1:{api}/ready").json()["outcome"] == "empty_index"
        job("index")
        assert (tmp_path / "vectors" / "chroma.sqlite3").exists()
        assert list((tmp_path / "index").rglob("server.json")) and not list((tmp_path / "index").rglob("*.bin"))
        body = {"question": QUESTION}
        reply = httpx.post(f"http://127.0.0.1:{api}/v1/ask", json=body, headers=key, timeout=60).json()
        assert "45 minuten" in reply["answer"]["text"] and reply["id"]
        assert httpx.get(f"http://127.0.0.1:{api}/ready").status_code == 200
        assert "8 sources" in job("status")

"""The databases that records are tested on: a SQLite file, and a real PostgreSQL where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def postgres_folder() -> Path | None:
    """Where PostgreSQL's programs are, newest version first; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -int(path.parts[-3]))
    return found[0].parent if found else None


class Postgres:
    """A PostgreSQL of the tests' own: a fresh cluster that listens on a socket in its folder only."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, "postgres", "postgres")
        self._run("initdb", "-D", str(folder / "data"), "-U", "leidraad", "-A", "trust", "--no-sync", "-E", "UTF8")

    def url(self, name: str) -> str:
        """The URL of a database in this cluster."""
        return f"postgresql+psycopg://leidraad@/{name}?host={self.folder}"

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-o", options, "-w", "-l", f"{self.folder}/log", "start")

    def stop(self) -> None:
        """Stops the server at once; open connections break."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def fresh(self, name: str) -> str:
        """Makes an empty database and gives its URL."""
        self._run("createdb", "-h", str(self.folder), "-U", "leidraad", name)
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A running server of the tests' own; skips where PostgreSQL is not installed."""
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (.ci/run installs it)")
    # Not under pytest's folder, which only its owner may enter; a socket's path is short, too.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder), programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole run."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: the same tests run on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'own.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh(f"t{abs(hash(request.node.nodeid)) % 10**12}")

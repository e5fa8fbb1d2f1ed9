"""Waiting for a server that a test started."""

from __future__ import annotations

import time

import httpx


def wait_for(address: str, seconds: float = 60) -> None:
    """Returns once `address` answers with success. Fails when it does not in `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(address, timeout=1).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.25)
    raise AssertionError(f"{address} does not answer")

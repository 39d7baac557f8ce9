"""A real OSRM on a small map of our own: its programs come once, in their wheel, into the user's cache."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

WHEEL = "osrm-bindings==26.10.0 --hash=sha256:840d6f82812eb9f9e17c71eb9083dfa15f3be2bfec4965c32aefa48b00d3a951"
PLATFORM = ("--python-version", "3.12", "--platform", "manylinux_2_28_x86_64")  # the programs need no Python
Node = tuple[float, float]


def osrm_folder() -> Path:
    """Where the programs lie. Skips the test where there are none for this machine; fails it where CI=true."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "terradrift" / "osrm-26.10.0"
    if not (folder / "osrm" / "bin").is_dir():
        try:
            _fetch(folder)
        except (subprocess.CalledProcessError, OSError) as error:
            message = f"OSRM ABSENT, {error}: road distances are not tested"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
    return folder / "osrm"


def _fetch(folder: Path) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise OSError("its programs are for Linux on x86-64")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        wanted, made = Path(name) / "wanted.txt", Path(name) / "made"
        wanted.write_text(WHEEL)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        only = ["--only-binary", ":all:", *PLATFORM, "--require-hashes", "-r", str(wanted), "--dest", name]
        subprocess.run([*pip, *only], check=True, timeout=300)
        (wheel,) = Path(name).glob("*.whl")
        zipfile.ZipFile(wheel).extractall(made)
        for program in (made / "osrm" / "bin").iterdir():
            program.chmod(0o755)
        made.rename(folder)


def write_map(
    path: Path, nodes: Mapping[int, Node], ways: Sequence[Sequence[int]], one_way: Sequence[Sequence[int]] = ()
) -> None:
    """An OpenStreetMap file of roads of 60 km/h through nodes (latitude, longitude)."""
    lines = [f"<node id='{node}' version='1' lat='{lat}' lon='{lon}'/>" for node, (lat, lon) in nodes.items()]
    for number, way in enumerate([*ways, *one_way], start=1000):
        tags = {"highway": "primary", "maxspeed": "60", "oneway": "yes" if way in one_way else "no"}
        through = "".join(f"<nd ref='{node}'/>" for node in way)
        told = "".join(f"<tag k='{key}' v='{value}'/>" for key, value in tags.items())
        lines.append(f"<way id='{number}' version='1'>{through}{told}</way>")
    path.write_text("<osm version='0.6'>\n" + "\n".join(lines) + "\n</osm>\n")


@contextmanager
def osrm_server(map_file: Path) -> Iterator[str]:
    """The URL of the table service of a server that knows this map; it is stopped at the end."""
    folder = osrm_folder()
    base = map_file.with_suffix(".osrm")
    profile = folder / "share" / "profiles" / "car.lua"
    for step in (["osrm-extract", "-p", profile, map_file], ["osrm-contract", base]):
        done = subprocess.run([folder / "bin" / str(step[0]), *step[1:]], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    program = [folder / "bin" / "osrm-routed", "--ip", "127.0.0.1", "--port", str(port), base]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _answers(port)
            yield f"http://127.0.0.1:{port}/table/v1/driving"
        finally:
            server.terminate()


def _answers(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "OSRM does not start"
            time.sleep(0.05)
        else:
            return

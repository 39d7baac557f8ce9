"""The jars of one Apache Kafka node: named in infra/kafka/pom.xml, fetched once by Maven, kept in the user's cache."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import infra
from schemas.errors import TerradriftError

POM = Path(infra.__file__).parent / "kafka" / "pom.xml"
POM_NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}
OLDEST_JAVA = 17
FETCH_SECONDS = 900


class MissingToolError(TerradriftError):
    """A program that a local Kafka needs is not on this machine; the text says what to install."""


def kafka_version(pom: Path = POM) -> str:
    """The version of Kafka the pom names."""
    # Our own file, not somebody's upload.
    version = ET.parse(pom).findtext("m:properties/m:kafka.version", namespaces=POM_NAMESPACE)  # noqa: S314
    if not version:
        raise TerradriftError(f"{pom} names no kafka.version")
    return version


def cache_folder() -> Path:
    """Where the jars lie: $XDG_CACHE_HOME or ~/.cache, then terradrift/kafka-VERSION."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "terradrift" / f"kafka-{kafka_version()}"


def java_major(banner: str) -> int | None:
    """The major version in the output of `java -version` (17 in "17.0.15", 8 in "1.8.0_392"); None if there is none."""
    match = re.search(r'version "(\d+)(?:\.(\d+))?', banner)
    if match is None:
        return None
    major, minor = int(match[1]), int(match[2] or 0)
    return minor if major == 1 else major


def find_java() -> str:
    """The `java` to run. Raises MissingToolError when it is absent or older than OLDEST_JAVA."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    java = java or shutil.which("java")
    if java is None:
        raise MissingToolError(
            f"a local Kafka needs Java {OLDEST_JAVA} or newer (Debian and Ubuntu: apt install openjdk-17-jre-headless; "
            "macOS: brew install openjdk@17), or start without `--kafka local`"
        )
    banner = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    major = java_major(banner)
    if major is None or major < OLDEST_JAVA:
        raise MissingToolError(
            f"a local Kafka needs Java {OLDEST_JAVA} or newer; {java} is version {major or 'unknown'}"
        )
    return java


def jars() -> Path:
    """The folder with all jars, fetched at the first call (about 45 MB).

    Raises MissingToolError without Maven, TerradriftError with Maven's words when fetching fails.
    """
    folder = cache_folder()
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingToolError(
            "a local Kafka is fetched with Maven (Debian and Ubuntu: apt install maven; macOS: brew install maven), "
            f"or put Kafka's jars into {folder} yourself"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(
        folder.with_name(f"{folder.name}.lock")
    ):  # two of Maven at once would write the same files of its repository
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as workshop:
                fetched = Path(workshop) / "jars"
                _fetch(maven, fetched)
                fetched.rename(folder)
    return folder


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(maven: str, target: Path) -> None:
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(
            [*command, "-DincludeScope=runtime"], capture_output=True, text=True, check=False, timeout=FETCH_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise TerradriftError(f"Maven did not fetch Kafka within {FETCH_SECONDS} s") from None
    if done.returncode != 0 or not any(target.glob("kafka_*.jar")):
        raise TerradriftError(f"Maven could not fetch Kafka:\n{(done.stdout + done.stderr).strip()[-2000:]}")

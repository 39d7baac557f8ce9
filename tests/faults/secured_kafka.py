"""A real Kafka with a listener for every way of speaking to it: plain, SASL, TLS, and SASL over TLS."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.addresses import BrokerAddress
from infra.embedded.kafka_local import LocalKafka
from infra.embedded.ports import LOOPBACK, free_port

USER, PASSWORD = "terradrift", "right-password"
STORE_PASSWORD = "store-password"
PROTOCOLS = ("SASL_PLAINTEXT", "SSL", "SASL_SSL")


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of our own, by the JDK's keytool: its key, and its certificate."""

    folder: Path

    @classmethod
    def found(cls, folder: Path) -> Authority:
        folder.mkdir(parents=True)
        made = cls(folder)
        _keytool(made.key, "-genkeypair", "-alias", "ca", "-dname", "CN=Test Authority", "-ext", "bc:c=ca:true",
                 "-ext", "ku:c=keyCertSign")  # fmt: skip
        _keytool(made.key, "-exportcert", "-alias", "ca", "-rfc", "-file", str(made.certificate))
        return made

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def key(self) -> Path:
        return self.folder / "ca.p12"

    def keystore(self) -> Path:
        """A broker's key and its certificate, signed by us, for localhost and the loopback address."""
        store, request, signed = (self.folder / name for name in ("broker.p12", "broker.csr", "broker.pem"))
        _keytool(store, "-genkeypair", "-alias", "broker", "-dname", "CN=localhost")
        _keytool(store, "-certreq", "-alias", "broker", "-file", str(request))
        _keytool(self.key, "-gencert", "-alias", "ca", "-infile", str(request), "-outfile", str(signed), "-rfc",
                 "-ext", f"san=dns:localhost,ip:{LOOPBACK}")  # fmt: skip
        _keytool(store, "-importcert", "-alias", "ca", "-file", str(self.certificate), "-noprompt")
        _keytool(store, "-importcert", "-alias", "broker", "-file", str(signed))
        return store


def _keytool(store: Path, action: str, *arguments: str) -> None:
    common = ("-keystore", str(store), "-storetype", "PKCS12", "-storepass", STORE_PASSWORD)
    key = ("-keyalg", "RSA", "-keysize", "2048", "-validity", "30") if action == "-genkeypair" else ()
    done = subprocess.run(
        ("keytool", action, *common, *key, *arguments), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


class SecuredKafka(LocalKafka):
    """The local node with three more listeners; `address[protocol]` is host:port of each. PLAINTEXT stays for the node itself."""

    def __init__(self, directory: Path, authority: Authority) -> None:
        super().__init__(directory)
        self._keystore = authority.keystore()
        self.address = {protocol: f"{LOOPBACK}:{free_port()}" for protocol in PROTOCOLS}

    def start(self) -> BrokerAddress:
        broker = super().start()
        self.address["PLAINTEXT"] = broker.bootstrap
        return broker

    def _write_properties(self) -> Path:
        properties = super()._write_properties()
        lines = dict(line.split("=", 1) for line in properties.read_text(encoding="utf-8").splitlines())
        more = ",".join(f"{protocol}://{self.address[protocol]}" for protocol in PROTOCOLS)
        lines["listeners"] += f",{more}"
        lines["advertised.listeners"] += f",{more}"
        lines["listener.security.protocol.map"] += "".join(f",{protocol}:{protocol}" for protocol in PROTOCOLS)
        lines["inter.broker.listener.name"] = "PLAINTEXT"
        lines["sasl.enabled.mechanisms"] = "PLAIN"
        for protocol in ("sasl_plaintext", "sasl_ssl"):
            lines[f"listener.name.{protocol}.plain.sasl.jaas.config"] = (
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
            )
        lines["ssl.keystore.type"] = "PKCS12"
        lines["ssl.keystore.location"] = str(self._keystore)
        lines["ssl.keystore.password"] = STORE_PASSWORD
        properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()), encoding="utf-8")
        return properties

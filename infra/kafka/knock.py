"""Knocking at Kafka's door before anything else: when it does not open, a sentence says why.

Clients of Kafka answer a wrong password, a TLS mismatch and a wrong address alike: they try again until a time-out. So we
speak the first few words of the protocol ourselves (https://kafka.apache.org/protocol): ApiVersions, the SASL exchange
where there is one, Metadata. A knock takes milliseconds, and at most some seconds where nobody answers.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from kafka.net.sasl import get_sasl_mechanism

from infra.kafka.wire import Conversation, NotKafkaError
from schemas.errors import SettingsError, TerradriftError, UnavailableError

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 5.0
PROTOCOL_VARIABLE: Final = "TERRADRIFT_KAFKA_SECURITY_PROTOCOL"
CA_VARIABLE: Final = "TERRADRIFT_KAFKA_CA_FILE"
UNSUPPORTED_MECHANISM, ILLEGAL_STATE = 33, 34


def knock(bootstrap: str, security: Mapping[str, Any] | None = None) -> None:
    """Return when one of the brokers lets us in. `security` as of `Addresses.kafka_security`.

    Raises UnavailableError when none can be reached, SettingsError when one can, but not in this way.
    """
    failures: list[TerradriftError] = []
    for address in bootstrap.split(","):
        try:
            _enter(address, security or {})
        except TerradriftError as failure:
            failures.append(failure)
        else:
            return
    told = [failure for failure in failures if isinstance(failure, SettingsError)] or failures
    raise type(told[0])("; ".join(str(failure) for failure in told))


def _enter(address: str, security: Mapping[str, Any]) -> None:
    protocol = str(security.get("security_protocol", "PLAINTEXT"))
    with closing(_connected(address)) as plain:
        talk = Conversation(_over_tls(plain, address, security) if protocol.endswith("SSL") else plain)
        try:
            talk.ask_versions()
            if protocol.startswith("SASL"):
                _authenticate(talk, address, security)
            talk.ask_metadata()
        except TimeoutError:
            raise UnavailableError(f"Kafka at {address} accepts connections and does not answer") from None
        except (OSError, NotKafkaError):
            raise _misunderstanding(address, protocol) from None


def _connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    try:
        connection = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
    except socket.gaierror:
        raise UnavailableError(f"Kafka at {address} cannot be reached: the name {host} is not known") from None
    except ConnectionRefusedError:
        raise UnavailableError(f"Kafka at {address} cannot be reached: nobody listens there") from None
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or error
        raise UnavailableError(f"Kafka at {address} cannot be reached: {reason}") from None
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _over_tls(plain: socket.socket, address: str, security: Mapping[str, Any]) -> ssl.SSLSocket:
    context: ssl.SSLContext = security["ssl_context"]
    host = address.rpartition(":")[0].strip("[]")
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise SettingsError(
            f"Kafka at {address} shows a certificate that is not trusted ({error.verify_message}); "
            f"{CA_VARIABLE} must name the certificate of the authority that signed it"
        ) from None
    except OSError:  # SSLError is one
        raise _misunderstanding(address, str(security["security_protocol"])) from None


def _authenticate(talk: Conversation, address: str, security: Mapping[str, Any]) -> None:
    name = str(security["sasl_mechanism"])
    code, offered = talk.shake_hands(name)
    if code == UNSUPPORTED_MECHANISM:
        raise SettingsError(
            f"Kafka at {address} does not take the SASL mechanism {name}, only {', '.join(offered) or 'none'} "
            "(TERRADRIFT_KAFKA_SASL_MECHANISM)"
        )
    if code:
        raise _misunderstanding(address, str(security["security_protocol"]))
    mechanism = get_sasl_mechanism(name)(**security)
    while not mechanism.is_done():
        code, answer = talk.authenticate(mechanism.auth_bytes())
        if code:
            raise _refused(address, security)
        try:
            mechanism.receive(answer)
        except (ValueError, KeyError):  # a server that does not know the password cannot sign with it
            raise _refused(address, security) from None
    if not mechanism.is_authenticated():
        raise _refused(address, security)


def _refused(address: str, security: Mapping[str, Any]) -> SettingsError:
    return SettingsError(
        f"Kafka at {address} refuses the user {security['sasl_plain_username']!r}: wrong user or password "
        "(TERRADRIFT_KAFKA_USER, TERRADRIFT_KAFKA_PASSWORD)"
    )


def _misunderstanding(address: str, protocol: str) -> TerradriftError:
    """It hung up, or spoke in tongues: find out whether TLS or SASL is what we disagree on."""
    said = f"{PROTOCOL_VARIABLE} is {protocol}"
    speaks_tls = _speaks_tls(address)
    if speaks_tls != protocol.endswith("SSL"):
        speaks = "speaks TLS" if speaks_tls else "does not speak TLS"
        return SettingsError(f"Kafka at {address} {speaks}, but {said}")
    if not protocol.startswith("SASL"):
        return SettingsError(f"Kafka at {address} hangs up before it is told a user: it wants SASL, but {said}")
    return SettingsError(f"Kafka at {address} does not want SASL, but {said}")


def _speaks_tls(address: str) -> bool:
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE  # nothing is said over this connection; only whether it comes about counts
    with closing(_connected(address)) as plain:
        try:
            anybody.wrap_socket(plain).close()
        except OSError:
            return False
    return True

"""Is ClickHouse there, does it let us in, and is our database in it? Asked once, before work begins; the answer is a sentence."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from infra.clickhouse.client import Access, ClickHouseDefectError, connect
from schemas.errors import SettingsError, UnavailableError

CONNECT_SECONDS: Final = 3.0
NO_SUCH_DATABASE: Final = "UNKNOWN_DATABASE"
SINK_RIGHTS: Final = ("SELECT, INSERT ON *", "SELECT ON system.processes")
"""`*` is our database. It reads what it has written before it repeats an insert, and whether another one is under way."""


def knock(access: Access, *, database: bool = True) -> None:
    """Return when ClickHouse lets us in, and (unless `database` is False) our database exists.

    Raises UnavailableError when it cannot be reached, SettingsError when user, password, TLS or database are wrong.
    """
    _reach(access)
    if access.secure:
        _greet(access)
    try:
        connect(access, database=None if database else "").close()
    except SettingsError:
        raise SettingsError(
            f"ClickHouse at {access.url} refuses the user {access.user!r}: wrong user or password "
            "(TERRADRIFT_CLICKHOUSE_USER, TERRADRIFT_CLICKHOUSE_PASSWORD)"
        ) from None
    except ClickHouseDefectError as error:
        if NO_SUCH_DATABASE in str(error):
            raise SettingsError(
                f"ClickHouse at {access.url} has no database {access.database}; `terradrift provision` creates it"
            ) from None
        raise
    except UnavailableError as error:
        raise UnavailableError(
            f"ClickHouse at {access.url} is reached, but does not answer as ClickHouse's HTTP interface does "
            f"(TERRADRIFT_CLICKHOUSE_URL): {error}"
        ) from None


def knock_to_write(access: Access) -> None:
    """As `knock`, and return only when the user has the rights of a sink; SettingsError names the one that is missing."""
    knock(access)
    client = connect(access)
    try:
        for right in SINK_RIGHTS:
            ((granted,),) = client.query(f"CHECK GRANT {right}").result_rows
            if not granted:
                named = right.replace("ON *", f"ON {access.database}.*")
                raise SettingsError(
                    f"the ClickHouse user {access.user!r} may not do what a sink does: GRANT {named} TO {access.user}"
                )
    finally:
        client.close()


def _greet(access: Access) -> None:
    """Speak TLS, with the authorities that the driver trusts: those of the system."""
    try:
        with socket.create_connection((access.host, access.port), timeout=CONNECT_SECONDS) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname=access.host).close()
    except ssl.SSLCertVerificationError as error:
        raise SettingsError(
            f"ClickHouse at {access.url} shows a certificate that is not trusted: {error.verify_message} "
            "(TERRADRIFT_CLICKHOUSE_URL; SSL_CERT_FILE names the authorities)"
        ) from None
    except ssl.SSLError:
        raise SettingsError(
            f"ClickHouse at {access.url} does not speak TLS there: http:// instead of https://, or another port "
            "(TERRADRIFT_CLICKHOUSE_URL)"
        ) from None
    except OSError as error:
        raise UnavailableError(
            f"ClickHouse at {access.url} ends the greeting of TLS: {error} (TERRADRIFT_CLICKHOUSE_URL)"
        ) from None


def _reach(access: Access) -> None:
    try:
        socket.create_connection((access.host, access.port), timeout=CONNECT_SECONDS).close()
    except socket.gaierror:
        reason = f"the name {access.host} is not known"
    except ConnectionRefusedError:
        reason = "nobody listens there"
    except TimeoutError:
        reason = "no answer"
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return
    raise UnavailableError(f"ClickHouse at {access.url} cannot be reached: {reason} (TERRADRIFT_CLICKHOUSE_URL)")

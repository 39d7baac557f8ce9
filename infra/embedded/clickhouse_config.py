"""What the embedded ClickHouse is told: ports and passwords that outlive restarts, config.xml, users.xml."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

from infra.clickhouse.bi_access import PROFILE, QUERIES_PER_HOUR, grants_xml, quota_xml
from infra.embedded.addresses import DATABASE, ClickHouseAddress, Login
from infra.embedded.files import read_json, write_private_json
from infra.embedded.ports import free_port

ADDRESS_FILE = "address.json"
RUN_FIFO = "run.fifo"
PASSWORD_BYTES = 18
KEPT_FREE_BYTES = 256 * 2**20
"""ClickHouse refuses to write when the disk has less. One that truly runs out spoilt a part that it was merging (seen on
26.9: an empty marks file), and with it rows stored long before; refused in time, it loses nothing."""
READER_GRANTS = f"<grants><query>GRANT SELECT ON {DATABASE}.*</query><query>GRANT SELECT ON system.*</query></grants>"


def claim_address(folder: Path) -> ClickHouseAddress:
    """This folder's address: the same passwords at every start, and the same ports while they are free."""
    known = read_json(folder / ADDRESS_FILE) or {}
    known_logins = {name: known.get(name) for name in ("owner", "reader", "bi")}
    address = ClickHouseAddress(
        http_port=free_port(known.get("http_port")),
        native_port=free_port(known.get("native_port")),
        owner=_login("terradrift", known_logins["owner"]),
        reader=_login("reader", known_logins["reader"]),
        bi=_login("bi", known_logins["bi"]),
    )
    write_private_json(folder / ADDRESS_FILE, address.as_json())
    return address


def _login(user: str, known: dict[str, str] | None) -> Login:
    return Login(user, known["password"] if known else secrets.token_urlsafe(PASSWORD_BYTES))


def write_configuration(
    folder: Path,
    logs: Path,
    address: ClickHouseAddress,
    bi_regions: Sequence[str] = (),
    bi_queries: int = QUERIES_PER_HOUR,
) -> None:
    """Write config.xml and users.xml; only hashes of passwords are in them. The BI user sees `bi_regions` alone, if there
    are any, and may ask `bi_queries` an hour."""
    (folder / "config.xml").write_text(_config_xml(folder, logs, address), encoding="utf-8")
    users = folder / "users.xml"
    users.touch(mode=0o600)
    users.write_text(_users_xml(address, bi_regions, bi_queries), encoding="utf-8")


def _config_xml(folder: Path, logs: Path, address: ClickHouseAddress) -> str:
    return f"""<clickhouse>
  <logger>
    <level>warning</level>
    <log>{escape(str(logs / "clickhouse-server.log"))}</log>
    <size>10M</size><count>2</count><console>0</console>
  </logger>
  <listen_host>{address.host}</listen_host>
  <http_port>{address.http_port}</http_port>
  <tcp_port>{address.native_port}</tcp_port>
  <max_server_memory_usage_to_ram_ratio>0.4</max_server_memory_usage_to_ram_ratio>
  <mark_cache_size>134217728</mark_cache_size>
  <background_pool_size>4</background_pool_size>
  <storage_configuration><disks><default>
    <keep_free_space_bytes>{KEPT_FREE_BYTES}</keep_free_space_bytes>
  </default></disks></storage_configuration>
  <user_directories><users_xml><path>{escape(str(folder / "users.xml"))}</path></users_xml></user_directories>
  <query_log>
    <database>system</database><table>query_log</table>
    <ttl>event_date + INTERVAL 3 DAY DELETE</ttl>
    <flush_interval_milliseconds>5000</flush_interval_milliseconds>
  </query_log>
</clickhouse>
"""


def _users_xml(address: ClickHouseAddress, bi_regions: Sequence[str], bi_queries: int) -> str:
    """The engine's own session logs in as `default` without a password, and nothing can change that. So `default` may
    have one session at a time, the engine's, for as long as it runs; every other login as `default` is refused."""
    return f"""<clickhouse>
  <profiles>
    <default></default>
    <engine>
      <max_sessions_for_user>1</max_sessions_for_user>
      <constraints><max_sessions_for_user><const/></max_sessions_for_user></constraints>
    </engine>
    <reader><readonly>2</readonly><max_execution_time>60</max_execution_time></reader>
    {PROFILE}
  </profiles>
  <quotas>
    <default></default>
    {quota_xml(bi_queries)}
  </quotas>
  <users>
    <default>
      <no_password/>
      <networks><ip>127.0.0.1</ip></networks><profile>engine</profile><quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT CREATE DATABASE ON {DATABASE}.*</query>
        <query>GRANT CREATE TEMPORARY TABLE ON *.*</query>
        <query>GRANT READ ON FILE</query>
      </grants>
    </default>
    {_user(address.owner, "default", "default", "")}
    {_user(address.reader, "reader", "default", READER_GRANTS)}
    {_user(address.bi, "bi", "bi", grants_xml(DATABASE, bi_regions))}
  </users>
</clickhouse>
"""


def _user(login: Login, profile: str, quota: str, grants: str) -> str:
    """One user; without `grants` all rights."""
    return (
        f"<{login.user}><password_sha256_hex>{sha256(login.password.encode()).hexdigest()}</password_sha256_hex>"
        f"<networks><ip>127.0.0.1</ip></networks><profile>{profile}</profile><quota>{quota}</quota>"
        f"<default_database>{DATABASE}</default_database>"
        f"{grants}</{login.user}>"
    )

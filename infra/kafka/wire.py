"""The few words of Kafka's protocol a knock needs, over an open socket: requests with header version 1, one at a time."""

from __future__ import annotations

import socket
import struct
from typing import Final

CLIENT: Final = b"terradrift"
LARGEST_ANSWER: Final = 10_000_000
API_VERSIONS, METADATA, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 3, 17, 36


class NotKafkaError(Exception):
    """What came back is not an answer of Kafka."""


class Conversation:
    """Question and answer. Raises OSError (TimeoutError when no answer comes) and NotKafkaError."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._asked = 0

    def ask_versions(self) -> None:
        """Any Kafka answers this, before authentication too."""
        self._ask(API_VERSIONS, 0, b"")

    def ask_metadata(self) -> None:
        """About no topic. A listener that wants SASL hangs up here."""
        self._ask(METADATA, 4, struct.pack(">i?", 0, False))

    def shake_hands(self, mechanism: str) -> tuple[int, list[str]]:
        """Propose a SASL mechanism: the error code (0: agreed), and the mechanisms there are."""
        answer = self._ask(SASL_HANDSHAKE, 1, _string(mechanism.encode()))
        code, count = struct.unpack_from(">hi", answer)
        names, at = [], 6
        for _ in range(count):
            (length,) = struct.unpack_from(">h", answer, at)
            names.append(answer[at + 2 : at + 2 + length].decode())
            at += 2 + length
        return code, names

    def authenticate(self, token: bytes) -> tuple[int, bytes]:
        """One step of the SASL exchange: the error code and the server's token."""
        answer = self._ask(SASL_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
        code, message_length = struct.unpack_from(">hh", answer)
        at = 4 + max(message_length, 0)
        (length,) = struct.unpack_from(">i", answer, at)
        return code, answer[at + 4 : at + 4 + max(length, 0)]

    def _ask(self, api: int, version: int, body: bytes) -> bytes:
        self._asked += 1
        request = struct.pack(">hhi", api, version, self._asked) + _string(CLIENT) + body
        self._connection.sendall(struct.pack(">i", len(request)) + request)
        (length,) = struct.unpack(">i", self._read(4))
        if not 4 <= length <= LARGEST_ANSWER:
            raise NotKafkaError
        answer = self._read(length)
        if struct.unpack_from(">i", answer) != (self._asked,):
            raise NotKafkaError
        return answer[4:]

    def _read(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            more = self._connection.recv(size - len(received))
            if not more:
                raise ConnectionError("hung up")
            received += more
        return received


def _string(text: bytes) -> bytes:
    return struct.pack(">h", len(text)) + text

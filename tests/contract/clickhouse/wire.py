"""A line to a server that can be cut, mended, or hang up at a given word."""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """A line to the server that can be cut and mended, and may hang up whenever it hears `word`, without or with an answer."""

    def __init__(self, host: str, port: int, word: bytes = b"", answer: bytes = b"") -> None:
        self._far = (host, port)
        self._word = word
        self._answer = answer
        self.hung_up = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._listen()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._far)
                self._open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._word and self._word in data:
                    self.hung_up += 1
                    source.sendall(self._answer)
                    _close(source, target)
                    return
                target.sendall(data)

    def cut(self) -> None:
        _close(self._listener, *self._open)
        self._open.clear()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listen()


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

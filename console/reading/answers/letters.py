"""Dead letters one by one, for those who mend them."""

from __future__ import annotations

from base64 import b64decode

from infra.clickhouse.letters import LetterLine


class SeenLetter(LetterLine):
    """A refused message and the region it is known to be of, "" where nobody knows; the payload only where one letter is asked for."""

    region_id: str

    @property
    def kept(self) -> bytes:
        """The bytes that are kept of the message: cut when very large, none once they are forgotten or erased."""
        return b64decode(self.payload_base64)

    @property
    def is_whole(self) -> bool:
        return len(self.kept) == self.payload_bytes

"""A stop that ends. Faust's waits for the group's coordinator, which during an outage is as long as the outage.

Verified on faust-streaming 0.15.3 and aiokafka 0.14: after SIGTERM without a broker the worker was still there 40 s later.
"""

from __future__ import annotations

import logging
import os
import threading

log = logging.getLogger(__name__)
STOP_SECONDS = 15.0
"""Below the 20 s after which our supervisor sends SIGKILL."""
UNFINISHED = 1


def end_within(seconds: float = STOP_SECONDS) -> None:
    """End the process after so long, whatever still waits. Harmless to the data: what is not durable is not committed."""
    limit = threading.Timer(seconds, _leave, (seconds,))
    limit.daemon = True
    limit.start()


def _leave(seconds: float) -> None:
    log.error("the stop has not ended within %.0f s; leaving: what is in hand comes again at the next start", seconds)
    os._exit(UNFINISHED)

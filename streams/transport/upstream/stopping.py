"""A stop that ends. Faust's waits for the group's coordinator, which during an outage is as long as the outage:
after SIGTERM without a broker the worker was still there 40 s later.
"""

from __future__ import annotations

import threading

from streams.transport.watchdog import end_process

STOP_SECONDS = 15.0
"""Below the 20 s after which our supervisor sends SIGKILL."""


def end_within(reason: str = "the stop", seconds: float = STOP_SECONDS) -> None:
    """End the process after so long, whatever still waits. Harmless to the data: what is not durable is not committed."""
    text = f"{reason} (not over within {seconds:.0f} s, so the process was ended; what is in hand comes again at the next start)"
    limit = threading.Timer(seconds, end_process, (text,))
    limit.daemon = True
    limit.start()

"""`python -m streams.cli`: how the supervisor starts its children."""

import sys

from streams.cli.main import main

sys.exit(main())

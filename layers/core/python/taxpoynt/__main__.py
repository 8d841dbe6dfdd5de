"""`python -m taxpoynt` is the `taxpoynt` command."""

from __future__ import annotations

import sys

from taxpoynt.cli import main

if __name__ == "__main__":
    sys.exit(main())

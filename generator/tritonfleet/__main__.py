"""`python -m tritonfleet`: the command line."""

import sys

from tritonfleet.cli import main

sys.exit(main())

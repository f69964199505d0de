#!/usr/bin/env python
"""Django's command line. `make manage c="…"` runs it in the environment of `make run`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
    execute_from_command_line(sys.argv)

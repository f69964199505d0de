"""A database for one run, beside the installation's own, dropped when the run is over: nothing real is touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.db import connection

NAME = f"filo_bench_{os.getpid()}"


@contextmanager
def database() -> Iterator[None]:
    """Have the default connection lead to a migrated, empty database for the length of a block.

    Like Django's own test databases it begins as a copy of the one that the settings call TEMPLATE, where they do.
    """
    usual = connection.settings_dict["NAME"]
    copied = connection.settings_dict["TEST"].get("TEMPLATE")
    make = f'CREATE DATABASE "{NAME}"' + (f' TEMPLATE "{copied}"' if copied else "")
    _administer(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)', make)
    try:
        _lead_to(NAME)
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        _lead_to(usual)
        _administer(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def _administer(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - what Django's own tests use
        for statement in statements:
            cursor.execute(statement)


def _lead_to(name: str) -> None:
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    connection.settings_dict["NAME"] = name


def address() -> str:
    """The scratch database as a DATABASE_URL, for processes of their own."""
    settings: dict[str, Any] = connection.settings_dict
    who = quote(settings["USER"], safe="")
    if settings.get("PASSWORD"):
        who += ":" + quote(settings["PASSWORD"], safe="")
    port = f":{settings['PORT']}" if settings.get("PORT") else ""
    host = settings["HOST"]
    if host.startswith("/"):  # a socket's folder stands before the name
        return f"postgresql://{who}@{port}/{quote(host)}/{settings['NAME']}"
    return f"postgresql://{who}@{host}{port}/{settings['NAME']}"

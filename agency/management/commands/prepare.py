"""Brings an installation to this version of Filo: its database, its message catalogues, its static files."""

import sys
from io import StringIO
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm

from accounts.models import User
from agency.catalogues import compile_catalogues
from agency.installation import SAMPLE_LOADED


class Command(BaseCommand):
    """Migrate, compile, collect; what is already done is left alone. Refuses a database of a newer Filo."""

    help = __doc__
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """The one option."""
        parser.add_argument(
            "--sample",
            action="store_true",
            help="load the sample agency if nobody is here yet; the staff's password is read from the standard input",
        )

    def handle(self, *, sample: bool, **_options: Any) -> None:
        """Do it all; exit status 10 says that the sample agency was loaded."""
        try:
            self._refuse_newer()
        except OperationalError as error:
            raise CommandError(f"the database can't be reached: {str(error).splitlines()[0]}") from error
        self._migrate()
        compile_catalogues(settings.BASE_DIR)
        self._collect()
        if sample and "load_sample" in get_commands() and not User.objects.exists():
            self._say("loading the sample agency")
            call_command("load_sample", password=sys.stdin.readline().strip(), stdout=self.stderr)
            sys.exit(SAMPLE_LOADED)

    def _say(self, line: str) -> None:
        self.stderr.write(f"filo: {line}", style_func=str)

    def _refuse_newer(self) -> None:
        loader = MigrationExecutor(connection).loader
        ours = {config.label for config in apps.get_app_configs()}
        unknown = sorted(
            f"{app}.{name}"
            for app, name in loader.applied_migrations
            if app in ours and (app, name) not in loader.disk_migrations and (app, name) not in loader.replacements
        )
        if unknown:
            raise CommandError(f"the database was written by a newer Filo (it has {unknown[-1]}): start that version.")

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if not steps:
            return
        self._say("preparing the database")
        with tqdm(total=steps, unit="step", file=sys.stderr, leave=False, disable=not sys.stderr.isatty()) as bar:

            class Steps(StringIO):
                """Django's migrate says OK after each step."""

                def write(self, text: str, /) -> int:
                    bar.update(text.count("OK"))
                    return len(text)

            call_command("migrate", interactive=False, verbosity=1, stdout=Steps(), no_color=True)

    def _collect(self) -> None:
        self._say("collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)

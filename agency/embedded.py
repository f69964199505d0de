"""Starts what an installation has not got of its own, then runs Filo or one command: what `make run` and `make manage` call.

    python -m agency.embedded run       web, worker and beat, until Ctrl-C
    python -m agency.embedded manage    the management command in MANAGE_ARGUMENTS, whether or not the former runs

This process stays small: Django lives in the processes that it starts.
"""

import errno
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from socket import socket
from typing import Final, NoReturn

from agency.environment import HIGHEST_PORT, Environment, refuse
from agency.installation import BASE, Installation
from agency.postgres import PostgresError
from agency.processes import die_with_parent
from agency.supervisor import Supervisor, children_of, listening_socket

READY_SECONDS: Final = 60
READY: Final = 200


def say(line: str) -> None:
    """One line to the person who started us, beside what commands print on the standard output."""
    print(f"filo: {line}", file=sys.stderr, flush=True)


def run(environment: Environment) -> None:
    """Run Filo in the foreground until told to stop."""
    installation = Installation(environment)
    host = environment.text("FILO_BIND", "127.0.0.1")
    port = environment.number("PORT", 8000, 1, HIGHEST_PORT)
    installation.make_home()
    if not installation.running.take(wait=False):
        refuse(
            f"Filo already runs on {installation.home.root} ({installation.running.read()}): "
            "stop it first, or give this one a FILO_HOME of its own."
        )
    installation.running.write(f"process {os.getpid()}, port {port}")
    listener = _listen(host, port)
    installation.empty_queue()
    with installation.database(keep_for_others=False):
        password = secrets.token_urlsafe(9) if installation.embedded else None
        first = installation.prepare(sample_password=password)
        supervisor = Supervisor(
            children_of(
                installation.home.log,
                listener,
                threads=environment.number("FILO_THREADS", 16, 1, 256),
                web_workers=environment.number("FILO_WORKERS", 1, 1, 64),
            ),
            say,
        )
        supervisor.listen()
        try:
            supervisor.start()
            _greet(environment, installation, supervisor, password if first else None)
            supervisor.watch(lambda: _look_after_database(installation))
        finally:
            say("stopping")
            supervisor.stop()
    say("stopped")


def _look_after_database(installation: Installation) -> None:
    if installation.embedded and installation.server.running_pid() is None:
        say("PostgreSQL stopped; starting it again")
        try:
            installation.server.start()
        except PostgresError as error:
            say(str(error))
            time.sleep(1)


def _listen(host: str, port: int) -> socket:
    try:
        return listening_socket(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            refuse(
                f"port {port} is in use by another program: stop that one, or choose another port with PORT={port + 1}."
            )
        refuse(f"can't listen on {host}, port {port}: {error.strerror or error}. FILO_BIND and PORT say where to.")


def _greet(environment: Environment, installation: Installation, supervisor: Supervisor, password: str | None) -> None:
    until = time.monotonic() + READY_SECONDS
    port = environment.number("PORT", 8000, 1, HIGHEST_PORT)
    host = environment.text("FILO_BIND", "127.0.0.1")
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    while not _is_ready(here, port):
        if supervisor.asked_to_stop:
            return
        time.sleep(0.1)
        if time.monotonic() > until:
            say(f"not everything runs yet: what is said above and http://127.0.0.1:{port}/readyz tell what is missing")
            break
    address = environment.web_address("FILO_BASE_URL", f"http://127.0.0.1:{port}")
    lines = [f"Filo is ready: {address}/admin/"]
    if password is not None:
        lines += [
            f"    sign in as ada@filo.example with the password {password}",
            "    (shown this once; vito@, elena@ and marta@filo.example have the same one)",
        ]
    elif installation.embedded:
        lines += ['    to sign in: make manage c="login_link ada@filo.example"']
    if not environment.given("EMAIL_URL"):
        lines += [f"    mails are files in {installation.home.mail}"]
    print("\n".join([*lines, "    Ctrl-C stops it"]), flush=True)


def _is_ready(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == READY
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def manage(environment: Environment, arguments: list[str]) -> int:
    """Run one management command; its exit status."""
    installation = Installation(environment)
    installation.make_home()
    with installation.database(keep_for_others=True):
        if not installation.running.held_elsewhere():
            installation.prepare(sample_password=None)
        # Ctrl-C reaches the command through the terminal; we outlive it, to put away what we started.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        command = subprocess.Popen([sys.executable, "manage.py", *arguments], preexec_fn=_as_a_command)  # noqa: PLW1509 - no threads here
        signal.signal(signal.SIGTERM, lambda *_: command.terminate())
        status = command.wait()
    return status if status >= 0 else 128 - status


def _as_a_command() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent(signal.SIGTERM)


def _end(*_signal: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def main() -> None:
    """Carry out what the command line says."""
    os.chdir(BASE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
    signal.signal(signal.SIGTERM, _end)
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)  # make waits for us, unless somebody kills it
    arguments = os.environ.pop("MANAGE_ARGUMENTS", "")
    environment = Environment()
    environment.refuse_unknown()
    try:
        match sys.argv[1:]:
            case ["run"]:
                run(environment)
            case ["manage"]:
                sys.exit(manage(environment, shlex.split(arguments)))
            case _:
                refuse("say run or manage")
    except PostgresError as error:
        refuse(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()

"""Makes .venv and installs what the requirements say, only when they changed. Needs nothing but Python 3.11 itself.

    python3 agency/install.py         what Filo runs on
    python3 agency/install.py --dev   and what working on it needs

It says what it does on the standard error stream, and nothing where there is nothing to do.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = VENV / "tools"  # the installer itself, out of the way of what it installs
STAMP = VENV / "installed.json"
RUN = BASE / "requirements.txt"
DEV = BASE / "requirements-dev.txt"


def say(line: str) -> None:
    """One line of progress."""
    print(f"filo: {line}", file=sys.stderr, flush=True)


def stop(line: str) -> None:
    """One line of explanation, and the end."""
    raise SystemExit(f"filo: {line}")


def wanted(dev: bool) -> dict[str, str]:  # noqa: FBT001
    """What the stamp should say: the digest of each requirements file."""
    files = [RUN, DEV] if dev else [RUN]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def installed() -> dict[str, str]:
    """What the stamp says; nothing where there is none, as after an interrupted start."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def venv_works() -> bool:
    """Whether .venv has a Python that runs, and is still of the version that it was made with."""
    if not PYTHON.exists():
        return False
    ask = "import sys; print('python%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([PYTHON, "-c", ask], check=False, capture_output=True, text=True)
    return answer.returncode == 0 and (VENV / "lib" / answer.stdout.strip()).is_dir()


def run(*command: object, failure: str) -> None:
    """Run a command, its output passed on to the standard error stream; ``failure`` is what to say if it fails."""
    # The certificates that this machine trusts, as pip and every other program of it: firms have their own.
    environment = {"UV_SYSTEM_CERTS": "1"} | os.environ
    index = index_of_pip()
    if index and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & os.environ.keys():
        environment["UV_DEFAULT_INDEX"] = index
    if subprocess.run([str(part) for part in command], check=False, stdout=sys.stderr, env=environment).returncode:
        stop(failure)


def index_of_pip() -> str:
    """Where pip was told to look for packages; empty if nowhere else than usual."""
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(ask, check=False, capture_output=True, text=True)
    return os.environ.get("PIP_INDEX_URL") or (answer.stdout.strip() if answer.returncode == 0 else "")


def has(module: str) -> bool:
    """Whether this Python can run the module."""
    return not subprocess.run([sys.executable, "-m", module, "--version"], check=False, capture_output=True).returncode


def have_pip() -> None:
    """Debian's python3 comes without pip: as root fetch it, else say who can."""
    if has("pip") or has("ensurepip"):
        return
    debian("python3-venv")
    if not has("ensurepip"):
        stop("this Python has neither pip nor venv. On Debian: sudo apt install python3-venv")


def debian(package: str) -> None:
    """Install a package of Debian's, where we may; otherwise nothing happens."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"installing Debian's {package}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", package]
    for command in (["apt-get", "-qq", "update"], install):
        subprocess.run(command, check=False, capture_output=True, env=environment)


def have_ffmpeg() -> None:
    """Videos need ffmpeg, which no package of PyPI brings whole; all the rest works without."""
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        debian("ffmpeg")
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        say("without ffmpeg there are pictures but no videos. On Debian: sudo apt install ffmpeg")


def make_venv() -> None:
    """An empty environment; what an interrupted start left is replaced."""
    say("making .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", VENV], check=False, capture_output=True, text=True
    )
    if made.returncode:
        stop(f"could not make {VENV}: {(made.stderr or made.stdout).strip().splitlines()[-1]}")


def uv() -> Path:
    """The installer, at the version and with the hashes of requirements-dev.txt."""
    ours = TOOLS / "bin" / "uv"
    if ours.exists():
        return ours
    have_pip()
    say("fetching the installer")
    with tempfile.TemporaryDirectory() as folder:
        pin = Path(folder) / "uv.txt"
        pin.write_text(pinned("uv"))
        if has("pip"):
            pip = [sys.executable, "-m", "pip"]
        else:
            run(sys.executable, "-m", "venv", Path(folder) / "pip", failure="could not make an environment with pip")
            pip = [str(Path(folder) / "pip" / "bin" / "python"), "-m", "pip"]
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        run(
            *pip,
            "install",
            *options,
            "--target",
            TOOLS,
            "-r",
            pin,
            failure="could not fetch the installer, uv, with pip",
        )
    return ours


def pinned(package: str) -> str:
    """One package's lines of requirements-dev.txt, hashes included."""
    lines: list[str] = []
    for line in DEV.read_text().splitlines():
        if lines and not lines[-1].endswith("\\"):
            break
        if lines or line.startswith(f"{package}=="):
            lines.append(line)
    return "\n".join(lines) + "\n"


def install(dev: bool) -> None:  # noqa: FBT001
    """Bring .venv to what the requirements say."""
    if not venv_works():
        make_venv()
    STAMP.unlink(missing_ok=True)
    installer = uv()
    say("installing packages")
    sync = ["pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, DEV if dev else RUN]
    if sys.stderr.isatty():
        sync.remove("--quiet")
    run(installer, *sync, failure="the packages could not be installed")
    have_ffmpeg()
    STAMP.write_text(json.dumps(wanted(dev)))


def main() -> None:
    """Install, if there is anything to."""
    if sys.version_info < (3, 11):  # noqa: UP036 - said in words to whoever starts it with an older one
        stop("Filo needs Python 3.11 or newer; `make PYTHON=python3.12 run` names another one.")
    with Path(__file__).open() as ourselves:
        fcntl.flock(ourselves, fcntl.LOCK_EX)  # one at a time
        there = installed() if venv_works() else {}
        dev = "--dev" in sys.argv[1:] or DEV.name in there
        if wanted(dev).items() <= there.items():
            return
        try:
            install(dev)
        except OSError as error:
            stop(f"could not install into {VENV}: {error.strerror or error}")


if __name__ == "__main__":
    main()

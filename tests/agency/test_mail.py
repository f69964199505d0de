"""Mail without a mail server: files."""

import email
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from agency.mail import FolderBackend


@pytest.fixture
def letters(tmp_path: Path, settings: Settings) -> Path:
    """The folder they land in."""
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def letter(message_id: str, text: str) -> EmailMultiAlternatives:
    """A mail as notifications send them."""
    made = EmailMultiAlternatives(
        "Roero: «Vendemmia» aspetta te", text, "filo@studio.example", ["cliente@filo.example"]
    )
    made.extra_headers["Message-ID"] = message_id
    made.attach_alternative(f"<p>{text}</p>", "text/html")
    return made


def test_one_file_a_mail(letters: Path) -> None:
    sent = FolderBackend().send_messages([letter("<1@filo>", "Perché no?"), letter("<2@filo>", "E poi?")])
    files = sorted(letters.iterdir())
    assert (sent, [file.suffix for file in files]) == (2, [".eml", ".eml"])
    read = {(mail := email.message_from_bytes(file.read_bytes()))["Message-ID"]: mail for file in files}
    assert read["<1@filo>"]["To"] == "cliente@filo.example"
    parts = [part.get_payload(decode=True) for part in read["<1@filo>"].walk() if not part.is_multipart()]
    assert parts == ["Perché no?".encode(), "<p>Perché no?</p>".encode()]


def test_a_second_try_is_the_same_mail(letters: Path) -> None:
    backend = FolderBackend()
    backend.send_messages([letter("<1@filo>", "before the crash")])
    backend.send_messages([letter("<1@filo>", "after it")])
    [only] = letters.iterdir()
    assert b"after it" in only.read_bytes()


def test_nothing_of_a_mail_that_could_not_be_written(letters: Path) -> None:
    letters.parent.joinpath("mail").write_text("a file in the way")
    with pytest.raises(OSError, match="exists"):
        FolderBackend().send_messages([letter("<1@filo>", "x")])

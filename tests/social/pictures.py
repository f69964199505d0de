"""Pictures for tests."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from clients.models import Client
from social.models import Media
from social.services import add_media


def png(colour: str = "#7A1F3D", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return SimpleUploadedFile("foto.png", data.getvalue(), "image/png")


def stored(user: User, client: Client, alt_text: str = "Grappoli", colour: str = "#7A1F3D") -> Media:
    """The same, in the client's library."""
    return add_media(user=user, client=client, file=png(colour), alt_text=alt_text)

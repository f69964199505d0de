"""Pictures that are larger than Bluesky takes."""

import dataclasses
import io

import pytest
from PIL import Image

from social.networks.base import Refused
from social.networks.bluesky.pictures import MAX_BYTES, MAX_SIDE, fitted
from tests.social.networks.conftest import item_of, noise, picture


def test_a_small_picture_goes_out_byte_for_byte() -> None:
    item = picture((30, 20))
    out = fitted(item)
    assert (out.data, out.mime, out.width, out.height) == (item.open().read(), "image/png", 30, 20)


def test_a_large_picture_is_made_to_fit_and_keeps_its_proportions() -> None:
    item = noise((3000, 1500))
    assert item.size > MAX_BYTES
    out = fitted(item)
    with Image.open(io.BytesIO(out.data)) as image:
        assert (image.format, image.size) == ("JPEG", (out.width, out.height))
    assert len(out.data) <= MAX_BYTES
    assert (max(out.width, out.height) <= MAX_SIDE, out.width / out.height) == (True, 2.0)


def test_it_is_the_same_each_time() -> None:
    item = noise((1400, 1000))
    assert fitted(item) == fitted(item)


def test_what_is_transparent_becomes_white() -> None:
    out = fitted(noise((1200, 1000), "RGBA"))
    with Image.open(io.BytesIO(out.data)) as image:
        assert image.getpixel((600, 500)) == (255, 255, 255)


def test_other_bytes_than_the_approved_ones_never_go_out() -> None:
    changed = dataclasses.replace(picture(), open=picture(colour="navy").open)
    with pytest.raises(Refused) as refused:
        fitted(changed)
    assert refused.value.code == "picture_not_valid"


def test_what_is_no_picture_is_said_so() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        fitted(item_of(b"x" * (MAX_BYTES + 1), "image/jpeg", (10, 10)))

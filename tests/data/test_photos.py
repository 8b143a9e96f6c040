"""Photographs: orientation, transparency, greyscale, sizes, label files, and what is said of files that are none."""

import io

import numpy as np
import pytest
from PIL import Image

from jxai.data.photos import fit, pad, read_labels, read_photo

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 0], [0, 255, 255], [9, 9, 9]]], np.uint8)


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [(1, COLOURS), (3, COLOURS[::-1, ::-1]), (6, np.rot90(COLOURS, -1)), (8, np.rot90(COLOURS)), (2, COLOURS[:, ::-1])],
)
def test_orientation(tmp_path, orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLOURS).save(tmp_path / "photo.png", exif=exif)
    np.testing.assert_array_equal(read_photo(tmp_path / "photo.png"), expected)


def test_transparent_is_white(tmp_path):
    layered = np.zeros((1, 3, 4), np.uint8)
    layered[0, :, 3] = 0, 128, 255
    Image.fromarray(layered).save(tmp_path / "photo.png")
    assert read_photo(tmp_path / "photo.png")[0, :, 0].tolist() == [255, 127, 0]
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    palette.save(tmp_path / "palette.png", transparency=0)
    assert read_photo(tmp_path / "palette.png")[0].tolist() == [[255, 255, 255], [40, 50, 60]]


def test_greyscale_becomes_rgb(tmp_path):
    Image.fromarray(np.array([[0, 70]], np.uint8)).save(tmp_path / "grey.png")
    assert read_photo(tmp_path / "grey.png").tolist() == [[[0, 0, 0], [70, 70, 70]]]
    Image.fromarray(np.array([[0, 32768, 65535]], np.uint16)).save(tmp_path / "deep.png")
    assert read_photo(tmp_path / "deep.png")[0, :, 1].tolist() == [0, 128, 255]
    Image.new("CMYK", (2, 2), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    assert read_photo(tmp_path / "print.jpg").shape == (2, 2, 3)


def test_files_that_are_no_pictures(tmp_path):
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "jpeg")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(buffer.getvalue()[:-500])
    (tmp_path / "start.jpg").write_bytes(buffer.getvalue()[:10])
    for name, message in (
        ("absent.jpg", "no such file"),
        ("", "a folder"),
        ("empty.png", "an empty file"),
        ("text.jpg", "a file that is none"),
        ("cut.jpg", "truncated or damaged"),
        ("start.jpg", "expected a"),
    ):
        with pytest.raises(ValueError, match=message):
            read_photo(tmp_path / name)


def test_every_cut_of_a_png_is_refused_or_has_all_pixels(tmp_path):
    buffer, refused = io.BytesIO(), 0
    Image.fromarray(COLOURS).save(buffer, "png")
    whole = buffer.getvalue()
    for length in range(1, len(whole)):
        (tmp_path / "cut.png").write_bytes(whole[:length])
        try:
            np.testing.assert_array_equal(read_photo(tmp_path / "cut.png"), COLOURS)
        except ValueError as error:
            assert str(error).startswith("expected a")
            refused = length
    assert refused > len(whole) - 32  # the end of a PNG file carries no pixels


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (31, 31), (400, 45)])
def test_fit_keeps_the_middle(shape):
    image = np.zeros((*shape, 3), np.uint8)
    h, w = shape
    image[h // 2 - 2 : h // 2 + 2, w // 2 - 2 : w // 2 + 2] = 255
    fitted = fit(image, 24, crop=0.8, resample="bilinear")
    assert fitted.shape == (24, 24, 3) and fitted.dtype == np.float32
    assert 0 <= fitted.min() and fitted.max() <= 1
    y, x = np.indices((24, 24))
    weight = fitted[..., 0] / fitted[..., 0].sum()
    assert abs((y * weight).sum() - 11.5) < 1 and abs((x * weight).sum() - 11.5) < 1


def test_fit_resizes_the_exact_square():
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    expected = image[8:56, 24:72].astype(np.float32) / 255
    np.testing.assert_array_equal(fit(image, 48, crop=0.75), expected)
    np.testing.assert_array_equal(fit(image[:64, :64], 64, crop=1.0), image[:64, :64].astype(np.float32) / 255)


def test_pad_keeps_the_whole_picture():
    padded = pad(np.full((10, 20, 3), 255, np.uint8), 40, colour=(0, 0, 0))
    assert padded.shape == (40, 40, 3)
    assert padded[10:30].min() == 1 and padded[:9].max() == 0 and padded[31:].max() == 0


def test_fit_refuses(tmp_path):
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="uint8"):
        fit(image.astype(np.float32), 4)
    with pytest.raises(ValueError, match="crop above 0"):
        fit(image, 4, crop=1.5)
    with pytest.raises(ValueError, match="expected a resample"):
        fit(image, 4, resample="lanczos")
    with pytest.raises(ValueError, match="size of 1"):
        pad(image, 0)


def test_labels(tmp_path):
    (tmp_path / "labels.txt").write_bytes("  tench, Tinca\r\nmésange \n\n".encode())
    assert read_labels(tmp_path / "labels.txt") == ["tench, Tinca", "mésange"]
    for content, message in ((b"a\n\nb", "empty line 2"), (b"\xff\xfe\x00", "UTF-8"), (b"", "empty line 1")):
        (tmp_path / "bad.txt").write_bytes(content)
        with pytest.raises(ValueError, match=message):
            read_labels(tmp_path / "bad.txt")
    with pytest.raises(ValueError, match="there is none"):
        read_labels(tmp_path / "absent.txt")


def test_real_labels_and_photos(shared_data):
    labels = read_labels(shared_data / "models" / "imagenet_labels.txt")
    assert len(labels) == 1001 and labels[:2] == ["background", "tench, Tinca tinca"]
    assert len(read_labels(shared_data / "models" / "inat_bird_labels.txt")) == 965
    photos = [p for p in sorted((shared_data / "images" / "demo").iterdir()) if p.suffix in (".jpg", ".jpeg", ".png")]
    assert photos
    for path in photos:
        assert fit(read_photo(path), 64).std() > 0.05

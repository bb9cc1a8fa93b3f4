"""Writes Tests/Fixtures/formats: small files made by other programs, for FileFormatsTests to read.

  make_format_fixtures.py           make the fixtures anew
  make_format_fixtures.py --check D read the files that the tests wrote into folder D
                                    (ATELIER_WRITE_FORMATS=D scripts/test) with the same programs

Needs numpy, pillow, safetensors and tensorboardX; for --check, tensorboard too.
"""

import gzip
import io
import json
import os
import struct
import sys
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageOps

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")


def pattern(height, width, channels):
    """The same formula stands in Support.swift: pixels nobody has to store."""
    r, c, k = np.ogrid[:height, :width, :channels]
    return ((r * 37 + c * 11 + k * 71 + r * c * 5) & 255).astype(np.uint8)


def smooth(height, width):
    """A picture that JPEG keeps well."""
    r, c = np.mgrid[:height, :width]
    planes = [255 * r / (height - 1), 255 * c / (width - 1), 255 - 127 * (r + c) / (height + width)]
    return np.stack(planes, axis=-1).astype(np.uint8)


def write(name, data):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def npy(array, version=None):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version)
    return buffer.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width, height, depth, color, rows, interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def make_png():
    gray, rgb, rgba = (pattern(7, 5, k) for k in (1, 3, 4))
    write("gray.png", encoded(Image.fromarray(gray[..., 0]), format="PNG"))
    write("rgb.png", encoded(Image.fromarray(rgb), format="PNG"))
    write("rgba.png", encoded(Image.fromarray(rgba), format="PNG"))
    palette = Image.fromarray(rgb).quantize(64, dither=Image.Dither.NONE)
    write("palette.png", encoded(palette, format="PNG"))
    write("palette.npy", npy(np.asarray(palette.convert("RGB"))))
    write("bilevel.png", encoded(Image.fromarray(gray[..., 0] >= 128), format="PNG"))
    gray_alpha = Image.fromarray(np.concatenate([gray, 255 - gray], axis=-1), "LA")
    write("gray_alpha.png", encoded(gray_alpha, format="PNG"))
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in rgb)
    write("rgb16.png", raw_png(5, 7, 16, 2, rows))
    passes = [
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ]
    rows = b""
    for top, left, down, across in passes:
        for row in gray[top::down, left::across, 0]:
            if row.size:
                rows += b"\0" + row.tobytes()
    write("interlaced.png", raw_png(5, 7, 8, 0, rows, interlace=1))
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("parameters", "a line\nand another")
    info.add_itxt("atelier", json.dumps({"seed": 7, "name": "Käthe"}, ensure_ascii=False))
    info.add_text("packed", "x" * 100, zip=True)
    write("texts.png", encoded(Image.fromarray(gray[..., 0]), format="PNG", pnginfo=info))


def make_jpeg():
    image = Image.fromarray(smooth(19, 27))
    files = {
        "baseline": encoded(image, format="JPEG", quality=90),
        "progressive": encoded(image, format="JPEG", quality=90, progressive=True),
        "gray": encoded(image.convert("L"), format="JPEG", quality=90),
    }
    for name, data in files.items():
        write(f"{name}.jpg", data)
        write(f"{name}_jpg.npy", npy(np.asarray(Image.open(io.BytesIO(data)))))
    write("cmyk.jpg", encoded(image.convert("CMYK"), format="JPEG"))
    write("really_png.jpg", encoded(Image.fromarray(pattern(7, 5, 3)), format="PNG"))
    write("picture.webp", encoded(image, format="WEBP"))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = encoded(
            Image.fromarray(smooth(8, 16)), format="JPEG", quality=95, subsampling=0, exif=exif
        )
        write(f"orientation{orientation}.jpg", data)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        write(f"orientation{orientation}.npy", npy(np.asarray(upright)))


def make_resized():
    image = Image.fromarray(pattern(37, 23, 3))
    for height, width in [(8, 9), (50, 61), (37, 5), (1, 1)]:
        resized = image.resize((width, height), Image.Resampling.BILINEAR)
        write(f"resized_{height}x{width}.npy", npy(np.asarray(resized)))
    alpha = Image.fromarray(pattern(37, 23, 4))
    write("resized_rgba_8x9.npy", npy(np.asarray(alpha.resize((9, 8), Image.Resampling.BILINEAR))))
    write("luma.npy", npy(np.asarray(image.convert("L"))))


def idx(array):
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    shape = b"".join(struct.pack(">I", n) for n in array.shape)
    return (
        struct.pack(">BBBB", 0, 0, code, array.ndim)
        + shape
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


def numbers(dtype, shape=(2, 3)):
    """-3, -2, … or 0, 1, …: whole numbers that every type holds."""
    start = 0 if np.dtype(dtype).kind in "ub" else -3
    return np.arange(start, start + int(np.prod(shape))).reshape(shape).astype(dtype)


def make_arrays():
    for code in ["u1", "i1", "i2", "i4", "f4", "f8"]:
        write(f"{code}.idx", idx(numbers(code)))
    write("u1.idx.gz", gzip.compress(idx(numbers("u1")), mtime=0))
    for code in ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
        write(f"{code.replace('?', 'bool')}.npy", npy(numbers(code)))
    write("version2.npy", npy(numbers("f4"), version=(2, 0)))
    write("big_endian.npy", npy(numbers(">f4")))
    write("fortran.npy", npy(np.asfortranarray(numbers("i4", (2, 3, 4)))))
    write("scalar.npy", npy(np.float32(2.5)))
    write("empty.npy", npy(np.zeros((0, 3), np.float32)))
    write("line.npy", npy(numbers("f4", (5,))))
    structured = np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")])
    write("structured.npy", npy(structured))
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    write("objects.npy", buffer.getvalue())
    halves = np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, 0.1], np.float16)
    write("halves.npy", npy(halves))
    write("halves_as_f4.npy", npy(halves.astype(np.float32)))
    for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
        buffer = io.BytesIO()
        save(buffer, x=numbers("u1", (4, 3, 2)), y=numbers("i8", (4,)))
        write(f"{name}.npz", buffer.getvalue())


def make_archives():
    text = b"the quick brown fox " * 20
    write("text.gz", gzip.compress(text, mtime=0))
    write("two_members.gz", gzip.compress(text, mtime=0) + gzip.compress(b"end", mtime=0))
    buffer = io.BytesIO()
    stamp = (2001, 2, 3, 4, 5, 6)
    with zipfile.ZipFile(buffer, "w") as archive:

        def add(name, data, method, **options):
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = method
            with archive.open(info, "w", **options) as file:
                file.write(data)

        archive.writestr(zipfile.ZipInfo("folder/", stamp), b"")
        add("folder/stored.txt", text, zipfile.ZIP_STORED)
        add("folder/deflated.txt", text, zipfile.ZIP_DEFLATED)
        add("größe.txt", b"utf-8 name", zipfile.ZIP_STORED)
        add("zip64.txt", text, zipfile.ZIP_DEFLATED, force_zip64=True)
        add("nothing", b"", zipfile.ZIP_STORED)
        archive.comment = b"a comment"
    write("archive.zip", buffer.getvalue())

    class Pipe(io.RawIOBase):
        """Cannot seek, so sizes follow the data."""

        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, piece):
            self.data += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr(zipfile.ZipInfo("streamed.txt", stamp), text, zipfile.ZIP_DEFLATED)
    write("streamed.zip", pipe.data)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("bzip2.txt", stamp), text, zipfile.ZIP_BZIP2)
    write("bzip2.zip", buffer.getvalue())
    buffer = io.BytesIO()
    limit, zipfile.ZIP_FILECOUNT_LIMIT = zipfile.ZIP_FILECOUNT_LIMIT, 1
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ["a", "b", "c"]:
            archive.writestr(zipfile.ZipInfo(name, stamp), name.encode())
    zipfile.ZIP_FILECOUNT_LIMIT = limit
    # Make the ordinary record point nowhere, as a writer of a huge archive must.
    data = bytearray(buffer.getvalue())
    data[-22 + 8 : -22 + 20] = b"\xff" * 12
    write("zip64_directory.zip", bytes(data))


def make_safetensors():
    from safetensors.numpy import save

    codes = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
    arrays = {code.replace("?", "bool"): numbers(code) for code in codes}
    arrays["scalar"] = np.array(2.5, np.float32)
    arrays["empty"] = np.zeros((0, 4), np.float32)
    write("arrays.safetensors", save(arrays, metadata={"format": "np", "note": 'größe "x"\n'}))
    from safetensors import TensorSpec, serialize

    bits = (np.array([1.0, -2.5, 3.0], np.float32).view(np.uint32) >> 16).astype(np.uint16)
    spec = TensorSpec(dtype="bfloat16", shape=(3,), data_ptr=bits.ctypes.data, data_len=6)
    write("bfloat16.safetensors", bytes(serialize({"b": spec}, None)))


def make_events():
    import glob
    import shutil
    import tempfile
    from tensorboardX import SummaryWriter

    folder = tempfile.mkdtemp()
    writer = SummaryWriter(folder)
    for step in range(4):
        writer.add_scalar("loss", 1 / (step + 1), step, walltime=1000 + step)
    writer.add_image("sample", pattern(7, 5, 3), 3, walltime=1003.5, dataformats="HWC")
    writer.close()
    shutil.copy(glob.glob(folder + "/events*")[0], os.path.join(FOLDER, "events.tfevents"))
    shutil.rmtree(folder)


def make_lines():
    rows = [
        {"step": 0, "loss": 0.5},
        {"step": 1, "loss": 1e-3, "text": "ä\n", "list": [1, None, True, {"x": -2.5}]},
    ]
    write("lines.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())


def check(folder):
    """Reads what the tests wrote with the programs it is meant for."""

    def path(name):
        return os.path.join(folder, name)

    for channels, mode in [(1, "L"), (3, "RGB"), (4, "RGBA")]:
        image = Image.open(path(f"{mode}.png"))
        assert image.mode == mode and "srgb" in image.info, image.info
        assert json.loads(image.text["atelier"]) == {"seed": 7, "title": "größe"}, image.text
        assert image.text["parameters"] == "seed 7", image.text
        want = pattern(7, 5, channels)
        assert np.array_equal(np.asarray(image).reshape(want.shape), want), mode
    for name in ["gray.jpg", "rgb.jpg"]:
        error = np.abs(
            np.asarray(Image.open(path(name)).convert("RGB")).astype(int)
            - np.asarray(
                Image.fromarray(smooth(19, 27))
                .convert("L" if name == "gray.jpg" else "RGB")
                .convert("RGB")
            )
        )
        assert error.max() <= 6, (name, error.max())
    with np.load(path("arrays.npz")) as arrays:
        assert np.array_equal(arrays["f4"], numbers("f4")) and arrays["f4"].dtype == np.float32
        assert np.array_equal(arrays["u1"], numbers("u1")) and arrays["u1"].dtype == np.uint8
    assert zipfile.ZipFile(path("arrays.npz")).testzip() is None
    from safetensors import safe_open

    with safe_open(path("arrays.safetensors"), "np") as file:
        assert file.metadata()["model"] == 'größe "x"', file.metadata()
        assert np.array_equal(file.get_tensor("f4"), numbers("f4"))
        assert np.array_equal(file.get_tensor("u1"), numbers("u1"))
    assert gzip.open(path("text.gz")).read() == b"the quick brown fox " * 20
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(path("events.out.tfevents.1")).Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(0, 1.0), (5, 0.5)]
    image = events.Images("sample")[0]
    assert (image.height, image.width, image.step) == (7, 5, 5)
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(image.encoded_image_string))), pattern(7, 5, 3)
    )
    print("all files are read as they were meant")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    else:
        os.makedirs(FOLDER, exist_ok=True)
        for make in [
            make_png,
            make_jpeg,
            make_resized,
            make_arrays,
            make_archives,
            make_safetensors,
            make_events,
            make_lines,
        ]:
            make()

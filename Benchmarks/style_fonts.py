#!/usr/bin/env python3
"""Sorts fonts into the five folders that the figures of `atelier train gan --preset can` are of.

    style_fonts.py FOLDER …  OUT

Of each family below that lies in one of the folders, the most usual face is copied to OUT/serif,
sans, mono, script or blackletter, which `atelier … --fonts OUT` takes for the styles. The families
are of Debian's fonts-* packages that README.md names, and of texlive-fonts-extra; mono are
typewriters' alone, since a letter without serifs does not tell whether others are as wide. Needs
fontconfig.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

FAMILIES = {
    "serif": """
        QTBasker, QTBookmann, QTGaromand, QTPalatine, QTWeise, Arvo, BaskervilleF, Bitter,
        Cardo, Cochineal, Cormorant Garamond, Crimson Pro, Domitian, EB Garamond, ETbb,
        GFS Didot, IBM Plex Serif, Liberation Serif, Libre Baskerville, Libre Caslon Text,
        Noto Serif, PT Serif, Source Serif Pro, STIX Two Text, Vollkorn, C059, URW Bookman,
        Tempora
    """,
    "sans": """
        QTAncientOlive, QTEraType, QTFrank, QTFuture, QTVagaRound, Arimo,
        Atkinson Hyperlegible, Cabin, Carlito, Clear Sans, Cuprum, Droid Sans, FreeSans, Go,
        Hind Madurai, Inria Sans, Iwona, Kurier, Lexend Deca, Libertinus Sans,
        Libris ADF Std, Magra, Montserrat, Nunito, Overlock, Quattrocento Sans, Raleway,
        Rosario, Universalis ADF Std, Nimbus Sans
    """,
    "mono": """
        ALM Fixed, UM Typewriter, KpMono, Courier 10 Pitch, Nimbus Mono PS, newtxtt,
        Go Mono, CMU Typewriter Text, Libertinus Mono, FreeMono, QTPristine
    """,
    "script": """
        QTArabian, QTArtiston, QTBoulevard, QTBrushStroke, QTCascadetype, QTChanceryType,
        QTCoronation, QTFlorencia, QTHandwriting, QTLinostroke, QTMerryScript, QTSlogantype,
        AuriocusKalligraphicus, JanaSkrivana, LukasSvatba, CALLIG15, Miama Nueva, frcr10,
        Kaushan Script, Dancing Script, Lobster Two, Kristi, Joscelyn, Z003, Ecolier_court,
        Romande ADF Script Std
    """,
    "blackletter": """
        QTBlackForest, QTCloisteredMonk, QTFraktur, QTHeidelbergType, QTLinoscroll,
        QTLondonScroll, yfrak, ygoth, yswab, Missaali, Blankenburg_UNZ1A, Isabella,
        Gamaliel, Boondox Fraktur
    """,
}
SUFFIXES = (".otf", ".ttf", ".pfb")


def distance(style):
    """How far a face is from upright text of usual weight."""
    usual = {"regular", "roman", "book", "text", "normal"}
    words = set(re.findall("[a-z]+", style.lower()))
    return 2 * len(words - usual - {"medium"}) + (not words & usual)


def faces(folders):
    """The file of each family's most usual face."""
    files = [str(file) for folder in folders for file in sorted(Path(folder).rglob("*"))]
    files = [file for file in files if file.endswith(SUFFIXES) and "Logo" not in file]
    found = {}
    for start in range(0, len(files), 500):
        command = ["fc-scan", "--format", "%{family[0]}|%{style[0]}|%{file}\n"]
        lines = subprocess.run(
            command + files[start : start + 500], capture_output=True, text=True, check=False
        ).stdout
        for line in lines.splitlines():
            family, style, file = line.split("|", 2)
            if family not in found or distance(style) < found[family][0]:
                found[family] = (distance(style), file)
    return {family: file for family, (_, file) in found.items()}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    *folders, out = sys.argv[1:]
    found = faces(folders)
    for style, names in FAMILIES.items():
        target = Path(out) / style
        target.mkdir(parents=True, exist_ok=True)
        names = [name.strip() for name in " ".join(names.split()).split(",")]
        missing = [name for name in names if name not in found]
        for name in names:
            if name in found:
                shutil.copy(found[name], target)
        print(f"{style}: {len(names) - len(missing)} of {len(names)} families")
        if missing:
            print("  not there: " + ", ".join(missing))


main()

#!/usr/bin/env python3
"""Sorts fonts into the five styles that `atelier train gan --preset can` is measured on.

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
OTHER = re.compile("bold|black|demi|light|slant|ital|cond", re.IGNORECASE)
REGULAR, USUAL = 80, 100  # fontconfig's weight and width of plain text


def faces(folders):
    """The file of each family's plainest face, whatever the order of the folders."""
    files = [str(file) for folder in folders for file in Path(folder).rglob("*")]
    # A logo has its family's name and a few letters.
    files = [file for file in files if file.endswith(SUFFIXES) and "Logo" not in Path(file).name]
    found = {}
    for start in range(0, len(files), 500):
        form = "%{family[0]}|%{slant}|%{weight}|%{width}|%{style[0]}|%{file}\n"
        command = ["fc-scan", "--format", form, *files[start : start + 500]]
        lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for line in lines.splitlines():
            family, slant, weight, width, style, file = line.split("|", 5)
            far = [abs(float(n or d) - d) for n, d in ((weight, REGULAR), (width, USUAL))]
            name = Path(file).name
            # Old files do not say what they are but by their names.
            doubts = (file.endswith(".pfb"), bool(OTHER.search(name)))
            plainness = (*doubts, slant not in ("", "0"), *far, len(style), len(name), name, file)
            found[family] = min(found.get(family, plainness), plainness)
    return {family: plainness[-1] for family, plainness in found.items()}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    *folders, out = sys.argv[1:]
    if Path(out).exists():
        sys.exit(f"{out}: expected a new folder")
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

"""Prints the areas and boxes, in ems, that GlyphTests.swift expects of DejaVu Sans.

fontTools reads the outlines and computes the areas from their curves, without FreeType:

    python3 -m pip install fonttools && python3 Tests/Fixtures/measure_glyphs.py
"""

from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

font = TTFont("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
glyphs, names, em = font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm
for character in "MOi8":
    glyph = glyphs[names[ord(character)]]
    area, bounds = AreaPen(glyphs), BoundsPen(glyphs)
    glyph.draw(area)
    glyph.draw(bounds)
    left, bottom, right, top = bounds.bounds
    sizes = [abs(area.value) / em**2, (right - left) / em, (top - bottom) / em]
    print(character, " ".join(f"{size:.6f}" for size in sizes))

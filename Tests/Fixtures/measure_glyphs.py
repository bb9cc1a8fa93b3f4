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
    print(f'("{character}", {abs(area.value) / em**2:.6f}, {(right - left) / em:.6f}, {(top - bottom) / em:.6f}),')

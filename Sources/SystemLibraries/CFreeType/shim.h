#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

// Swift does not import macros with casts, and the types of FT_Outline's members differ between
// releases of FreeType; these do not.
static const int atelier_glyph_outline_in_font_units = FT_LOAD_NO_SCALE;
static const int atelier_raster_flags = FT_RASTER_FLAG_AA | FT_RASTER_FLAG_DIRECT | FT_RASTER_FLAG_CLIP;
static const int atelier_even_odd = FT_OUTLINE_EVEN_ODD_FILL;

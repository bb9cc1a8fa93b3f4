// The texts of the explorer's page, embedded, so that the program needs no files beside it.
#pragma once
#include <stddef.h>

typedef enum explorer_text {
  EXPLORER_HTML = 0,  // with places for the others: {{title}} {{style}} {{content}} {{scripts}}
  EXPLORER_CSS,
} explorer_text;

// A text, which ends with a 0.
const char *_Nonnull explorer_page_text(explorer_text text);

// The scripts in the order in which the page loads them; NULL behind the last.
const char *_Nullable explorer_page_script(size_t index);

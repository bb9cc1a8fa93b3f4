// C's #embed, because the compiler takes it in at once; Swift's literals of this size take seconds.
#include "CExplorerPage.h"

static const char html[] = {
#embed "explorer.html" suffix(, )
    0};
static const char css[] = {
#embed "explorer.css" suffix(, )
    0};
static const char content_script[] = {
#embed "content.js" suffix(, )
    0};
static const char network_script[] = {
#embed "network.js" suffix(, )
    0};
static const char design_script[] = {
#embed "design.js" suffix(, )
    0};
static const char confidence_script[] = {
#embed "confidence.js" suffix(, )
    0};
static const char surface_script[] = {
#embed "surface.js" suffix(, )
    0};
static const char history_script[] = {
#embed "history.js" suffix(, )
    0};
static const char exports_script[] = {
#embed "exports.js" suffix(, )
    0};
static const char camera_script[] = {
#embed "camera.js" suffix(, )
    0};
static const char shaders_script[] = {
#embed "shaders.js" suffix(, )
    0};
static const char view_script[] = {
#embed "view.js" suffix(, )
    0};
static const char flatview_script[] = {
#embed "flatview.js" suffix(, )
    0};
static const char plots_script[] = {
#embed "plots.js" suffix(, )
    0};
static const char controls_script[] = {
#embed "controls.js" suffix(, )
    0};
static const char page_script[] = {
#embed "page.js" suffix(, )
    0};
static const char wiring_script[] = {
#embed "wiring.js" suffix(, )
    0};
static const char charting_script[] = {
#embed "charting.js" suffix(, )
    0};
static const char files_script[] = {
#embed "files.js" suffix(, )
    0};

const char *explorer_page_text(explorer_text text) {
  switch (text) {
    case EXPLORER_HTML:
      return html;
    case EXPLORER_CSS:
      return css;
  }
  return css;
}

const char *explorer_page_script(size_t index) {
  static const char *const scripts[] = {
      content_script,  network_script, design_script,   confidence_script, surface_script,
      history_script,  exports_script, camera_script,   shaders_script,    view_script,
      flatview_script, plots_script,   controls_script, page_script,       wiring_script,
      charting_script, files_script};
  return index < sizeof scripts / sizeof scripts[0] ? scripts[index] : NULL;
}

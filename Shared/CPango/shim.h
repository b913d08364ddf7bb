#include <cairo-pdf.h>
#include <pango/pangocairo.h>

// GObject's macros and varargs do not come over to Swift.
static inline void lika_unref(void *object) { g_object_unref(object); }

#include <libxml/xmlversion.h>
// Debian builds libxml2 with ICU, whose declarations are not Foundation's. Nothing here converts encodings by it.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>

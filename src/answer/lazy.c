/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for the functions of libxml2, gumbo and PCRE2 that this floor calls: each loads its
 * library when it is first called, and hands over. For a program that starts for a moment and
 * mostly reads no page: loading libxml2, with ICU and the C++ library behind it, takes a quarter of
 * its time, the others a hundredth (docs/performance.md). Link this instead of the libraries; all
 * other programs link those.
 *
 * The prototypes are those of the libraries' headers, so a wrong one does not compile. What was
 * found is remembered in static variables: one thread reads pages.
 */
#include "base/alloc.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <dlfcn.h>
#include <gumbo.h>
#include <libxml/HTMLtree.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlstring.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* `ret_function` is where a pointer to a function is kept: POSIX lets dlsym's result be one. */
static void load(const char *file, const char *name, void *ret_function)
{
    void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, name) : NULL;
    ASSERT(symbol); /* it was there when this was built */
    memcpy(ret_function, &symbol, sizeof(symbol));
}

#define STAND_IN(result, name, parameters, arguments)                                              \
    result name parameters                                                                         \
    {                                                                                              \
        static result(*function) parameters;                                                       \
        if (!function) load(LIBRARY, #name, &function);                                            \
        return function arguments;                                                                 \
    }
#define STAND_IN_VOID(name, parameters, arguments)                                                 \
    void name parameters                                                                           \
    {                                                                                              \
        static void(*function) parameters;                                                         \
        if (!function) load(LIBRARY, #name, &function);                                            \
        function arguments;                                                                        \
    }

#define LIBRARY "libxml2.so.2"

xmlFreeFunc xmlFree = free; /* as the library has it, unless somebody changes it */

STAND_IN_VOID(xmlInitParser, (void), ())
STAND_IN(xmlDictPtr, xmlDictCreate, (void), ())
STAND_IN(const xmlChar *, xmlDictLookup, (xmlDictPtr dict, const xmlChar *name, int length),
         (dict, name, length))
STAND_IN(int, xmlStrlen, (const xmlChar *text), (text))

STAND_IN(htmlDocPtr, htmlNewDocNoDtD, (const xmlChar *uri, const xmlChar *id), (uri, id))
STAND_IN(xmlNodePtr, xmlDocGetRootElement, (const xmlDoc *doc), (doc))
STAND_IN_VOID(xmlFreeDoc, (xmlDocPtr doc), (doc))
STAND_IN(xmlNodePtr, xmlNewDocComment, (xmlDocPtr doc, const xmlChar *content), (doc, content))
STAND_IN(xmlNodePtr, xmlNewDocNodeEatName,
         (xmlDocPtr doc, xmlNsPtr ns, xmlChar *name, const xmlChar *content),
         (doc, ns, name, content))
STAND_IN(xmlNodePtr, xmlNewDocTextLen, (xmlDocPtr doc, const xmlChar *content, int length),
         (doc, content, length))
STAND_IN(xmlAttrPtr, xmlNewNsPropEatName,
         (xmlNodePtr node, xmlNsPtr ns, xmlChar *name, const xmlChar *value),
         (node, ns, name, value))
STAND_IN(int, xmlTextConcat, (xmlNodePtr node, const xmlChar *content, int length),
         (node, content, length))

STAND_IN(xmlChar *, xmlXPathCastToString, (xmlXPathObjectPtr value), (value))
STAND_IN(xmlXPathObjectPtr, xmlXPathCompiledEval,
         (xmlXPathCompExprPtr expression, xmlXPathContextPtr context), (expression, context))
STAND_IN(xmlXPathCompExprPtr, xmlXPathCtxtCompile,
         (xmlXPathContextPtr context, const xmlChar *text), (context, text))
STAND_IN_VOID(xmlXPathFreeCompExpr, (xmlXPathCompExprPtr expression), (expression))
STAND_IN_VOID(xmlXPathFreeContext, (xmlXPathContextPtr context), (context))
STAND_IN_VOID(xmlXPathFreeObject, (xmlXPathObjectPtr value), (value))
STAND_IN(xmlXPathFunction, xmlXPathFunctionLookup,
         (xmlXPathContextPtr context, const xmlChar *name), (context, name))
STAND_IN(xmlXPathContextPtr, xmlXPathNewContext, (xmlDocPtr doc), (doc))
STAND_IN_VOID(xmlXPathNodeSetSort, (xmlNodeSetPtr set), (set))
STAND_IN(long, xmlXPathOrderDocElems, (xmlDocPtr doc), (doc))

#undef LIBRARY
#define LIBRARY "libgumbo.so.1"

STAND_IN(GumboOutput *, gumbo_parse_with_options,
         (const GumboOptions *options, const char *text, size_t length), (options, text, length))
STAND_IN_VOID(gumbo_tag_from_original_text, (GumboStringPiece * tag), (tag))
STAND_IN(const char *, gumbo_normalize_svg_tagname, (const GumboStringPiece *tag), (tag))
STAND_IN(const char *, gumbo_normalized_tagname, (GumboTag tag), (tag))

#undef LIBRARY
#define LIBRARY "libpcre2-8.so.0"

STAND_IN(pcre2_code_8 *, pcre2_compile_8,
         (PCRE2_SPTR8 text, PCRE2_SIZE length, uint32_t options, int *error, PCRE2_SIZE *offset,
          pcre2_compile_context_8 *context),
         (text, length, options, error, offset, context))
STAND_IN_VOID(pcre2_code_free_8, (pcre2_code_8 * code), (code))
STAND_IN(int, pcre2_pattern_info_8, (const pcre2_code_8 *code, uint32_t what, void *where),
         (code, what, where))
STAND_IN(int, pcre2_substring_number_from_name_8, (const pcre2_code_8 *code, PCRE2_SPTR8 name),
         (code, name))
STAND_IN(int, pcre2_get_error_message_8, (int error, PCRE2_UCHAR8 *text, PCRE2_SIZE size),
         (error, text, size))

STAND_IN(pcre2_match_context_8 *, pcre2_match_context_create_8, (pcre2_general_context_8 * general),
         (general))
STAND_IN_VOID(pcre2_match_context_free_8, (pcre2_match_context_8 * context), (context))
STAND_IN(int, pcre2_set_match_limit_8, (pcre2_match_context_8 * context, uint32_t limit),
         (context, limit))
STAND_IN(int, pcre2_set_depth_limit_8, (pcre2_match_context_8 * context, uint32_t limit),
         (context, limit))
STAND_IN(int, pcre2_set_heap_limit_8, (pcre2_match_context_8 * context, uint32_t limit),
         (context, limit))

STAND_IN(pcre2_match_data_8 *, pcre2_match_data_create_from_pattern_8,
         (const pcre2_code_8 *code, pcre2_general_context_8 *general), (code, general))
STAND_IN_VOID(pcre2_match_data_free_8, (pcre2_match_data_8 * data), (data))
STAND_IN(PCRE2_SIZE *, pcre2_get_ovector_pointer_8, (pcre2_match_data_8 * data), (data))
STAND_IN(int, pcre2_match_8,
         (const pcre2_code_8 *code, PCRE2_SPTR8 subject, PCRE2_SIZE length, PCRE2_SIZE at,
          uint32_t options, pcre2_match_data_8 *data, pcre2_match_context_8 *context),
         (code, subject, length, at, options, data, context))

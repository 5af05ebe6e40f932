/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for the functions of libxml2 that this floor calls: each loads the library when it is
 * first called, and hands over. For a program that starts for a moment and mostly reads no page:
 * loading libxml2, with ICU and the C++ library behind it, takes a quarter of its time
 * (docs/performance.md). Link this instead of the library; all other programs link the library.
 *
 * The prototypes are those of libxml2's headers, so a wrong one does not compile. What was found is
 * remembered in static variables: one thread reads pages.
 */
#include "base/alloc.h"

#include <dlfcn.h>
#include <libxml/HTMLtree.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlstring.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libxml2.so.2"

/* `ret_function` is where a pointer to a function is kept: POSIX lets dlsym's result be one. */
static void load(const char *name, void *ret_function)
{
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, name) : NULL;
    ASSERT(symbol); /* it was there when this was built */
    memcpy(ret_function, &symbol, sizeof(symbol));
}

#define STAND_IN(result, name, parameters, arguments)                                              \
    result name parameters                                                                         \
    {                                                                                              \
        static result(*function) parameters;                                                       \
        if (!function) load(#name, &function);                                                     \
        return function arguments;                                                                 \
    }
#define STAND_IN_VOID(name, parameters, arguments)                                                 \
    void name parameters                                                                           \
    {                                                                                              \
        static void(*function) parameters;                                                         \
        if (!function) load(#name, &function);                                                     \
        function arguments;                                                                        \
    }

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

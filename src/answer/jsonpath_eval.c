/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation of a compiled JSONPath (RFC 9535, 2.2 to 2.5), with a bound on nodes visited, for
 * hostile documents. */
#include "answer/jsonpath_tree.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <string.h>

/* What a query costs: a visit of a node, and the small steps in between, such as passing by a
 * sibling. */
#define STEP_COST 1
#define VISIT_COST 16
#define COMPILE_COST 1024
#define BUDGET ((size_t)JSONPATH_MAX_VISITS * VISIT_COST)

struct evaluation {
    const cJSON *root;
    size_t spent;
};

/* A value that a comparison sees: a node, a number that a function made, or Nothing. */
struct seen {
    const cJSON *node; /* NULL: Nothing */
    struct view text;  /* of a string */
    cJSON made;
};

static bool query_walk(struct evaluation *evaluation, const struct query *query,
                       const cJSON *current, struct jsonpath_nodes *ret_nodes);
static bool holds(struct evaluation *evaluation, const struct logical *logical,
                  const cJSON *current);

static bool spend(struct evaluation *evaluation, size_t cost)
{
    evaluation->spent += cost;
    return evaluation->spent <= BUDGET;
}

static bool give_up(struct evaluation *evaluation)
{
    evaluation->spent = BUDGET + 1;
    return false;
}

static bool add(struct evaluation *evaluation, struct jsonpath_nodes *nodes, const cJSON *node)
{
    if (!spend(evaluation, VISIT_COST) || nodes->count >= JSONPATH_MAX_NODES)
        return give_up(evaluation);
    vec_push(nodes, node);
    return true;
}

static bool is_container(const cJSON *node)
{
    return node && (cJSON_IsArray(node) || cJSON_IsObject(node));
}

static size_t count_children(struct evaluation *evaluation, const cJSON *container)
{
    size_t count = 0;
    for (const cJSON *child = container->child; child; child = child->next) count++;
    (void)spend(evaluation, count * STEP_COST); /* the next visit notices */
    return count;
}

/* --- Functions and comparisons */

static void see_number(struct seen *seen, size_t number)
{
    seen->made =
        (cJSON){.type = cJSON_Number, .valuedouble = (double)number, .valueint = (int)number};
    seen->node = &seen->made;
}

static void see(struct evaluation *evaluation, const struct comparable *operand,
                const cJSON *current, struct seen *seen);

static void see_length(struct evaluation *evaluation, const struct comparable *call,
                       const cJSON *current, struct seen *seen)
{
    struct seen argument = {0};
    see(evaluation, &call->arguments[0], current, &argument);
    if (cJSON_IsString(argument.node))
        see_number(seen, utf8_count(argument.text));
    else if (is_container(argument.node))
        see_number(seen, count_children(evaluation, argument.node));
}

static void see_node(struct evaluation *evaluation, const cJSON *node, struct seen *seen)
{
    seen->node = node;
    if (!cJSON_IsString(node)) return;
    seen->text = view_of(node->valuestring);
    (void)spend(evaluation, seen->text.length / 16 * STEP_COST);
}

static void see_nodes(struct evaluation *evaluation, const struct comparable *call,
                      const cJSON *current, struct seen *seen)
{
    struct jsonpath_nodes nodes = {0};
    if (query_walk(evaluation, &call->arguments[0].query, current, &nodes)) {
        if (call->function == FUNCTION_COUNT)
            see_number(seen, nodes.count);
        else if (nodes.count == 1)
            see_node(evaluation, nodes.items[0], seen);
    }
    jsonpath_nodes_release(&nodes);
}

static void see(struct evaluation *evaluation, const struct comparable *operand,
                const cJSON *current, struct seen *seen)
{
    struct jsonpath_nodes nodes = {0};
    seen->node = NULL;
    switch (operand->type) {
    case OPERAND_LITERAL:
        seen->node = operand->literal;
        seen->text = (struct view){operand->text, operand->text_bytes};
        return;
    case OPERAND_QUERY:
        if (query_walk(evaluation, &operand->query, current, &nodes) && nodes.count == 1)
            see_node(evaluation, nodes.items[0], seen);
        jsonpath_nodes_release(&nodes);
        return;
    case OPERAND_FUNCTION: break;
    }
    if (operand->function == FUNCTION_LENGTH)
        see_length(evaluation, operand, current, seen);
    else
        see_nodes(evaluation, operand, current, seen);
}

/* match() and search(): text against an I-Regexp; anything else does not match. */
static bool function_holds(struct evaluation *evaluation, const struct comparable *call,
                           const cJSON *current)
{
    struct seen text = {0}, expression = {0};
    see(evaluation, &call->arguments[0], current, &text);
    see(evaluation, &call->arguments[1], current, &expression);
    if (!cJSON_IsString(text.node) || !cJSON_IsString(expression.node) || call->bad_pattern)
        return false;
    struct pattern *own = NULL;
    if (!call->pattern) {
        if (!spend(evaluation, COMPILE_COST)) return false;
        own = pattern_compile_iregexp(expression.text, call->function == FUNCTION_MATCH);
    }
    const struct pattern *pattern = call->pattern ? call->pattern : own;
    enum pattern_result result = pattern ? pattern_find(pattern, text.text) : PATTERN_NO_MATCH;
    pattern_free(own);
    if (result == PATTERN_GAVE_UP) return give_up(evaluation); /* neither a match nor none */
    return result == PATTERN_MATCH;
}

/* What a comparison of two trees may cost. */
static bool spend_tree(struct evaluation *evaluation, const cJSON *node)
{
    bool good = spend(evaluation, STEP_COST);
    for (const cJSON *child = node->child; good && child; child = child->next)
        good = spend_tree(evaluation, child);
    return good;
}

static bool is_equal(struct evaluation *evaluation, const struct seen *a, const struct seen *b)
{
    if (!a->node || !b->node) return !a->node && !b->node;
    if (cJSON_IsString(a->node) && cJSON_IsString(b->node)) return view_equals(a->text, b->text);
    if (is_container(a->node) && is_container(b->node) && !spend_tree(evaluation, a->node))
        return false;
    return json_equal(a->node, b->node);
}

static bool is_less(const struct seen *a, const struct seen *b)
{
    if (cJSON_IsString(a->node) && cJSON_IsString(b->node))
        return view_compare(a->text, b->text) < 0; /* UTF-8 stands in the order of code points */
    return cJSON_IsNumber(a->node) && cJSON_IsNumber(b->node) &&
           json_compare_numbers(a->node, b->node) < 0;
}

static bool compare(struct evaluation *evaluation, enum comparison comparison, const struct seen *a,
                    const struct seen *b)
{
    switch (comparison) {
    case COMPARE_EQUAL: return is_equal(evaluation, a, b);
    case COMPARE_NOT_EQUAL: return !is_equal(evaluation, a, b);
    case COMPARE_LESS: return is_less(a, b);
    case COMPARE_LESS_EQUAL: return is_less(a, b) || is_equal(evaluation, a, b);
    case COMPARE_GREATER: return is_less(b, a);
    case COMPARE_GREATER_EQUAL: return is_less(b, a) || is_equal(evaluation, a, b);
    }
    return false;
}

static bool test_holds(struct evaluation *evaluation, const struct comparable *test,
                       const cJSON *current)
{
    if (test->type == OPERAND_FUNCTION) return function_holds(evaluation, test, current);
    struct jsonpath_nodes nodes = {0};
    bool any = query_walk(evaluation, &test->query, current, &nodes) && nodes.count > 0;
    jsonpath_nodes_release(&nodes);
    return any;
}

static bool holds(struct evaluation *evaluation, const struct logical *logical,
                  const cJSON *current)
{
    struct seen a = {0}, b = {0};
    if (!spend(evaluation, VISIT_COST)) return false;
    switch (logical->kind) {
    case LOGICAL_OR:
        return holds(evaluation, logical->left, current) ||
               holds(evaluation, logical->right, current);
    case LOGICAL_AND:
        return holds(evaluation, logical->left, current) &&
               holds(evaluation, logical->right, current);
    case LOGICAL_NOT: return !holds(evaluation, logical->left, current);
    case LOGICAL_TEST: return test_holds(evaluation, &logical->a, current);
    case LOGICAL_COMPARE:
        see(evaluation, &logical->a, current, &a);
        see(evaluation, &logical->b, current, &b);
        return compare(evaluation, logical->comparison, &a, &b);
    }
    return false;
}

/* --- Selectors */

static const cJSON *element_at(struct evaluation *evaluation, const cJSON *array, int64_t index)
{
    if (index < 0) index += (int64_t)count_children(evaluation, array);
    if (index < 0) return NULL;
    const cJSON *element = array->child;
    while (element && index-- > 0 && spend(evaluation, STEP_COST)) element = element->next;
    return element;
}

static const cJSON *member_named(struct evaluation *evaluation, const cJSON *object,
                                 const char *name)
{
    const cJSON *member = object->child;
    while (member && strcmp(member->string, name) != 0 && spend(evaluation, STEP_COST))
        member = member->next;
    return member;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* RFC 9535, 2.3.4.2.2 */
static bool add_slice(struct evaluation *evaluation, const struct selector *selector,
                      const cJSON *array, struct jsonpath_nodes *nodes)
{
    if (!cJSON_IsArray(array)) return true;
    int64_t length = (int64_t)count_children(evaluation, array), step = selector->step;
    if (step == 0 || length == 0) return true;
    int64_t start = selector->has_start ? selector->start : step > 0 ? 0 : length - 1;
    int64_t end = selector->has_end ? selector->end : step > 0 ? length : -length - 1;
    if (start < 0) start += length;
    if (end < 0) end += length;
    if (step > 0) {
        start = clamp(start, 0, length);
        end = clamp(end, 0, length);
    } else {
        start = clamp(start, -1, length - 1);
        end = clamp(end, -1, length - 1);
    }
    const cJSON **elements = xcalloc((size_t)length, sizeof(const cJSON *));
    size_t count = 0;
    for (const cJSON *element = array->child; element; element = element->next)
        elements[count++] = element;
    bool good = true;
    for (int64_t i = start; good && (step > 0 ? i < end : i > end); i += step) {
        good = add(evaluation, nodes, elements[i]);
        if (step > length || step < -length)
            break; /* the next one is past either end, and might overflow */
    }
    free(elements);
    return good;
}

static bool select_from(struct evaluation *evaluation, const struct selector *selector,
                        const cJSON *node, struct jsonpath_nodes *nodes)
{
    const cJSON *child = NULL;
    switch (selector->kind) {
    case SELECTOR_NAME:
        if (cJSON_IsObject(node) && !selector->unnameable)
            child = member_named(evaluation, node, selector->name);
        return !child || add(evaluation, nodes, child);
    case SELECTOR_INDEX:
        if (cJSON_IsArray(node)) child = element_at(evaluation, node, selector->index);
        return !child || add(evaluation, nodes, child);
    case SELECTOR_SLICE: return add_slice(evaluation, selector, node, nodes);
    case SELECTOR_WILDCARD:
    case SELECTOR_FILTER: break;
    }
    for (child = is_container(node) ? node->child : NULL; child; child = child->next) {
        if (selector->kind == SELECTOR_FILTER && !holds(evaluation, selector->filter, child)) {
            if (!spend(evaluation, STEP_COST)) return false;
            continue;
        }
        if (!add(evaluation, nodes, child)) return false;
    }
    return true;
}

static bool select_all(struct evaluation *evaluation, const struct segment *segment,
                       const cJSON *node, struct jsonpath_nodes *nodes)
{
    for (size_t i = 0; i < segment->count; i++) {
        if (!select_from(evaluation, &segment->selectors[i], node, nodes)) return false;
    }
    return true;
}

/* A node, then its children from first to last, each with its own. Documents are at most
 * JSON_MAX_DEPTH deep. */
static bool select_descending(struct evaluation *evaluation, const struct segment *segment,
                              const cJSON *node, struct jsonpath_nodes *nodes)
{
    if (!spend(evaluation, VISIT_COST) || !select_all(evaluation, segment, node, nodes))
        return false;
    for (const cJSON *child = is_container(node) ? node->child : NULL; child; child = child->next) {
        if (!select_descending(evaluation, segment, child, nodes)) return false;
    }
    return true;
}

static bool query_walk(struct evaluation *evaluation, const struct query *query,
                       const cJSON *current, struct jsonpath_nodes *ret_nodes)
{
    struct jsonpath_nodes nodes = {0};
    bool good = add(evaluation, &nodes, query->relative ? current : evaluation->root);
    for (size_t i = 0; good && i < query->count; i++) {
        const struct segment *segment = &query->segments[i];
        struct jsonpath_nodes next = {0};
        for (size_t k = 0; good && k < nodes.count; k++) {
            good = segment->descendant
                       ? select_descending(evaluation, segment, nodes.items[k], &next)
                       : select_all(evaluation, segment, nodes.items[k], &next);
        }
        jsonpath_nodes_release(&nodes);
        nodes = next;
    }
    *ret_nodes = nodes;
    return good;
}

bool jsonpath_query(const struct jsonpath *path, const cJSON *root,
                    struct jsonpath_nodes *ret_nodes)
{
    struct evaluation evaluation = {.root = root};
    /* A filter that ran out of its budget answers false; what was spent tells. */
    return query_walk(&evaluation, &path->query, root, ret_nodes) && evaluation.spent <= BUDGET;
}

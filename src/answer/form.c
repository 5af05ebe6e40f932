/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a form's field would be submitted with (https://html.spec.whatwg.org/#constructing-the-form-
 * data-set), and what of that selectors ask: disabled, checked, selected. No script runs, so every
 * control has the value that the page gave it. Dates are not checked for being dates.
 */
#include "answer/html_tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_FORMS 1000 /* that are looked at for all of their fields */

/* --- states that HTML defines --- */

bool html_can_be_disabled(const xmlNode *element)
{
    static const char *const names[] = {"button", "input",    "select",  "textarea",
                                        "option", "optgroup", "fieldset"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (html_is(element, names[i])) return true;
    }
    return false;
}

static bool is_first_legend(const xmlNode *child)
{
    if (!html_is(child, "legend")) return false;
    while ((child = child->prev)) {
        if (html_is(child, "legend")) return false;
    }
    return true;
}

static bool is_in_disabled_fieldset(const xmlNode *element)
{
    const xmlNode *child = element, *parent;
    for (; (parent = html_parent_element(child)); child = parent) {
        if (html_is(parent, "fieldset") && html_attribute(parent, "disabled") &&
            !is_first_legend(child))
            return true;
    }
    return false;
}

bool html_is_disabled(const xmlNode *element)
{
    if (!html_can_be_disabled(element)) return false;
    if (html_attribute(element, "disabled")) return true;
    if (html_is(element, "optgroup")) return false;
    if (!html_is(element, "option")) return is_in_disabled_fieldset(element);
    const xmlNode *parent = html_parent_element(element);
    return parent && html_is(parent, "optgroup") && html_attribute(parent, "disabled");
}

static const xmlNode *select_of(const xmlNode *option)
{
    const xmlNode *parent = html_parent_element(option);
    if (parent && html_is(parent, "optgroup")) parent = html_parent_element(parent);
    return parent && html_is(parent, "select") ? parent : NULL;
}

static const xmlNode *next_option(const xmlNode *select, const xmlNode *from)
{
    do {
        from = html_next(from, select, false);
    } while (from && !(html_is(from, "option") && select_of(from) == select));
    return from;
}

/* How many rows it shows; a drop-down has one. */
static long display_size(const xmlNode *select)
{
    const char *size = html_attribute(select, "size");
    long rows = size ? strtol(size, NULL, 10) : 0;
    if (rows > 0) return rows;
    return html_attribute(select, "multiple") ? 4 : 1;
}

/* The one option that a select without `multiple` has chosen; NULL for none. */
static const xmlNode *chosen_option(const xmlNode *select)
{
    const xmlNode *chosen = NULL, *usable = NULL;
    for (const xmlNode *option = next_option(select, select); option;
         option = next_option(select, option)) {
        if (html_attribute(option, "selected")) chosen = option;
        if (!usable && !html_is_disabled(option)) usable = option;
    }
    if (chosen) return chosen;
    return display_size(select) == 1 ? usable : NULL;
}

bool html_option_is_selected(const xmlNode *option)
{
    if (!html_is(option, "option")) return false;
    const xmlNode *select = select_of(option);
    if (!select || html_attribute(select, "multiple"))
        return html_attribute(option, "selected") != NULL;
    return chosen_option(select) == option;
}

/* --- <input> --- */

enum input_kind {
    INPUT_TEXT, /* also every type that is not known */
    INPUT_TRIMMED,
    INPUT_AS_IS,
    INPUT_NUMBER,
    INPUT_RANGE,
    INPUT_COLOR,
    INPUT_HIDDEN,
    INPUT_CHECKBOX,
    INPUT_RADIO,
    INPUT_FILE,
    INPUT_SUBMIT,
    INPUT_NOT_SENT
};

static enum input_kind input_kind_of(const xmlNode *input)
{
    static const struct {
        const char *type;
        enum input_kind kind;
    } kinds[] = {
        {"hidden", INPUT_HIDDEN},  {"checkbox", INPUT_CHECKBOX}, {"radio", INPUT_RADIO},
        {"submit", INPUT_SUBMIT},  {"button", INPUT_NOT_SENT},   {"reset", INPUT_NOT_SENT},
        {"image", INPUT_NOT_SENT}, {"file", INPUT_FILE},         {"email", INPUT_TRIMMED},
        {"url", INPUT_TRIMMED},    {"number", INPUT_NUMBER},     {"range", INPUT_RANGE},
        {"color", INPUT_COLOR},    {"date", INPUT_AS_IS},        {"month", INPUT_AS_IS},
        {"week", INPUT_AS_IS},     {"time", INPUT_AS_IS},        {"datetime-local", INPUT_AS_IS},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (html_attribute_is(input, "type", kinds[i].type)) return kinds[i].kind;
    }
    return INPUT_TEXT;
}

bool html_is_checked(const xmlNode *input)
{
    if (!html_is(input, "input") || !html_attribute(input, "checked")) return false;
    enum input_kind kind = input_kind_of(input);
    return kind == INPUT_CHECKBOX || kind == INPUT_RADIO;
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* HTML's "valid floating-point number". */
static bool is_number(const char *text)
{
    if (*text == '-') text++;
    const char *after = skip_digits(text);
    bool has_digits = after > text;
    text = after;
    if (*text == '.') {
        after = skip_digits(text + 1);
        if (after == text + 1) return false;
        has_digits = true;
        text = after;
    }
    if (!has_digits) return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        if (*text == '+' || *text == '-') text++;
        after = skip_digits(text);
        if (after == text) return false;
        text = after;
    }
    return !*text;
}

static double number_attribute(const xmlNode *input, const char *name, double otherwise)
{
    const char *text = html_attribute(input, name);
    return text && is_number(text) ? strtod(text, NULL) : otherwise;
}

static bool add_range(const xmlNode *input, const char *value, struct buf *out)
{
    double least = number_attribute(input, "min", 0), most = number_attribute(input, "max", 100);
    if (is_number(value)) {
        double number = strtod(value, NULL);
        if (number >= least && (number <= most || most < least)) return buf_add_text(out, value);
        return buf_addf(out, "%.15g", number < least || most < least ? least : most);
    }
    return buf_addf(out, "%.15g", most < least ? least : least + (most - least) / 2);
}

static bool add_color(const char *value, struct buf *out)
{
    bool is_color =
        *value == '#' && strlen(value) == 7 && strspn(value + 1, "0123456789abcdefABCDEF") == 6;
    for (const char *at = is_color ? value : "#000000"; *at; at++) {
        if (!buf_add_char(out, *at >= 'A' && *at <= 'F' ? (char)(*at | 0x20) : *at)) return false;
    }
    return true;
}

static bool add_without_newlines(const char *value, struct buf *out)
{
    while (*value) {
        size_t length = strcspn(value, "\r\n");
        if (!buf_add(out, value, length)) return false;
        value += length + strspn(value + length, "\r\n");
    }
    return true;
}

static bool add_trimmed(const char *value, struct buf *out)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    add_without_newlines(value, &line);
    return buf_add_view(out, view_trim(buf_view(&line)));
}

/* Each line end as CR LF: so it goes into a form's data set. */
static bool add_with_crlf(const char *value, struct buf *out)
{
    while (*value) {
        size_t length = strcspn(value, "\r\n");
        if (!buf_add(out, value, length)) return false;
        value += length;
        if (!*value) break;
        value += value[0] == '\r' && value[1] == '\n' ? 2 : 1;
        if (!buf_add_text(out, "\r\n")) return false;
    }
    return true;
}

/* False: it is not sent. */
static bool add_input(const xmlNode *input, struct buf *out)
{
    const char *value = html_attribute(input, "value"), *name = html_attribute(input, "name");
    const char *text = value ? value : "";
    switch (input_kind_of(input)) {
    case INPUT_TEXT: add_without_newlines(text, out); return true;
    case INPUT_TRIMMED: add_trimmed(text, out); return true;
    case INPUT_NUMBER: buf_add_text(out, is_number(text) ? text : ""); return true;
    case INPUT_RANGE: add_range(input, text, out); return true;
    case INPUT_COLOR: add_color(text, out); return true;
    case INPUT_HIDDEN: /* a name that HTML keeps for itself */
        add_with_crlf(name && !strcasecmp(name, "_charset_") ? "UTF-8" : text, out);
        return true;
    case INPUT_AS_IS:
    case INPUT_SUBMIT: add_with_crlf(text, out); return true;
    case INPUT_CHECKBOX:
    case INPUT_RADIO:
        if (!html_is_checked(input)) return false;
        add_with_crlf(value ? value : "on", out);
        return true;
    case INPUT_FILE: return true; /* no file is chosen: an empty name */
    case INPUT_NOT_SENT: return false;
    }
    return false;
}

/* --- the other controls --- */

static bool add_collapsed(const char *text, struct buf *out)
{
    static const char spaces[] = " \t\n\f\r";
    bool is_first = true;
    for (text += strspn(text, spaces); *text; text += strspn(text, spaces)) {
        size_t length = strcspn(text, spaces);
        if (!is_first && !buf_add_char(out, ' ')) return false;
        if (!buf_add(out, text, length)) return false;
        text += length;
        is_first = false;
    }
    return true;
}

static bool add_option(const xmlNode *option, struct buf *out)
{
    const char *value = html_attribute(option, "value");
    if (value) return add_with_crlf(value, out);
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    return html_add_raw_text(option, true, &text) && add_collapsed(buf_text(&text), out);
}

/* The first option that is sent. */
static bool add_select(const xmlNode *select, struct buf *out)
{
    bool multiple = html_attribute(select, "multiple") != NULL;
    const xmlNode *chosen = multiple ? NULL : chosen_option(select);
    for (const xmlNode *option = next_option(select, select); option;
         option = next_option(select, option)) {
        bool is_selected = multiple ? html_attribute(option, "selected") != NULL : option == chosen;
        if (!is_selected || html_is_disabled(option)) continue;
        add_option(option, out);
        return true;
    }
    return false;
}

static bool add_textarea(const xmlNode *textarea, struct buf *out)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    html_add_raw_text(textarea, false, &text);
    add_with_crlf(buf_text(&text), out);
    return true;
}

/* A <button> counts as pressed. */
static bool add_button(const xmlNode *button, struct buf *out)
{
    if (html_attribute_is(button, "type", "button") || html_attribute_is(button, "type", "reset"))
        return false;
    const char *value = html_attribute(button, "value");
    add_with_crlf(value ? value : "", out);
    return true;
}

static const struct {
    const char *name;
    bool (*add)(const xmlNode *control, struct buf *out);
} controls[] = {
    {"input", add_input},
    {"select", add_select},
    {"textarea", add_textarea},
    {"button", add_button},
};

/* --- whose field it is --- */

static bool is_in(const xmlNode *element, const char *ancestor)
{
    while ((element = html_parent_element(element))) {
        if (html_is(element, ancestor)) return true;
    }
    return false;
}

static const xmlNode *element_by_id(const struct html *html, const char *id)
{
    const xmlNode *root = xmlDocGetRootElement(html->doc);
    bool skip = false;
    for (const xmlNode *node = root; node; node = html_next(node, root, skip)) {
        skip = html_is(node, "template");
        const char *own = html_is_element(node) ? html_attribute(node, "id") : NULL;
        if (own && !strcmp(own, id)) return node;
    }
    return NULL;
}

static const xmlNode *owner_of(const struct html *html, const xmlNode *control)
{
    const char *id = html_attribute(control, "form");
    if (id) {
        const xmlNode *owner = element_by_id(html, id);
        return owner && html_is(owner, "form") ? owner : NULL;
    }
    size_t offset = html_source_offset(control);
    vec_each(span, &html->forms) {
        if (offset > span->start_bytes && offset < span->end_bytes) return span->form;
    }
    for (const xmlNode *node = control; node; node = html_parent_element(node)) {
        if (html_is(node, "form")) return node;
    }
    return NULL;
}

static bool is_owned(const struct html *html, const xmlNode *form, const xmlNode *control)
{
    return owner_of(html, control) == form && !html_is_disabled(control) &&
           !is_in(control, "datalist");
}

/* Of radio buttons that are all checked, a browser leaves the last one so. */
static bool add_control(const struct html *html, const xmlNode *form, const xmlNode *control,
                        struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(controls); i++) {
        if (!html_is(control, controls[i].name)) continue;
        AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
        if (!is_owned(html, form, control) || !controls[i].add(control, &value)) return false;
        buf_clear(out);
        buf_add_view(out, buf_view(&value));
        return true;
    }
    return false;
}

static bool is_radio(const xmlNode *control)
{
    return html_is(control, "input") && input_kind_of(control) == INPUT_RADIO;
}

static bool find_field(const struct html *html, const xmlNode *form, const char *field,
                       struct buf *ret_value)
{
    const xmlNode *root = xmlDocGetRootElement(html->doc);
    bool found = false, skip = false;
    for (const xmlNode *node = root; node; node = html_next(node, root, skip)) {
        skip = html_is(node, "template");
        const char *name = html_is_element(node) ? html_attribute(node, "name") : NULL;
        if (!name || strcmp(name, field) != 0 || (found && !is_radio(node))) continue;
        if (!add_control(html, form, node, ret_value)) continue;
        if (!is_radio(node)) return true;
        found = true;
    }
    return found;
}

/* A form, or the first one inside of what was found. */
static bool note_form(void *context, const xmlNode *element)
{
    const xmlNode **form = context;
    for (const xmlNode *node = element; node && !*form; node = html_next(node, element, false)) {
        if (html_is(node, "form")) *form = node;
    }
    return !*form;
}

enum html_form_result html_form_field(const struct html *html, const struct html_query *form,
                                      const char *field, struct buf *ret_value)
{
    const xmlNode *found = NULL;
    if (!html_query_elements(html, form, note_form, &found) || !found) return HTML_FORM_NONE;
    return find_field(html, found, field, ret_value) ? HTML_FORM_FOUND : HTML_FORM_NO_FIELD;
}

struct form_search {
    const struct html *html;
    const char *field;
    struct html_matches *values;
    VEC(const xmlNode *) forms; /* one may be found twice: as itself, and inside of another */
};

static void keep_value(struct html_match *match, struct buf *value)
{
    free(match->text);
    match->length = value->length;
    match->text = buf_take(value);
}

/* All options that are sent. */
static void add_options(struct form_search *search, const xmlNode *select)
{
    for (const xmlNode *option = next_option(select, select); option;
         option = next_option(select, option)) {
        AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
        if (!html_attribute(option, "selected") || html_is_disabled(option)) continue;
        add_option(option, &value);
        keep_value(vec_add(search->values), &value);
    }
}

static bool is_button(const xmlNode *control)
{
    return html_is(control, "button") ||
           (html_is(control, "input") && input_kind_of(control) == INPUT_SUBMIT);
}

/* Of radio buttons one is checked, and one button is pressed; boxes and texts may repeat a name. */
static void find_values(struct form_search *search, const xmlNode *form)
{
    const xmlNode *root = xmlDocGetRootElement(search->html->doc);
    size_t radio = SIZE_MAX;
    bool skip = false, pressed = false;
    for (const xmlNode *node = root; node; node = html_next(node, root, skip)) {
        AUTO_BUF value = BUF_INIT(BUF_OWN_CAP);
        skip = html_is(node, "template");
        const char *name = html_is_element(node) ? html_attribute(node, "name") : NULL;
        if (!name || strcmp(name, search->field) != 0 || (pressed && is_button(node))) continue;
        if (!add_control(search->html, form, node, &value)) continue;
        pressed = pressed || is_button(node);
        if (html_is(node, "select") && html_attribute(node, "multiple")) {
            add_options(search, node);
        } else if (is_radio(node) && radio < search->values->count) {
            keep_value(&search->values->items[radio], &value);
        } else {
            if (is_radio(node)) radio = search->values->count;
            keep_value(vec_add(search->values), &value);
        }
    }
}

static void look_at_form(struct form_search *search, const xmlNode *form)
{
    vec_each(known, &search->forms) {
        if (*known == form) return;
    }
    vec_push(&search->forms, form);
    find_values(search, form);
}

static bool note_forms(void *context, const xmlNode *element)
{
    struct form_search *search = context;
    for (const xmlNode *node = element; node; node = html_next(node, element, false)) {
        if (html_is(node, "form") && search->forms.count < MAX_FORMS) look_at_form(search, node);
    }
    return search->forms.count < MAX_FORMS;
}

enum html_form_result html_form_fields(const struct html *html, const struct html_query *form,
                                       const char *field, struct html_matches *ret_values)
{
    struct form_search search = {.html = html, .field = field, .values = ret_values};
    bool found = html_query_elements(html, form, note_forms, &search) && search.forms.count;
    vec_release(&search.forms);
    if (!found) return HTML_FORM_NONE;
    return ret_values->count ? HTML_FORM_FOUND : HTML_FORM_NO_FIELD;
}

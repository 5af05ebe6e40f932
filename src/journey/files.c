/* SPDX-License-Identifier: Apache-2.0 */
/* See files.h. */
#include "journey/files.h"

#include "base/file.h"
#include "base/vec.h"

static void load_one(const char *path, const struct load_options *options,
                     struct journey_list *journeys, struct diags *diags)
{
    struct journey *journey = journey_load(path, options, diags);
    if (journey) vec_push(journeys, journey);
}

static void load_directory(const char *path, const struct load_options *options,
                           struct journey_list *journeys, struct diags *diags)
{
    static const char *const suffixes[] = {".yaml", ".yml", NULL};
    struct path_list paths = {0};
    AUTO_ERROR error = ERROR_NONE;
    if (!file_list(path, suffixes, &paths, &error)) {
        diag_error(diags, DIAG_UNREADABLE, PLACE_NOWHERE, "%s", error_text(&error));
        return;
    }
    vec_each(file, &paths) load_one(*file, options, journeys, diags);
    path_list_release(&paths);
}

bool journeys_load_paths(const char *const *paths, size_t count, const struct load_options *options,
                         struct journey_list *ret_journeys, struct diags *diags)
{
    size_t errors = diags->errors;
    *ret_journeys = (struct journey_list){0};
    for (size_t i = 0; i < count; i++) {
        if (file_is_directory(paths[i]))
            load_directory(paths[i], options, ret_journeys, diags);
        else
            load_one(paths[i], options, ret_journeys, diags);
    }
    return diags->errors == errors;
}

void journey_list_release(struct journey_list *journeys)
{
    vec_each(journey, journeys) journey_free(*journey);
    vec_release(journeys);
}

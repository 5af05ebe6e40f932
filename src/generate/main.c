/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shopper-generate DIRECTORY: writes schema, manual, reference pages and completion from the
 * program's own tables. A tool of the build, not installed; it deliberately knows nothing that the
 * tables do not say.
 */
#include "generate/generate.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

static bool write_file(const char *directory, const char *name, const struct buf *text)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_FREE char *path = path_join(directory, name);
    AUTO_FREE char *parent = path_directory(path);
    if (file_make_directory(parent, &error) && file_write(path, buf_view(text), 0644, &error))
        return true;
    fprintf(stderr, "shopper-generate: %s\n", error_text(&error));
    return false;
}

static bool write_texts(const char *directory)
{
    static const struct {
        const char *name;
        void (*generate)(struct buf *out);
    } texts[] = {
        {"journey.schema.json", generate_schema},   {"shopper.schema.json", generate_config_schema},
        {"completion/shopper", generate_bash},      {"completion/_shopper", generate_zsh},
        {"completion/shopper.fish", generate_fish},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        texts[i].generate(&text);
        if (!write_file(directory, texts[i].name, &text)) return false;
    }
    return true;
}

static bool write_pages(const char *directory)
{
    static const struct {
        const char *name;
        enum markup markup;
        void (*generate)(struct page *page);
    } pages[] = {
        {"man/shopper.1", MARKUP_MAN, generate_program},
        {"man/check_shopper.1", MARKUP_MAN, generate_check},
        {"man/shopper-journey.5", MARKUP_MAN, generate_language},
        {"man/shopper.yaml.5", MARKUP_MAN, generate_configuration},
        {"reference/commands.md", MARKUP_MARKDOWN, generate_program},
        {"reference/check_shopper.md", MARKUP_MARKDOWN, generate_check},
        {"reference/journey.md", MARKUP_MARKDOWN, generate_language},
        {"reference/configuration.md", MARKUP_MARKDOWN, generate_configuration},
        {"reference/metrics.md", MARKUP_MARKDOWN, generate_metrics},
    };
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        struct page page = {.markup = pages[i].markup, .out = &text};
        pages[i].generate(&page);
        if (!write_file(directory, pages[i].name, &text)) return false;
    }
    return true;
}

static bool write_commands(const char *directory)
{
    for (size_t i = 0; commands[i]; i++) {
        AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
        AUTO_FREE char *name = xasprintf("man/shopper-%s.1", commands[i]->name);
        struct page page = {.markup = MARKUP_MAN, .out = &text};
        generate_command(&page, commands[i]);
        if (!write_file(directory, name, &text)) return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: shopper-generate DIRECTORY\n", stderr);
        return 2;
    }
    return write_texts(argv[1]) && write_pages(argv[1]) && write_commands(argv[1]) ? 0 : 1;
}

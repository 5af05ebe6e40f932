/* SPDX-License-Identifier: Apache-2.0 */
/* See accounts.h. */
#include "run/accounts.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

struct accounts {
    struct account_list list;
    bool *taken;
    size_t next_index; /* accounts are used in turn, so that none is worn out */
    struct lease *first_waiting;
    size_t leases;  /* held or waited for */
    bool doubted;   /* the list may have changed: it is read anew before it is used */
    bool forgotten; /* goes with the last of them */
};

/* A CSV file is one pool whoever names it; a list in a journey is that journey's. */
static char *pool_key(const struct journey *journey)
{
    AUTO_FREE char *directory = path_directory(journey->path);
    return journey->accounts.file ? path_join(directory, journey->accounts.file)
                                  : xstrdup(journey->path);
}

static bool is_same_account(const struct account *a, const struct account *b)
{
    if (a->field_count != b->field_count) return false;
    for (size_t i = 0; i < a->field_count; i++)
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            strcmp(a->fields[i].value, b->fields[i].value) != 0)
            return false;
    return true;
}

static bool is_same_list(const struct account_list *a, const struct account_list *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!is_same_account(&a->items[i], &b->items[i])) return false;
    return true;
}

void accounts_doubt(struct accounts *accounts)
{
    accounts->doubted = true;
}

static struct accounts *pool_of(struct engine *engine, const struct journey *journey,
                                struct diags *diags)
{
    AUTO_FREE char *key = pool_key(journey);
    struct accounts *pool = map_get(&engine->accounts, view_of(key));
    if (pool && !pool->doubted) return pool;
    struct account_list list = {0};
    if (!accounts_resolve(journey, &list, engine->redactor, diags)) {
        account_list_release(&list);
        return NULL;
    }
    if (pool && is_same_list(&pool->list, &list)) { /* who has an account keeps others out of it */
        account_list_release(&list);
        pool->doubted = false;
        return pool;
    }
    pool = NEW(struct accounts);
    pool->list = list;
    pool->taken = xcalloc(list.count, sizeof(*pool->taken));
    map_set(&engine->accounts, view_of(key), pool);
    return pool;
}

struct accounts *accounts_of(struct engine *engine, const struct journey *journey,
                             struct diags *diags)
{
    struct accounts *pool = pool_of(engine, journey, diags);
    return pool && accounts_have_fields(journey, &pool->list, diags) ? pool : NULL;
}

void accounts_free(void *accounts)
{
    struct accounts *pool = accounts;
    if (!pool) return;
    pool->forgotten = true;
    if (pool->leases) return;
    account_list_release(&pool->list);
    free(pool->taken);
    free(pool);
}

static void lease_give(struct lease *lease, size_t index)
{
    lease->pool->taken[index] = true;
    lease->index = index;
    lease->account = &lease->pool->list.items[index];
}

bool accounts_lease(struct accounts *accounts, struct lease *lease)
{
    lease->pool = accounts;
    accounts->leases++;
    lease->account = NULL;
    lease->next = NULL;
    for (size_t i = 0; i < accounts->list.count; i++) {
        size_t index = (accounts->next_index + i) % accounts->list.count;
        if (accounts->taken[index]) continue;
        accounts->next_index = index + 1;
        lease_give(lease, index);
        return true;
    }
    struct lease **end = &accounts->first_waiting;
    while (*end) end = &(*end)->next;
    *end = lease;
    return false;
}

void lease_release(struct lease *lease)
{
    struct accounts *pool = lease->pool;
    if (!pool) return;
    if (!lease->account) {
        struct lease **at = &pool->first_waiting;
        while (*at && *at != lease) at = &(*at)->next;
        if (*at) *at = lease->next;
    } else if (pool->first_waiting) {
        struct lease *waiting = pool->first_waiting;
        pool->first_waiting = waiting->next;
        lease_give(waiting, lease->index);
        waiting->leased(waiting->context);
    } else {
        pool->taken[lease->index] = false;
    }
    if (!--pool->leases && pool->forgotten) accounts_free(pool);
    lease->pool = NULL;
    lease->account = NULL;
}

static void set_fields(const struct account *account, struct variables *variables)
{
    for (size_t i = 0; i < account->field_count; i++) {
        AUTO_FREE char *name = xasprintf("account.%s", account->fields[i].name);
        variables_set_text(variables, name, account->fields[i].value);
    }
}

void accounts_set_variables(const struct accounts *accounts, int index, struct variables *variables)
{
    if (index >= 0 && (size_t)index < accounts->list.count)
        set_fields(&accounts->list.items[index], variables);
}

void lease_set_variables(const struct lease *lease, struct variables *variables)
{
    set_fields(lease->account, variables);
}

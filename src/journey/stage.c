/* SPDX-License-Identifier: Apache-2.0 */
/* What the stages mean. Apart from journey.c, for those who read about journeys but load none. */
#include "journey/journey.h"

#include <string.h>

bool stage_is_core(const char *stage)
{
    static const char *const core[] = {"login", "price-view", "add-to-cart", "checkout"};
    for (size_t i = 0; i < COUNT_OF(core); i++) {
        if (!strcmp(core[i], stage)) return true;
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See descriptors.h. */
#include "watch/descriptors.h"

#include <sys/resource.h>

uint64_t descriptors_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return UINT64_MAX;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return getrlimit(RLIMIT_NOFILE, &limit) ? UINT64_MAX : limit.rlim_cur;
}

unsigned descriptors_places(uint64_t limit, unsigned wanted)
{
    uint64_t left = limit > DESCRIPTORS_RESERVED ? limit - DESCRIPTORS_RESERVED : 0;
    uint64_t places = left / DESCRIPTORS_EACH;
    if (!places) places = 1;
    return places < wanted ? (unsigned)places : wanted;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which version this is. See shopper/version.h. */
#include <shopper/version.h>

const char *shopper_version(void)
{
    return SHOPPER_VERSION;
}

int shopper_version_number(void)
{
    return SHOPPER_VERSION_NUMBER;
}

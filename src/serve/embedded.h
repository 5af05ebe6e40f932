/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the binary carries, made into C at build time (embed.cmake). */
#ifndef SHOPPER_SERVE_EMBEDDED_H
#define SHOPPER_SERVE_EMBEDDED_H

#include "base/view.h"

extern const struct view embedded_style, embedded_script, embedded_icon, embedded_openapi;

#endif

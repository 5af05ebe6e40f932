/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version this is, and what is the same in all headers of libshopper.
 *
 * Versions follow Semantic Versioning. Within one soname (libshopper.so.0) functions and
 * enumerators may be added, and fields at the end of structs that the library allocates; nothing is
 * taken away.
 */
#ifndef SHOPPER_VERSION_H
#define SHOPPER_VERSION_H

/* The version that a program was compiled against. */
#define SHOPPER_VERSION_MAJOR 0
#define SHOPPER_VERSION_MINOR 1
#define SHOPPER_VERSION_PATCH 0
#define SHOPPER_VERSION_NUMBER                                                                     \
    (SHOPPER_VERSION_MAJOR * 1000000 + SHOPPER_VERSION_MINOR * 1000 + SHOPPER_VERSION_PATCH)

#if defined(__GNUC__)
#define SHOPPER_API __attribute__((visibility("default")))
#define SHOPPER_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SHOPPER_API
#define SHOPPER_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version that a program runs with: "0.1.0". */
SHOPPER_API const char *shopper_version(void);
SHOPPER_API int shopper_version_number(void); /* as SHOPPER_VERSION_NUMBER counts */

#ifdef __cplusplus
}
#endif

#endif

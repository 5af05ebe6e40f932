/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate authority for tests: keys and certificates made on the spot, with whatever fault a
 * test needs. Its files lie in a directory of their own and go with it.
 */
#ifndef SHOPPER_TESTS_TEST_CA_H
#define SHOPPER_TESTS_TEST_CA_H

#include <openssl/x509.h>

struct test_ca {
    EVP_PKEY *key;
    X509 *certificate;
    char directory[64];
    char ca_file[96], crl_file[96]; /* PEM; the list is empty until test_ca_revoke */
    long next_serial;
};

struct test_certificate {
    const char *name;          /* a DNS name, or an IP address */
    int from_days, until_days; /* from today; both 0: yesterday until in 30 days */
    int weak_bits;             /* an RSA key of so many bits; 0: P-256 */
    int self_signed;
    struct test_ca *issuer; /* NULL with self_signed */
    /* Made: */
    EVP_PKEY *key;
    X509 *certificate;
};

struct test_ca *test_ca_new(void);
void test_ca_free(struct test_ca *ca);
void test_certificate_make(struct test_certificate *certificate);
void test_certificate_release(struct test_certificate *certificate);
void test_ca_revoke(struct test_ca *ca, const X509 *certificate); /* NULL: an empty list */
/* Writes both as PEM into the CA's directory; the paths are the caller's to free. */
void test_certificate_write(const struct test_certificate *certificate, const char *directory,
                            char **ret_certificate, char **ret_key);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* See test_ca.h. */
#include "support/test_ca.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY_SECONDS = 86400 };

static void set_name(X509 *certificate, const char *name)
{
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ASSERT(extension && X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

static X509 *blank(EVP_PKEY *key, const char *name, long serial, int from_days, int until_days)
{
    X509 *certificate = X509_new();
    ASSERT(certificate && X509_set_version(certificate, X509_VERSION_3));
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), (long)from_days * DAY_SECONDS);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (long)until_days * DAY_SECONDS);
    X509_set_pubkey(certificate, key);
    set_name(certificate, name);
    return certificate;
}

static void write_certificate(const char *path, X509 *certificate)
{
    FILE *file = fopen(path, "w");
    ASSERT(file && PEM_write_X509(file, certificate));
    fclose(file);
}

struct test_ca *test_ca_new(void)
{
    struct test_ca *ca = NEW(struct test_ca);
    snprintf(ca->directory, sizeof ca->directory, "/tmp/shopper-ca-XXXXXX");
    ASSERT(mkdtemp(ca->directory));
    snprintf(ca->ca_file, sizeof ca->ca_file, "%s/ca.pem", ca->directory);
    snprintf(ca->crl_file, sizeof ca->crl_file, "%s/crl.pem", ca->directory);
    ca->next_serial = 2;
    ca->key = EVP_EC_gen("P-256");
    ca->certificate = blank(ca->key, "Test Root", 1, -400, 400);
    X509_set_issuer_name(ca->certificate, X509_get_subject_name(ca->certificate));
    add_extension(ca->certificate, ca->certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca->certificate, ca->certificate, NID_key_usage, "keyCertSign,cRLSign");
    ASSERT(X509_sign(ca->certificate, ca->key, EVP_sha256()));
    write_certificate(ca->ca_file, ca->certificate);
    test_ca_revoke(ca, NULL);
    return ca;
}

void test_ca_free(struct test_ca *ca)
{
    if (!ca) return;
    EVP_PKEY_free(ca->key);
    X509_free(ca->certificate);
    unlink(ca->ca_file);
    unlink(ca->crl_file);
    rmdir(ca->directory);
    free(ca);
}

void test_certificate_make(struct test_certificate *made)
{
    if (!made->from_days && !made->until_days) {
        made->from_days = -1;
        made->until_days = 30;
    }
    made->key = made->weak_bits ? EVP_RSA_gen((unsigned)made->weak_bits) : EVP_EC_gen("P-256");
    ASSERT(made->key);
    long serial = made->issuer ? made->issuer->next_serial++ : 77;
    X509 *leaf = made->certificate =
        blank(made->key, made->name, serial, made->from_days, made->until_days);
    X509 *issuer = made->self_signed ? leaf : made->issuer->certificate;
    X509_set_issuer_name(leaf, X509_get_subject_name(issuer));
    struct in6_addr address;
    bool is_address = inet_pton(AF_INET, made->name, &address) == 1 ||
                      inet_pton(AF_INET6, made->name, &address) == 1;
    AUTO_FREE char *alternative = xasprintf("%s:%s", is_address ? "IP" : "DNS", made->name);
    add_extension(leaf, issuer, NID_subject_alt_name, alternative);
    EVP_PKEY *signer = made->self_signed ? made->key : made->issuer->key;
    ASSERT(X509_sign(leaf, signer, EVP_sha256()));
}

void test_certificate_release(struct test_certificate *certificate)
{
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->certificate);
    *certificate = (struct test_certificate){0};
}

void test_ca_revoke(struct test_ca *ca, const X509 *certificate)
{
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *later = X509_gmtime_adj(NULL, DAY_SECONDS);
    ASSERT(list && now && later && X509_CRL_set_version(list, X509_CRL_VERSION_2));
    X509_CRL_set_issuer_name(list, X509_get_subject_name(ca->certificate));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, later);
    if (certificate) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
        X509_REVOKED_set_serialNumber(entry, serial);
        X509_REVOKED_set_revocationDate(entry, now);
        ASSERT(X509_CRL_add0_revoked(list, entry));
        ASN1_INTEGER_free(serial);
    }
    ASSERT(X509_CRL_sign(list, ca->key, EVP_sha256()));
    FILE *file = fopen(ca->crl_file, "w");
    ASSERT(file && PEM_write_X509_CRL(file, list));
    fclose(file);
    X509_CRL_free(list);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
}

void test_certificate_write(const struct test_certificate *certificate, const char *directory,
                            char **ret_certificate, char **ret_key)
{
    *ret_certificate = xasprintf("%s/client.pem", directory);
    *ret_key = xasprintf("%s/client.key", directory);
    write_certificate(*ret_certificate, certificate->certificate);
    FILE *file = fopen(*ret_key, "w");
    ASSERT(file && PEM_write_PrivateKey(file, certificate->key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of TLS that no server here can be made to do: each row of the tables, as it reads.
 */
#include "http/internal.h"
#include "http_test.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>

static void each_fault_of_a_certificate_reads_well(void **state)
{
    static const int errors[] = {
        X509_V_ERR_CERT_HAS_EXPIRED,
        X509_V_ERR_CERT_NOT_YET_VALID,
        X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
        X509_V_ERR_CERT_REVOKED,
        X509_V_ERR_EE_KEY_TOO_SMALL,
        X509_V_ERR_CA_KEY_TOO_SMALL,
        X509_V_ERR_CA_MD_TOO_WEAK,
        X509_V_ERR_CERT_SIGNATURE_FAILURE,
        X509_V_ERR_INVALID_CA,
        X509_V_ERR_INVALID_PURPOSE,
        X509_V_ERR_UNABLE_TO_GET_CRL,
        X509_V_ERR_CRL_HAS_EXPIRED,
        X509_V_ERR_CRL_NOT_YET_VALID,
        X509_V_ERR_PATH_LENGTH_EXCEEDED, /* in no table */
    };
    (void)state;
    struct test_ca *ca = test_ca_new();
    struct test_certificate certificate = {.name = "shop.example", .issuer = ca};
    test_certificate_make(&certificate);
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        struct http_result result = {.kind = OUTCOME_TLS};
        struct tls_words words = tls_verify_words(errors[i], certificate.certificate);
        result.detail = words.detail;
        if (words.actual) result.expected = xstrdup("a certificate");
        result.actual = words.actual;
        note_told(&result);
        http_result_release(&result);
    }
    struct http_result result = {.kind = OUTCOME_TLS, .expected = xstrdup("a certificate")};
    struct tls_words words = tls_names_words(NULL, "shop.example");
    result.detail = words.detail;
    result.actual = words.actual;
    note_told(&result);
    http_result_release(&result);
    test_certificate_release(&certificate);
    test_ca_free(ca);
}

static void each_reason_of_a_handshake_reads_well(void **state)
{
    static const int reasons[] = {
        SSL_R_UNSUPPORTED_PROTOCOL,
        SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
        SSL_R_NO_PROTOCOLS_AVAILABLE,
        SSL_R_WRONG_VERSION_NUMBER,
        SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
        SSL_R_NO_CIPHERS_AVAILABLE,
        SSL_R_DH_KEY_TOO_SMALL,
        SSL_R_EE_KEY_TOO_SMALL,
        SSL_R_CA_KEY_TOO_SMALL,
        SSL_R_CA_MD_TOO_WEAK,
        SSL_R_WRONG_SIGNATURE_TYPE,
        SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED,
        SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED,
        SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
        SSL_R_TLSV1_ALERT_UNKNOWN_CA,
        SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
        SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
        SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
        SSL_R_TLSV1_ALERT_ACCESS_DENIED,
        SSL_R_TLSV1_UNRECOGNIZED_NAME,
        SSL_R_TLSV1_ALERT_INTERNAL_ERROR,
        SSL_R_UNEXPECTED_EOF_WHILE_READING,
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        AUTO_FREE char *text =
            xasprintf("error:%08lX:SSL routines", ERR_PACK(ERR_LIB_SSL, 0, (unsigned)reasons[i]));
        const char *reason = tls_reason(text);
        assert_non_null(reason);
        struct http_result result = {.kind = OUTCOME_TLS, .detail = xstrdup(reason)};
        note_told(&result);
        http_result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_a_certificate_reads_well),
        cmocka_unit_test(each_reason_of_a_handshake_reads_well),
        PIN_MESSAGES("http/words.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

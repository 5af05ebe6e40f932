/* SPDX-License-Identifier: Apache-2.0 */
/* TLS failures in words: which certificate, which name, which day. */
#include "http/internal.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* What a person would call it: its common name, else the whole name. */
static void short_name(const X509_NAME *name, char *text, size_t size)
{
    snprintf(text, size, "without a name");
    if (!name) return;
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0) at = X509_NAME_entry_count(name) - 1;
    if (at < 0) return;
    unsigned char *utf8 = NULL;
    int length =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length < 0) return;
    snprintf(text, size, "'%.*s'", length, (const char *)utf8);
    OPENSSL_free(utf8);
}

struct subject {
    char name[200], issuer[200];
    char begins[16], ends[16];
};

static const struct {
    int error;
    const char *detail; /* %1 name, %2 issuer, %3 first day, %4 last day */
    const char *actual; /* NULL: the want is ours */
} verdicts[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "the certificate %1 expired on %4", "one that expired on %4"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "the certificate %1 is not valid before %3",
     "one that is not valid before %3"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "the certificate %1 is self-signed and not trusted",
     "one that is self-signed"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "the chain ends in %1, which is not trusted",
     "one whose chain ends in %1"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "the certificate %1 is issued by %2, which is not trusted or was not sent along",
     "one issued by %2"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
     "the certificate %1 is issued by %2, which is not trusted or was not sent along",
     "one issued by %2"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
     "the certificate %1 is issued by %2, which is not trusted or was not sent along",
     "one issued by %2"},
    {X509_V_ERR_CERT_REVOKED, "the certificate %1 was revoked by %2", "one that %2 revoked"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, "the key of the certificate %1 is too weak",
     "one with a weak key"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, "the key of the issuing certificate %1 is too weak",
     "one whose issuer %1 has a weak key"},
    {X509_V_ERR_CA_MD_TOO_WEAK, "the certificate %1 is signed with a digest that is too weak",
     "one signed with a weak digest"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "the signature on the certificate %1 is false",
     "one with a false signature"},
    {X509_V_ERR_INVALID_CA, "the certificate %1 may not issue others",
     "one issued by %1, which may issue none"},
    {X509_V_ERR_INVALID_PURPOSE, "the certificate %1 is not meant for servers",
     "one that is not for servers"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, "we have no revocation list of %2", NULL},
    {X509_V_ERR_CRL_HAS_EXPIRED, "our revocation list of %2 is out of date", NULL},
    {X509_V_ERR_CRL_NOT_YET_VALID, "our revocation list of %2 is not valid yet", NULL},
};

static char *fill(const char *format, const struct subject *subject)
{
    const char *const parts[] = {subject->name, subject->issuer, subject->begins, subject->ends};
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    if (!format) return NULL;
    for (; *format; format++) {
        if (*format == '%')
            buf_add_text(&text, parts[*++format - '1']);
        else
            buf_add_char(&text, *format);
    }
    return buf_take(&text);
}

struct tls_words tls_verify_words(int error, const X509 *certificate)
{
    struct subject subject;
    int64_t seconds;
    short_name(certificate ? X509_get_subject_name(certificate) : NULL, subject.name,
               sizeof subject.name);
    short_name(certificate ? X509_get_issuer_name(certificate) : NULL, subject.issuer,
               sizeof subject.issuer);
    tls_date(certificate ? X509_get0_notBefore(certificate) : NULL, subject.begins, &seconds);
    tls_date(certificate ? X509_get0_notAfter(certificate) : NULL, subject.ends, &seconds);
    for (size_t i = 0; i < COUNT_OF(verdicts); i++)
        if (verdicts[i].error == error)
            return (struct tls_words){fill(verdicts[i].detail, &subject),
                                      fill(verdicts[i].actual, &subject)};
    const char *why = X509_verify_cert_error_string(error);
    return (struct tls_words){xasprintf("the certificate %s was refused: %s", subject.name, why),
                              xstrdup(why)};
}

static void add_alternative(struct buf *names, const GENERAL_NAME *name)
{
    const char *comma = names->length ? ", " : "";
    if (name->type == GEN_DNS) {
        buf_addf(names, "%s%.*s", comma, ASN1_STRING_length(name->d.dNSName),
                 (const char *)ASN1_STRING_get0_data(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
        char text[INET6_ADDRSTRLEN];
        int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
        if (inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof text))
            buf_addf(names, "%s%s", comma, text);
    }
}

struct tls_words tls_names_words(const X509 *leaf, const char *host)
{
    enum { SHOWN = 8 };
    if (!leaf)
        return (struct tls_words){xasprintf("the certificate is not for %s", host),
                                  xstrdup("another one")};
    AUTO_BUF names = BUF_INIT(1000);
    GENERAL_NAMES *alternatives = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives) && i < SHOWN; i++)
        add_alternative(&names, sk_GENERAL_NAME_value(alternatives, i));
    GENERAL_NAMES_free(alternatives);
    if (names.length)
        return (struct tls_words){
            xasprintf("the certificate is for %s, not for %s", buf_text(&names), host),
            xasprintf("one for %s", buf_text(&names))};
    char subject[200];
    short_name(X509_get_subject_name(leaf), subject, sizeof subject);
    return (struct tls_words){xasprintf("the certificate %s is not for %s", subject, host),
                              xasprintf("one %s%s", *subject == '\'' ? "of " : "", subject)};
}

static const struct {
    int reason;
    const char *text;
} reasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, "the shop speaks no TLS version that we accept"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "the shop accepts no TLS version that we speak"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, "there is no common TLS version"},
    {SSL_R_WRONG_VERSION_NUMBER, "what answers there does not speak TLS"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "the shop finds no common ground with us (handshake failure)"},
    {SSL_R_NO_CIPHERS_AVAILABLE, "there is no common cipher"},
    {SSL_R_DH_KEY_TOO_SMALL, "the shop's key exchange is too weak"},
    {SSL_R_EE_KEY_TOO_SMALL, "the certificate's key is too weak"},
    {SSL_R_CA_KEY_TOO_SMALL, "an issuing certificate's key is too weak"},
    {SSL_R_CA_MD_TOO_WEAK, "the certificate is signed with a digest that is too weak"},
    {SSL_R_WRONG_SIGNATURE_TYPE, "the shop signs in a way that is too weak"},
    {SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED, "the shop signs in a way that is too weak"},
    {SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, "the shop lacks secure renegotiation"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "the shop wants a client certificate"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the shop does not trust our client certificate"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the shop refuses our client certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the shop finds our client certificate expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the shop finds our client certificate revoked"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the shop denies access"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "the shop does not know the name it was called by"},
    {SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the shop reports an internal error"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "the connection was closed"},
};

const char *tls_reason(const char *curl_text)
{
    const char *at = strstr(curl_text, "error:");
    if (!at) return NULL;
    unsigned long code = strtoul(at + strlen("error:"), NULL, 16);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) return NULL;
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].reason == ERR_GET_REASON(code)) return reasons[i].text;
    return NULL;
}

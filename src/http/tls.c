/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS beyond what curl offers: one store of trusted certificates for all handshakes (curl would
 * read its own again and again), notes on why a certificate was refused, and the certificate as
 * data.
 */
#include "http/internal.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

static bool openssl_error(struct error *error, const char *what, const char *file)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    error_set(error, "cannot read the %s %s: %s", what, file, reason ? reason : "unknown error");
    ERR_clear_error();
    return false;
}

static bool key_error(struct error *error, const char *key)
{
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) != ERR_LIB_X509 || ERR_GET_REASON(code) != X509_R_KEY_VALUES_MISMATCH)
        return openssl_error(error, "private key (it must be one without a passphrase)", key);
    error_set(error, "the private key %s is not the client certificate's", key);
    ERR_clear_error();
    return false;
}

static X509_STORE *store_make(struct curl_client *client)
{
    client->store = X509_STORE_new();
    ASSERT(client->store);
    return client->store;
}

/* Links as c_rehash makes them: "0a1b2c3d.0". */
static bool has_hashed_names(const char *directory)
{
    DIR *listing = opendir(directory);
    if (!listing) return false;
    const struct dirent *entry;
    bool found = false;
    while (!found && (entry = readdir(listing)))
        found = strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.' &&
                entry->d_name[9] == '0';
    closedir(listing);
    return found;
}

/* The directory form is read one certificate at a time, as they are asked for: to parse a bundle of
 * 140 takes longer than to walk a whole journey. The bundle is for systems that have no directory,
 * and for those who name one. */
static void trust_system(struct curl_client *client)
{
    X509_STORE *store = store_make(client);
    const char *directory = getenv(X509_get_default_cert_dir_env());
    const char *file = getenv(X509_get_default_cert_file_env());
    if (!directory) directory = X509_get_default_cert_dir();
    bool usable = X509_STORE_load_path(store, directory) && has_hashed_names(directory);
    if (file || !usable) X509_STORE_load_file(store, file ? file : X509_get_default_cert_file());
    const char *bundle = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (!file && !usable && bundle) X509_STORE_load_file(store, bundle);
    ERR_clear_error();
}

static bool store_init(struct curl_client *client, const struct curl_client_options *options,
                       struct error *error)
{
    if (options->ca_file) {
        store_make(client);
        if (!X509_STORE_load_file(client->store, options->ca_file))
            return openssl_error(error, "CA file", options->ca_file);
    }
    if (!options->crl_file) return true;
    if (!client->store) trust_system(client);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(client->store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, options->crl_file, X509_FILETYPE_PEM) <= 0)
        return openssl_error(error, "revocation list", options->crl_file);
    X509_STORE_set_flags(client->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    client->has_crl = true;
    return true;
}

/* OpenSSL would ask at the terminal, and all shoppers would wait. */
static int no_passphrase(char *text, int size, int writing, void *context)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

/* What curl would find out with the first handshake. */
static bool pair_is_good(const struct curl_client_options *options, struct error *error)
{
    const char *key = options->private_key ? options->private_key : options->certificate;
    if (!key) return true;
    if (!options->certificate)
        return error_set(error, "the private key %s is of no certificate: none is named", key);
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    ASSERT(tls);
    SSL_CTX_set_default_passwd_cb(tls, no_passphrase);
    bool good = true;
    if (SSL_CTX_use_certificate_chain_file(tls, options->certificate) != 1)
        good = openssl_error(error, "client certificate", options->certificate);
    else if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        good = key_error(error, key);
    SSL_CTX_free(tls);
    return good;
}

bool tls_init(struct curl_client *client, const struct curl_client_options *options,
              struct error *error)
{
    const char *const files[] = {options->ca_file, options->crl_file, options->certificate,
                                 options->private_key};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (files[i] && access(files[i], R_OK))
            return error_set(error, "cannot read %s: %s", files[i], strerror(errno));
    if (!pair_is_good(options, error) || !store_init(client, options, error)) return false;
    client->certificate = xstrdup(options->certificate);
    client->private_key = xstrdup(options->private_key);
    ERR_clear_error();
    return true;
}

void tls_date(const ASN1_TIME *time, char text[static 16], int64_t *ret_seconds)
{
    struct tm parts = {0};
    if (!time || !ASN1_TIME_to_tm(time, &parts)) {
        snprintf(text, 16, "an unknown day");
        *ret_seconds = 0;
        return;
    }
    strftime(text, 16, "%Y-%m-%d", &parts);
    *ret_seconds = timegm(&parts);
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    char text[16];
    int64_t seconds;
    tls_date(time, text, &seconds);
    return seconds;
}

static void name_print(const X509_NAME *name, char *text, size_t size)
{
    text[0] = '\0';
    BIO *out = BIO_new(BIO_s_mem());
    if (!out || !name) return;
    X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    int length = BIO_read(out, text, (int)size - 1);
    text[length > 0 ? length : 0] = '\0';
    BIO_free(out);
}

static void certificate_fill(struct certificate *certificate, const X509 *leaf,
                             const STACK_OF(X509) * chain, const SSL *ssl)
{
    *certificate = (struct certificate){.present = true};
    certificate->not_before_s = seconds_of(X509_get0_notBefore(leaf));
    certificate->not_after_s = seconds_of(X509_get0_notAfter(leaf));
    certificate->earliest_not_after_s = certificate->not_after_s;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t end_s = seconds_of(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (end_s < certificate->earliest_not_after_s) certificate->earliest_not_after_s = end_s;
    }
    name_print(X509_get_subject_name(leaf), certificate->subject, sizeof certificate->subject);
    name_print(X509_get_issuer_name(leaf), certificate->issuer, sizeof certificate->issuer);
    view_copy(view_of(SSL_get_version(ssl)), certificate->protocol, sizeof certificate->protocol);
}

/* OpenSSL calls this for each certificate of the chain and for each fault it finds. */
static int certificate_seen(int fine, X509_STORE_CTX *verification)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct http_session *session = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct tls_state *tls = &session->tls;
    X509 *leaf = X509_STORE_CTX_get0_cert(verification);
    if (tls->leaf != leaf && leaf && session->exchange) {
        X509_free(tls->leaf);
        X509_up_ref(leaf);
        tls->leaf = leaf;
        tls->ssl = ssl;
        certificate_fill(&tls->certificate, leaf, X509_STORE_CTX_get0_untrusted(verification), ssl);
        session->exchange->message->certificate = tls->certificate;
    }
    if (fine || tls->verify_error) return fine;
    tls->verify_error = X509_STORE_CTX_get_error(verification);
    tls->verify_words =
        tls_verify_words(tls->verify_error, X509_STORE_CTX_get_current_cert(verification));
    return fine;
}

void tls_forget(struct http_session *session)
{
    struct tls_state *tls = &session->tls;
    X509_free(tls->leaf);
    free(tls->verify_words.detail);
    free(tls->verify_words.actual);
    *tls = (struct tls_state){0};
}

static SSL *ssl_at_hand(const struct http_session *session)
{
    struct curl_tlssessioninfo *info = NULL;
    curl_easy_getinfo(session->easy, CURLINFO_TLS_SSL_PTR, &info);
    return info && info->backend == CURLSSLBACKEND_OPENSSL ? info->internals : NULL;
}

bool tls_speaks_http2(const struct http_session *session)
{
    const SSL *ssl = ssl_at_hand(session);
    const unsigned char *chosen = NULL;
    unsigned length = 0;
    if (ssl) SSL_get0_alpn_selected(ssl, &chosen, &length);
    return length == 2 && !memcmp(chosen, "h2", 2);
}

void tls_read_certificate(struct http_session *session)
{
    SSL *ssl = ssl_at_hand(session);
    if (!ssl) return;
    struct tls_state *tls = &session->tls;
    if (tls->ssl != ssl) { /* a resumed session, or a kept connection to another host */
        X509 *leaf = SSL_get0_peer_certificate(ssl);
        if (!leaf) return;
        certificate_fill(&tls->certificate, leaf, SSL_get_peer_cert_chain(ssl), ssl);
        tls->ssl = ssl;
    }
    session->exchange->message->certificate = tls->certificate;
}

/* A new connection is about to shake hands. */
static CURLcode context_made(CURL *easy, void *context, void *owner)
{
    struct http_session *session = owner;
    SSL_CTX *tls = context;
    (void)easy;
    tls_forget(session);
    if (session->exchange) session->exchange->shaking_us = loop_now_us(session->client->loop);
    SSL_CTX_set_app_data(tls, session);
    /* No read-ahead: what OpenSSL then holds back is hidden from curl, which waits for a socket
     * that has nothing more to say. */
    /* The framing tells whether a body is whole; many servers skip TLS's own farewell. */
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!session->client->store) trust_system(session->client); /* plain http never needs it */
    SSL_CTX_set1_cert_store(tls, session->client->store);
    SSL_CTX_set_verify(tls, session->client->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       certificate_seen);
    return CURLE_OK;
}

void tls_setup(struct http_session *session)
{
    const struct curl_client *client = session->client;
    CURL *easy = session->easy;
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* as browsers do */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, client->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, client->insecure ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, context_made);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, session);
    /* Revocation is checked up to a root. */
    if (client->has_crl)
        curl_easy_setopt(easy, CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_NO_PARTIALCHAIN);
    curl_easy_setopt(easy, CURLOPT_SSLCERT, client->certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, client->private_key);
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, ""); /* never asked for, see pair_is_good */
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body out of its Content-Encoding (RFC 9110, section 8.4). curl could take it out, but does not
 * tell a stream that ended from one that was cut; half a page would pass for a whole one.
 */
#include "http/internal.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    CODINGS_MAX = 5,     /* one over the other; curl lets no more through */
    CHUNK = 16 << 10,    /* on the stack, once for each coding */
    ZSTD_WINDOW_LOG = 23 /* RFC 9659: the most that a content coding may ask for */
};

struct coding {
    const struct coding_type *type;
    union {
        z_stream zlib;
        BrotliDecoderState *brotli;
        ZSTD_DStream *zstd;
    };
    bool begun, ended; /* ended: after the last byte, as far as bytes came */
    size_t taken;      /* bytes */
};

struct decoder {
    struct coding codings[CODINGS_MAX]; /* the one on the outside first */
    size_t count;
    struct buf *out;
    size_t limit;
    char *why; /* it failed; NULL: it did not */
};

struct coding_type {
    const char *name;
    bool (*begin)(struct coding *coding, unsigned char first);
    enum decoded (*push)(struct decoder *decoder, size_t at, struct view bytes);
    void (*end)(struct coding *coding);
};

static enum decoded pass_on(struct decoder *decoder, size_t at, struct view bytes);

static enum decoded broken(struct decoder *decoder, const struct coding *coding, const char *reason)
{
    if (!decoder->why)
        decoder->why = xasprintf("the answer is broken: its %s data: %s", coding->type->name,
                                 reason ? reason : "garbage");
    return DECODED_BROKEN;
}

static enum decoded follows_the_end(struct decoder *decoder, const struct coding *coding)
{
    return broken(decoder, coding, "more bytes follow its end");
}

/* --- zlib's two */

static bool gzip_begin(struct coding *coding, unsigned char first)
{
    (void)first;
    return inflateInit2(&coding->zlib, MAX_WBITS + 16) == Z_OK;
}

/* Some servers send the bare stream, without the wrapper that the standard asks for. */
static bool deflate_begin(struct coding *coding, unsigned char first)
{
    bool wrapped = (first & 0x0f) == Z_DEFLATED && first >> 4 <= MAX_WBITS - 8;
    return inflateInit2(&coding->zlib, wrapped ? MAX_WBITS : -MAX_WBITS) == Z_OK;
}

static void zlib_end(struct coding *coding)
{
    inflateEnd(&coding->zlib);
}

/* gzip: another member may follow (RFC 1952, section 2.2). */
static bool next_member(struct coding *coding)
{
    if (coding->type->begin != gzip_begin || *coding->zlib.next_in != 0x1f) return false;
    coding->ended = false;
    return inflateReset(&coding->zlib) == Z_OK;
}

static enum decoded zlib_push(struct decoder *decoder, size_t at, struct view bytes)
{
    struct coding *coding = &decoder->codings[at];
    z_stream *zlib = &coding->zlib;
    unsigned char chunk[CHUNK];
    zlib->next_in = (unsigned char *)(uintptr_t)bytes.data; /* zlib only reads */
    zlib->avail_in = (unsigned)bytes.length;
    do {
        if (coding->ended && !next_member(coding)) return follows_the_end(decoder, coding);
        zlib->next_out = chunk;
        zlib->avail_out = sizeof chunk;
        int answer = inflate(zlib, Z_SYNC_FLUSH);
        if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
            return broken(decoder, coding, zlib->msg);
        coding->ended = answer == Z_STREAM_END;
        struct view plain = {(char *)chunk, sizeof chunk - zlib->avail_out};
        enum decoded passed = pass_on(decoder, at + 1, plain);
        if (passed != DECODED) return passed;
    } while (zlib->avail_in || (!zlib->avail_out && !coding->ended));
    return DECODED;
}

/* --- brotli */

static bool brotli_begin(struct coding *coding, unsigned char first)
{
    (void)first;
    coding->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return coding->brotli != NULL;
}

static void brotli_end(struct coding *coding)
{
    BrotliDecoderDestroyInstance(coding->brotli);
}

static enum decoded brotli_push(struct decoder *decoder, size_t at, struct view bytes)
{
    struct coding *coding = &decoder->codings[at];
    const unsigned char *next = (const unsigned char *)bytes.data;
    size_t left = bytes.length;
    unsigned char chunk[CHUNK];
    BrotliDecoderResult answer;
    if (coding->ended) return follows_the_end(decoder, coding);
    do {
        unsigned char *to = chunk;
        size_t room = sizeof chunk;
        answer = BrotliDecoderDecompressStream(coding->brotli, &left, &next, &room, &to, NULL);
        if (answer == BROTLI_DECODER_RESULT_ERROR)
            return broken(decoder, coding,
                          BrotliDecoderErrorString(BrotliDecoderGetErrorCode(coding->brotli)));
        enum decoded passed =
            pass_on(decoder, at + 1, (struct view){(char *)chunk, sizeof chunk - room});
        if (passed != DECODED) return passed;
    } while (answer == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
    coding->ended = answer == BROTLI_DECODER_RESULT_SUCCESS;
    return left ? follows_the_end(decoder, coding) : DECODED;
}

/* --- zstd */

static bool zstd_begin(struct coding *coding, unsigned char first)
{
    (void)first;
    coding->zstd = ZSTD_createDStream();
    return coding->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(coding->zstd, ZSTD_d_windowLogMax,
                                                                ZSTD_WINDOW_LOG));
}

static void zstd_end(struct coding *coding)
{
    ZSTD_freeDStream(coding->zstd);
}

/* Another frame may follow the last (RFC 8878, section 3.1): the library begins it by itself. */
static enum decoded zstd_push(struct decoder *decoder, size_t at, struct view bytes)
{
    struct coding *coding = &decoder->codings[at];
    unsigned char chunk[CHUNK];
    ZSTD_inBuffer in = {bytes.data, bytes.length, 0};
    ZSTD_outBuffer out;
    do {
        out = (ZSTD_outBuffer){chunk, sizeof chunk, 0};
        size_t answer = ZSTD_decompressStream(coding->zstd, &out, &in);
        if (ZSTD_isError(answer)) return broken(decoder, coding, ZSTD_getErrorName(answer));
        coding->ended = answer == 0;
        enum decoded passed = pass_on(decoder, at + 1, (struct view){(char *)chunk, out.pos});
        if (passed != DECODED) return passed;
    } while (in.pos < in.size || (out.pos == out.size && !coding->ended));
    return DECODED;
}

static const struct coding_type coding_types[] = {
    {"gzip", gzip_begin, zlib_push, zlib_end},       {"x-gzip", gzip_begin, zlib_push, zlib_end},
    {"deflate", deflate_begin, zlib_push, zlib_end}, {"br", brotli_begin, brotli_push, brotli_end},
    {"zstd", zstd_begin, zstd_push, zstd_end},
};

/* --- One over the other */

static enum decoded pass_on(struct decoder *decoder, size_t at, struct view bytes)
{
    if (!bytes.length) return DECODED;
    if (at == decoder->count)
        return buf_add(decoder->out, bytes.data, bytes.length) ? DECODED : DECODED_TOO_MUCH;
    struct coding *coding = &decoder->codings[at];
    coding->taken += bytes.length; /* what is between two is as bounded as what comes out */
    if (at && coding->taken > decoder->limit) return DECODED_TOO_MUCH;
    if (!coding->begun) {
        coding->begun = coding->type->begin(coding, (unsigned char)bytes.data[0]);
        ASSERT(coding->begun);
    }
    return coding->type->push(decoder, at, bytes);
}

static bool add_coding(struct decoder *decoder, struct view name)
{
    if (!name.length || view_is_nocase(name, "identity")) return true;
    for (size_t i = 0; decoder->count < CODINGS_MAX && i < COUNT_OF(coding_types); i++) {
        if (!view_is_nocase(name, coding_types[i].name)) continue;
        decoder->codings[decoder->count++].type = &coding_types[i];
        return true;
    }
    decoder->why = xasprintf("the answer is broken: its encoding '%.*s' is not known",
                             (int)(name.length < 40 ? name.length : 40), name.data);
    return false;
}

struct decoder *decoder_new(const struct headers *headers, struct buf *out, size_t limit)
{
    struct decoder *decoder = NEW(struct decoder);
    decoder->out = out;
    decoder->limit = limit;
    vec_each(header, headers) {
        if (!view_is_nocase(view_of(header->name), "Content-Encoding")) continue;
        struct view rest = view_of(header->value), name;
        while (view_split(&rest, ',', &name))
            if (!add_coding(decoder, view_trim(name))) return decoder;
    }
    for (size_t i = 0; i < decoder->count / 2; i++) { /* headers name the innermost first */
        struct coding swapped = decoder->codings[i];
        decoder->codings[i] = decoder->codings[decoder->count - 1 - i];
        decoder->codings[decoder->count - 1 - i] = swapped;
    }
    return decoder;
}

enum decoded decoder_push(struct decoder *decoder, struct view bytes)
{
    return decoder->why ? DECODED_BROKEN : pass_on(decoder, 0, bytes);
}

const char *decoder_fault(const struct decoder *decoder)
{
    return decoder->why;
}

const char *decoder_unended(const struct decoder *decoder)
{
    for (size_t i = 0; i < decoder->count; i++)
        if (decoder->codings[i].begun && !decoder->codings[i].ended)
            return decoder->codings[i].type->name;
    return NULL;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder) return;
    for (size_t i = 0; i < decoder->count; i++)
        if (decoder->codings[i].begun) decoder->codings[i].type->end(&decoder->codings[i]);
    free(decoder->why);
    free(decoder);
}

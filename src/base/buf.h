/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_BUF_H
#define JT_BASE_BUF_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bounded reader and writer: every byte that comes from outside, or whose layout matters (the audit chain, sealed
 * values), passes through here. Integers are big-endian. */

struct jt_reader {
	const uint8_t *at;
	size_t left;
};

/* `size` bytes that the caller keeps; NULL with 0 is an empty one. */
struct jt_reader jt_reader_of(const void *bytes, size_t size);
/* Each takes what it names, or answers JT_TRUNCATED and takes nothing. */
JT_MUST_USE enum jt_result jt_read_u8(struct jt_reader *r, uint8_t *out);
JT_MUST_USE enum jt_result jt_read_u32(struct jt_reader *r, uint32_t *out);
JT_MUST_USE enum jt_result jt_read_u64(struct jt_reader *r, uint64_t *out);
JT_MUST_USE enum jt_result jt_read_bytes(struct jt_reader *r, void *out, size_t size);
/* A u32 length and that many bytes, pointing into the input. JT_TOO_LONG above `max`. */
JT_MUST_USE enum jt_result jt_read_blob(struct jt_reader *r, size_t max, const uint8_t **at, size_t *size);
/* JT_OK if nothing is left, else JT_MALFORMED: trailing bytes are an error. */
JT_MUST_USE enum jt_result jt_read_end(const struct jt_reader *r);

/* A growing buffer. Zero-initialise; free with jt_buf_free. After a failed call the content is as before it, and
 * `failed` stays set, so that a series of appends can be checked once. */
struct jt_buf {
	uint8_t *data;
	size_t size;
	size_t room;
	bool failed;
};

/* JT_NOMEM, or JT_TOO_LONG above 64 MiB. */
JT_MUST_USE enum jt_result jt_buf_add(struct jt_buf *b, const void *bytes, size_t size);
/* Append without looking; see jt_buf_check(). */
void jt_buf_put(struct jt_buf *b, const void *bytes, size_t size);
void jt_buf_put_u8(struct jt_buf *b, uint8_t v);
void jt_buf_put_u32(struct jt_buf *b, uint32_t v);
void jt_buf_put_u64(struct jt_buf *b, uint64_t v);
void jt_buf_put_blob(struct jt_buf *b, const void *bytes, size_t size);
void jt_buf_put_text(struct jt_buf *b, const char *text); /* its bytes, no terminator, no length */
void jt_buf_printf(struct jt_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* JT_OK, or JT_NOMEM if any append failed. */
JT_MUST_USE enum jt_result jt_buf_check(const struct jt_buf *b);
/* The content as a C string (a terminator is kept beyond `size`); NULL if it cannot be had. */
const char *jt_buf_text(struct jt_buf *b);
/* Frees the memory and zeroes the struct; `wipe` overwrites it first. */
void jt_buf_free(struct jt_buf *b);
void jt_buf_wipe(struct jt_buf *b);

#endif

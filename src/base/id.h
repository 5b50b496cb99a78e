/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_ID_H
#define JT_BASE_ID_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An id: 16 bytes inside, a UUID (RFC 9562) at the edge. All zero means "none". */
#define JT_ID_SIZE 16
#define JT_ID_TEXT_SIZE 37 /* 36 characters and the terminator */

struct jt_id {
	uint8_t b[JT_ID_SIZE];
};

/* A new version 7 UUID (RFC 9562, 5.7): ordered by the millisecond it was made in, 74 bits of getrandom(2). */
struct jt_id jt_id_new(int64_t now_ns);
/* Writes the lower-case text form and returns `out`. */
const char *jt_id_text(const struct jt_id *id, char out[JT_ID_TEXT_SIZE]);
/* Reads exactly 36 characters of `text` (`length` bytes), either case. JT_MALFORMED otherwise; *out then zero. */
JT_MUST_USE enum jt_result jt_id_parse(const char *text, size_t length, struct jt_id *out);
bool jt_id_equal(const struct jt_id *a, const struct jt_id *b);
bool jt_id_is_none(const struct jt_id *id);

#endif

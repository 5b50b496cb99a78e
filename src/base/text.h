/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_TEXT_H
#define JT_BASE_TEXT_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text at the boundary: what is UTF-8, what is printable, how case folds, how bytes are spelled. No allocation. */

/* Well-formed UTF-8 (RFC 3629), shortest forms only, no surrogates. */
bool jt_text_is_utf8(const char *text, size_t length);
/* The length of the well-formed character at the start of `text` and its code point, or 0 if there is none. */
size_t jt_text_next(const char *text, size_t length, uint32_t *code);
/* UTF-8 without control characters (C0, DEL, C1), and not empty. For names and labels. */
bool jt_text_is_name(const char *text, size_t length);
/* `[a-zA-Z0-9]([a-zA-Z0-9_:.-]*[a-zA-Z0-9])?`, 1 to 128 bytes: what an app is called. */
bool jt_text_is_app(const char *text, size_t length);
/* One @ with something on both sides, a dot-atom local part, a host name; 3 to 254 bytes, ASCII. */
bool jt_text_is_email(const char *text, size_t length);
/* ASCII lower case; other bytes as they are. `out` holds `size` bytes with the terminator; JT_TOO_LONG if it does not fit. */
JT_MUST_USE enum jt_result jt_text_fold(const char *text, char *out, size_t size);
/* What can be shown of bytes that somebody sent: as many whole characters as fit into `size` bytes with the terminator; what is no
 * character, or a control character, becomes '?'. */
void jt_text_tame(const char *bytes, char *out, size_t size);
/* A slug of a name: lower-case ASCII letters, digits, single dashes; "org" if nothing remains. */
JT_MUST_USE enum jt_result jt_text_slug(const char *name, char *out, size_t size);

/* Lower-case hex, terminated; `out` holds 2 * size + 1 bytes. Returns `out`. */
char *jt_hex(const void *bytes, size_t size, char *out);
/* Exactly 2 * size hex digits of either case. JT_MALFORMED otherwise. */
JT_MUST_USE enum jt_result jt_unhex(const char *text, size_t length, void *out, size_t size);
/* base64url without padding (RFC 4648, 5), terminated; `out` holds (size + 2) / 3 * 4 + 1 bytes. Returns `out`. */
char *jt_base64url(const void *bytes, size_t size, char *out);
/* JT_MALFORMED for a foreign character or trailing bits, JT_TOO_LONG if `out` (`size` bytes) is too small. */
JT_MUST_USE enum jt_result jt_unbase64url(const char *text, size_t length, void *out, size_t size, size_t *used);
/* CRC-32 (ISO-HDLC, as in zlib), of `size` bytes. */
uint32_t jt_crc32(const void *bytes, size_t size);
/* `count` base62 digits (0-9A-Za-z) of `value`, most significant first, no terminator. */
void jt_base62_u32(uint32_t value, char *out, size_t count);
/* A decimal integer without sign, blanks or leading zeros, at most `max`. JT_MALFORMED otherwise. */
JT_MUST_USE enum jt_result jt_text_u64(const char *text, size_t length, uint64_t max, uint64_t *out);

#endif

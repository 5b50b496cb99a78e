/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TOKEN_TOKEN_H
#define JT_TOKEN_TOKEN_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value itself:  brand + kind letter + '_' + 32 base62 characters + 6 base62 characters of CRC-32 (doc/formats/token.md).
 * Pure: no I/O but the random source in jt_token_mint. */

/* X(name, letter): what a token is for. The order is stored in no place; the names are. */
#define JT_KINDS(X) \
	X(PERSONAL, personal, 'p') \
	X(CI, ci, 'c') \
	X(GITHUB, github, 'g') \
	X(JIRA, jira, 'j') \
	X(ACCESS, access, 'a') \
	X(SERVICE, service, 's') \
	X(CUSTOM, custom, 'x')

enum jt_kind {
#define JT_KIND_ENUM(upper, lower, letter) JT_KIND_##upper,
	JT_KINDS(JT_KIND_ENUM)
#undef JT_KIND_ENUM
		JT_KIND_COUNT
};

/* "ci"; never NULL. */
const char *jt_kind_name(enum jt_kind kind);
/* JT_MALFORMED if there is no such kind. */
JT_MUST_USE enum jt_result jt_kind_parse(const char *name, enum jt_kind *out);
/* 'c'; `kind` is one of the list. */
char jt_kind_letter(enum jt_kind kind);

#define JT_BRAND_MIN 2
#define JT_BRAND_MAX 8
#define JT_BRAND_DEFAULT "jtn"
#define JT_TOKEN_RANDOM 32
#define JT_TOKEN_CHECK 6
#define JT_TOKEN_MAX 55 /* at most: one SHA-256 block with its padding */
#define JT_TOKEN_SIZE (JT_TOKEN_MAX + 1)
#define JT_DIGEST_SIZE 32

/* 2 to 8 lower-case letters. */
bool jt_brand_is_valid(const char *brand);
/* Makes a new value, terminated. `brand` is valid. Uniform over 62^32 values: rejection, never a modulo. */
void jt_token_mint(const char *brand, enum jt_kind kind, char out[JT_TOKEN_SIZE]);

enum jt_token_shape { JT_SHAPE_OK, JT_SHAPE_BAD, JT_SHAPE_CHECKSUM };
/* What the text alone says of `length` bytes: of our shape with a right checksum, not of our shape (another brand among
 * them), or of our shape with a wrong checksum. *kind is set on JT_SHAPE_OK; `kind` may be NULL. */
enum jt_token_shape jt_token_parse(const char *brand, const char *text, size_t length, enum jt_kind *kind);
/* SHA-256 of the value (FIPS 180-4): all that is kept of it. */
void jt_token_digest(const char *text, size_t length, uint8_t out[JT_DIGEST_SIZE]);

#endif

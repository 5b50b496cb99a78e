/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_FORM_H
#define JT_HTTP_FORM_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* A body of application/x-www-form-urlencoded, as the OAuth endpoints take it (RFC 6749, appendix B). */

#define JT_FORM_MAX 24

struct jt_form_field {
	const char *name;
	const char *value; /* terminated, and may hold any byte: a token is judged by whoever knows tokens */
	size_t size;       /* of the value */
};

struct jt_form {
	char *text; /* malloc'd; all below points into it */
	size_t room;
	unsigned count;
	struct jt_form_field field[JT_FORM_MAX];
};

/* Takes `size` bytes. JT_BAD_REQUEST for a bad escape, a byte that must be escaped, a name with control characters, a field
 * given twice (RFC 6749, 3.2), more than JT_FORM_MAX; JT_NOMEM. *out is to be freed in either case. */
JT_MUST_USE enum jt_result jt_form_parse(const char *text, size_t size, struct jt_form *out, struct jt_why *why);
/* Wipes and frees what it holds, and zeroes it. */
void jt_form_free(struct jt_form *f);
/* NULL if it was left out, or has no value, which is the same (RFC 6749, 3.2). */
const struct jt_form_field *jt_form_find(const struct jt_form *f, const char *name);
/* The value as text; NULL also for one that holds a NUL. */
const char *jt_form_text(const struct jt_form *f, const char *name);
/* Decodes `size` bytes into `out`, which has room for as many and a terminator; *used is how many came of it. JT_BAD_REQUEST. */
JT_MUST_USE enum jt_result jt_form_decode(const char *text, size_t size, char *out, size_t *used);

#endif

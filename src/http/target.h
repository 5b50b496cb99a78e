/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_TARGET_H
#define JT_HTTP_TARGET_H

#include "base/buf.h"
#include "base/result.h"

/* The request target, decoded by us: what the HTTP library makes of it is not looked at. */

#define JT_QUERY_MAX 24

struct jt_pair {
	const char *name;
	const char *value;
};

struct jt_target {
	char *text;       /* malloc'd; all below points into it */
	const char *path; /* decoded; begins with '/' */
	unsigned count;
	struct jt_pair query[JT_QUERY_MAX]; /* decoded, in order */
};

/* Takes `raw`, origin-form ("/a/b?c=d"), `size` bytes. JT_URI_TOO_LONG; JT_BAD_FRAMING for another form, a bad or a forbidden
 * escape (%00, %2F, control characters), bytes outside of RFC 3986, "." and ".." and empty segments, text that is not UTF-8;
 * JT_VALIDATION for too many parameters. *out is to be freed in either case. */
JT_MUST_USE enum jt_result jt_target_parse(const char *raw, size_t size, struct jt_target *out, struct jt_why *why);
/* Frees what it holds, and zeroes it. */
void jt_target_free(struct jt_target *t);
/* The value of a parameter, of the first if it is repeated, or NULL. */
const char *jt_target_query(const struct jt_target *t, const char *name);
enum jt_slash { JT_SLASH_KEEP, JT_SLASH_ENCODE };
/* Appends `text` percent-encoded; '/' stays as it is where `slash` says so. */
void jt_target_encode(struct jt_buf *out, const char *text, enum jt_slash slash);

#endif

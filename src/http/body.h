/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_BODY_H
#define JT_HTTP_BODY_H

#include "base/result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* JSON bodies, checked before any handler sees them: the text, then the tree, then an operation's own fields. */

#define JT_BODY_MAX (1024 * 1024)
#define JT_BODY_DEPTH_MAX 16

enum jt_field_type {
	JT_FIELD_TEXT,   /* UTF-8, no control characters but newline and tab; min..max characters */
	JT_FIELD_NAME,   /* UTF-8, no control characters; min..max characters */
	JT_FIELD_SECRET, /* any UTF-8 text; min..max characters; never echoed */
	JT_FIELD_EMAIL,
	JT_FIELD_APP, /* an app's id */
	JT_FIELD_ID,  /* a UUID */
	JT_FIELD_INT, /* min..max */
	JT_FIELD_BOOL,
	JT_FIELD_LIST,   /* min..max items, each as `item` says */
	JT_FIELD_OBJECT, /* with the fields `of` */
	JT_FIELD_MAP     /* an object whose keys are free and whose values are integers min..max */
};

/* One field of a body; an array of them ends with a NULL name. */
struct jt_field {
	const char *name;
	enum jt_field_type type;
	enum { JT_OPTIONAL, JT_REQUIRED } need;
	int64_t min, max;
	enum jt_field_type item; /* of a list */
	int64_t item_min, item_max;
	const struct jt_field *of; /* of an object, or of a list's objects */
};

/* Reads `size` bytes: one JSON document (RFC 8259), UTF-8, no duplicate keys, no NUL or control characters where a field
 * does not allow them, depth up to 16. JT_BAD_JSON with why->message; the document is then NULL. */
JT_MUST_USE enum jt_result jt_body_parse(const char *text, size_t size, json_t **out, struct jt_why *why);

enum jt_unknown { JT_UNKNOWN_REFUSED, JT_UNKNOWN_IGNORED };
/* Holds `body` against `root` (type OBJECT or LIST; its name is not used). Removes fields that are null. Unknown fields are an
 * error, or removed and named, comma-separated, in `ignored` (`ignored_size` bytes, truncated). JT_VALIDATION with every
 * wrong field in `why`. */
JT_MUST_USE enum jt_result jt_body_check(json_t *body, const struct jt_field *root, enum jt_unknown unknown,
	char *ignored, size_t ignored_size, struct jt_why *why);

#endif

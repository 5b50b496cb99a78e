/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_VOCABULARY_H
#define JT_TABLE_VOCABULARY_H

#include "base/buf.h"
#include "policy/policy.h"

/* What the catalogue says and the brand of values, as bytes in the table, so that who reads the table needs no catalogue. */

#define JT_VOCABULARY_MAX (512 * 1024)

/* Appends them. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_vocabulary_write(const struct jt_policy *p, const char *brand, struct jt_buf *out);
/* Reads them back into a policy that is indexed and safe to decide with, whatever the bytes are. JT_MALFORMED, JT_TRUNCATED. */
JT_MUST_USE enum jt_result jt_vocabulary_read(
	const void *bytes, size_t size, struct jt_policy *p, char brand[JT_BRAND_MAX + 1]);

#endif

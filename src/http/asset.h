/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_ASSET_H
#define JT_HTTP_ASSET_H

#include "http/call.h"

/* A file from inside the program: sent compressed to who takes that, and not again to who has it. */
struct jt_asset {
	const char *name; /* "main.5KZ3QX7A.js" */
	const char *type; /* Content-Type */
	/* Strong entity tags, quotes included: of the file as it is, and compressed. */
	const char *plain_tag, *gzip_tag;
	const uint8_t *plain;
	size_t plain_size;
	const uint8_t *gzip;
	size_t gzip_size;
};

enum jt_asset_keep {
	JT_ASSET_ASK, /* may be kept, but whoever keeps it asks each time whether it is still the one */
	JT_ASSET_KEEP /* its name changes with its content: for good */
};
/* Gives `asset` (static) as the answer: 200, or 304 for If-None-Match. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_call_answer_asset(
	struct jt_call *c, const struct jt_asset *asset, enum jt_asset_keep keep);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_ANCHOR_H
#define JT_AUTHORITY_ANCHOR_H

#include "authority/keys.h"
#include "base/id.h"

/* What an anchor file says of one org: heads of its chain at times past, by number. */
struct jt_anchor {
	int64_t seq;
	uint8_t mac[JT_MAC_SIZE];
};

/* The lines about `org`, sorted by seq, to be freed; *unread counts lines that are not of the form. A file that is not there
 * is empty. JT_IO, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_anchors_read(
	const char *path, const struct jt_id *org, struct jt_anchor **out, size_t *count, size_t *unread);

#endif

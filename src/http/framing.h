/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_FRAMING_H
#define JT_HTTP_FRAMING_H

#include "base/address.h"
#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The header section, line by line, as far as the HTTP library shows it (doc/formats/http.md): what two readers of the same
 * bytes could understand differently is refused. */

#define JT_FORWARDED_MAX 1024 /* sixteen addresses, each as long as one can be */

struct jt_head_lines {
	const char *authorization, *content_type, *idempotency_key, *request_id, *transfer_encoding, *cookie, *min_seq,
		*origin, *fetch_site, *csrf, *user_agent, *accept_encoding, *if_none_match;
	uint64_t content_length;
	bool has_length, has_host, cookie_twice;
	bool forwarded_cut;               /* there was more to the left */
	size_t size;                      /* of all lines, each with JT_HTTP_LINE_COST */
	enum jt_result result;            /* JT_OK, JT_BAD_FRAMING, JT_HEADER_TOO_LARGE */
	const char *wrong;                /* what is wrong, for people; static */
	char forwarded[JT_FORWARDED_MAX]; /* X-Forwarded-For, lines joined by commas; the rightmost part if too long */
};

/* Before the first line; *h may hold anything. */
void jt_head_start(struct jt_head_lines *h);
/* Looks at one line; `value` (`value_size` bytes) is terminated and lives as long as the request. */
void jt_head_line(struct jt_head_lines *h, const char *name, size_t name_size, const char *value, size_t value_size);
/* After the last line. `first_size`: bytes of the request line. */
void jt_head_end(struct jt_head_lines *h, const char *version, size_t first_size);
/* The `hops`-th address from the right of what was forwarded; false if there are none. With fewer than `hops`, the leftmost. What
 * is not an address is not taken. */
bool jt_head_forwarded(const struct jt_head_lines *h, unsigned hops, struct jt_address *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/framing.h"

#include "base/text.h"
#include "http/server.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* token of RFC 9110, 5.6.2 */
static bool is_token(const char *text, size_t size)
{
	/* One bit for each of ASCII's characters: letters, digits and !#$%&'*+-.^_`|~ */
	static const uint64_t may[2] = {UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe)};
	uint64_t all = 1;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		all &= c < 0x80 ? may[c >> 6] >> (c & 63) : 0;
	}
	return size > 0 && all;
}

/* Without a branch, so that many bytes are looked at in one step. */
static bool is_clean(const char *text, size_t size)
{
	unsigned bad = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		bad |= (unsigned)((c < 0x20) & (c != '\t')) | (unsigned)(c == 0x7f);
	}
	return bad == 0;
}

static void refuse(struct jt_head_lines *h, enum jt_result result, const char *wrong)
{
	if (h->result == JT_OK) {
		h->result = result;
		h->wrong = wrong;
	}
}

static void take_once(struct jt_head_lines *h, const char **slot, const char *value, const char *wrong)
{
	if (*slot)
		refuse(h, JT_BAD_FRAMING, wrong);
	*slot = value;
}

static void take_length(struct jt_head_lines *h, const char *value, size_t size)
{
	if (h->has_length)
		refuse(h, JT_BAD_FRAMING, "Content-Length is repeated");
	if (jt_text_u64(value, size, UINT64_MAX / 2, &h->content_length) != JT_OK)
		refuse(h, JT_BAD_FRAMING, "Content-Length is not a number");
	h->has_length = true;
}

/* Keeps the rightmost part: addresses are counted from there. */
static void take_forwarded(struct jt_head_lines *h, const char *value, size_t size)
{
	size_t have = strlen(h->forwarded);
	size_t room = sizeof(h->forwarded) - 2;

	if (size > room) {
		value += size - room;
		size = room;
		h->forwarded_cut = true;
	}
	if (have + size > room) {
		size_t drop = have + size - room;

		memmove(h->forwarded, h->forwarded + drop, have - drop);
		have -= drop;
		h->forwarded_cut = true;
	}
	if (have > 0)
		h->forwarded[have++] = ',';
	memcpy(h->forwarded + have, value, size);
	h->forwarded[have + size] = '\0';
}

/* More than one line is nothing to refuse of a request that has its credential elsewhere. */
static void take_cookie(struct jt_head_lines *h, const char *value)
{
	h->cookie_twice = h->cookie != NULL;
	h->cookie = value;
}

static bool named(const char *name, size_t size, const char *wanted)
{
	return size == strlen(wanted) && strncasecmp(name, wanted, size) == 0;
}

static void take(struct jt_head_lines *h, const char *name, size_t name_size, const char *value, size_t value_size)
{
	if (named(name, name_size, "Authorization"))
		take_once(h, &h->authorization, value, "Authorization is repeated");
	else if (named(name, name_size, "Content-Type"))
		take_once(h, &h->content_type, value, "Content-Type is repeated");
	else if (named(name, name_size, "Idempotency-Key"))
		take_once(h, &h->idempotency_key, value, "Idempotency-Key is repeated");
	else if (named(name, name_size, "X-Request-Id"))
		take_once(h, &h->request_id, value, "X-Request-Id is repeated");
	else if (named(name, name_size, "Transfer-Encoding"))
		take_once(h, &h->transfer_encoding, value, "Transfer-Encoding is repeated");
	else if (named(name, name_size, "Content-Length"))
		take_length(h, value, value_size);
	else if (named(name, name_size, "X-Forwarded-For"))
		take_forwarded(h, value, value_size);
	else if (named(name, name_size, "Cookie"))
		take_cookie(h, value);
	else if (named(name, name_size, "X-Jeton-Min-Seq"))
		take_once(h, &h->min_seq, value, "X-Jeton-Min-Seq is repeated");
	else if (named(name, name_size, "Origin"))
		take_once(h, &h->origin, value, "Origin is repeated");
	else if (named(name, name_size, "Sec-Fetch-Site"))
		take_once(h, &h->fetch_site, value, "Sec-Fetch-Site is repeated");
	else if (named(name, name_size, "Jeton-CSRF"))
		take_once(h, &h->csrf, value, "Jeton-CSRF is repeated");
	else if (named(name, name_size, "User-Agent"))
		h->user_agent = value;
	else if (named(name, name_size, "Accept-Encoding"))
		h->accept_encoding = value;
	else if (named(name, name_size, "If-None-Match"))
		h->if_none_match = value;
	else if (named(name, name_size, "Host")) {
		if (h->has_host)
			refuse(h, JT_BAD_FRAMING, "Host is repeated");
		h->has_host = true;
	}
}

void jt_head_start(struct jt_head_lines *h)
{
	memset(h, 0, offsetof(struct jt_head_lines, forwarded));
	h->forwarded[0] = '\0';
}

void jt_head_line(struct jt_head_lines *h, const char *name, size_t name_size, const char *value, size_t value_size)
{
	h->size += name_size + value_size + 4 + JT_HTTP_LINE_COST;
	if (!is_token(name, name_size)) {
		refuse(h, JT_BAD_FRAMING, "a header's name is not a token");
		return;
	}
	if (!is_clean(value, value_size)) {
		refuse(h, JT_BAD_FRAMING, "a header holds a control character");
		return;
	}
	take(h, name, name_size, value, value_size);
}

void jt_head_end(struct jt_head_lines *h, const char *version, size_t first_size)
{
	bool chunks = h->transfer_encoding && strcasecmp(h->transfer_encoding, "chunked") == 0;

	if (h->size + first_size > JT_HTTP_HEADER_MAX)
		refuse(h, JT_HEADER_TOO_LARGE, NULL);
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		refuse(h, JT_BAD_FRAMING, "the version must be HTTP/1.1 or HTTP/1.0");
	if (h->transfer_encoding && !chunks)
		refuse(h, JT_BAD_FRAMING, "Transfer-Encoding must be chunked");
	if (h->transfer_encoding && h->has_length)
		refuse(h, JT_BAD_FRAMING, "Content-Length and Transfer-Encoding exclude each other");
	if (h->transfer_encoding && strcmp(version, "HTTP/1.0") == 0)
		refuse(h, JT_BAD_FRAMING, "HTTP/1.0 has no Transfer-Encoding");
	if (!h->has_host && strcmp(version, "HTTP/1.1") == 0)
		refuse(h, JT_BAD_FRAMING, "Host is missing");
}

/* One entry: an address, perhaps in brackets or with a port. */
static bool take_address(const char *from, size_t size, struct jt_address *out)
{
	char text[64];

	while (size > 0 && (*from == ' ' || *from == '\t')) {
		from++;
		size--;
	}
	while (size > 0 && (from[size - 1] == ' ' || from[size - 1] == '\t'))
		size--;
	if (size > 0 && *from == '[') {
		const char *end = memchr(from, ']', size);

		from++;
		size = end ? (size_t)(end - from) : 0;
	}
	if (size == 0 || size >= sizeof(text))
		return false;
	memcpy(text, from, size);
	text[size] = '\0';
	if (jt_address_parse(text, out))
		return true;
	text[strcspn(text, ":")] = '\0';
	return jt_address_parse(text, out);
}

bool jt_head_forwarded(const struct jt_head_lines *h, unsigned hops, struct jt_address *out)
{
	const char *end = hops > 0 ? h->forwarded + strlen(h->forwarded) : h->forwarded;

	if (end == h->forwarded)
		return false;
	for (;;) {
		const char *start = end;

		while (start > h->forwarded && start[-1] != ',')
			start--;
		/* What is left of an entry that was cut could be another address. */
		if (start == h->forwarded && h->forwarded_cut)
			return false;
		if (--hops == 0 || start == h->forwarded)
			return take_address(start, (size_t)(end - start), out);
		end = start - 1;
	}
}

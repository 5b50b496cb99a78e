/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define V4_AT 12 /* where an IPv4 address stands within IPv6 */

static const uint8_t v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

bool jt_address_parse(const char *text, struct jt_address *out)
{
	struct in_addr v4;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &v4) != 1)
		return inet_pton(AF_INET6, text, out->b) == 1 && !jt_address_is_none(out);
	memcpy(out->b, v4_prefix, sizeof(v4_prefix));
	memcpy(out->b + V4_AT, &v4, sizeof(v4));
	return true;
}

const char *jt_address_text(const struct jt_address *a, char out[JT_ADDRESS_TEXT_SIZE])
{
	const bool v4 = memcmp(a->b, v4_prefix, sizeof(v4_prefix)) == 0;

	if (jt_address_is_none(a) ||
		!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->b + V4_AT : a->b, out, JT_ADDRESS_TEXT_SIZE))
		out[0] = '\0';
	return out;
}

bool jt_address_is_none(const struct jt_address *a)
{
	static const struct jt_address none;

	return memcmp(a, &none, sizeof(none)) == 0;
}

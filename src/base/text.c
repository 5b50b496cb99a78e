/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

#define APP_MAX 128
#define EMAIL_MIN 3
#define EMAIL_MAX 254
#define LOCAL_MAX 64
#define LABEL_MAX 63

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_lower(c) || is_upper(c) || is_digit(c);
}

static char fold(char c)
{
	if (is_upper(c))
		c = (char)(c - 'A' + 'a');
	return c;
}

/* How many bytes the lead byte announces, 0 if none starts so, and the least code that may be spelled so long. */
static size_t announced(unsigned char lead, uint32_t *bits, uint32_t *least)
{
	if (lead < 0x80) {
		*bits = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0) {
		*bits = lead & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*bits = lead & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf5) {
		*bits = lead & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t jt_text_next(const char *text, size_t length, uint32_t *code)
{
	uint32_t bits = 0;
	uint32_t least = 0;
	size_t size = length > 0 ? announced((unsigned char)text[0], &bits, &least) : 0;

	if (size == 0 || size > length)
		return 0;
	for (size_t i = 1; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c & 0xc0) != 0x80)
			return 0;
		bits = bits << 6 | (c & 0x3f);
	}
	if (bits < least || bits > 0x10ffff || (bits >= 0xd800 && bits <= 0xdfff))
		return 0;
	*code = bits;
	return size;
}

bool jt_text_is_utf8(const char *text, size_t length)
{
	uint32_t code = 0;

	for (size_t at = 0; at < length;) {
		size_t size = jt_text_next(text + at, length - at, &code);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}

bool jt_text_is_name(const char *text, size_t length)
{
	uint32_t code = 0;

	for (size_t at = 0; at < length;) {
		size_t size = jt_text_next(text + at, length - at, &code);

		if (size == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			return false;
		at += size;
	}
	return length > 0;
}

bool jt_text_is_app(const char *text, size_t length)
{
	if (length < 1 || length > APP_MAX || !is_alnum(text[0]) || !is_alnum(text[length - 1]))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!is_alnum(text[i]) && (text[i] == '\0' || !strchr("_:.-", text[i])))
			return false;
	}
	return true;
}

/* RFC 5322 dot-atom: runs of atext with single dots between them. */
static bool is_local_part(const char *text, size_t length)
{
	bool after_dot = true;

	if (length > LOCAL_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '.' && after_dot)
			return false;
		if (c != '.' && !is_alnum(c) && (c == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", c)))
			return false;
		after_dot = c == '.';
	}
	return !after_dot;
}

static bool is_host(const char *text, size_t length)
{
	size_t label = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '.' ? label == 0 || text[i - 1] == '-' : !is_alnum(c) && (c != '-' || label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label > 0 && text[length - 1] != '-';
}

bool jt_text_is_email(const char *text, size_t length)
{
	const char *sign = length > 0 ? memchr(text, '@', length) : NULL;
	size_t local = sign ? (size_t)(sign - text) : 0;

	if (!sign || length < EMAIL_MIN || length > EMAIL_MAX)
		return false;
	return is_local_part(text, local) && is_host(sign + 1, length - local - 1);
}

enum jt_result jt_text_fold(const char *text, char *out, size_t size)
{
	size_t length = strlen(text);

	if (length >= size)
		return JT_TOO_LONG;
	for (size_t i = 0; i <= length; i++)
		out[i] = fold(text[i]);
	return JT_OK;
}

void jt_text_tame(const char *bytes, char *out, size_t size)
{
	size_t left = strlen(bytes);
	size_t n = 0;

	while (left > 0) {
		uint32_t code = 0;
		size_t length = jt_text_next(bytes, left, &code);
		bool shown = jt_text_is_name(bytes, length);
		size_t taken = length > 0 ? length : 1;

		if (n + (shown ? length : 1) >= size)
			break;
		memcpy(out + n, shown ? bytes : "?", shown ? length : 1);
		n += shown ? length : 1;
		bytes += taken;
		left -= taken;
	}
	out[n] = '\0';
}

enum jt_result jt_text_slug(const char *name, char *out, size_t size)
{
	const char *from = name;
	size_t n = 0;
	bool gap = false;

	for (; *from; from++) {
		if (!is_alnum(*from)) {
			gap = n > 0;
			continue;
		}
		if (n + (gap ? 2 : 1) >= size)
			return JT_TOO_LONG;
		if (gap)
			out[n++] = '-';
		out[n++] = fold(*from);
		gap = false;
	}
	if (n == 0)
		return jt_text_fold("org", out, size);
	out[n] = '\0';
	return JT_OK;
}

enum jt_result jt_text_u64(const char *text, size_t length, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (length < 1 || (length > 1 && text[0] == '0'))
		return JT_MALFORMED;
	for (size_t i = 0; i < length; i++) {
		uint64_t digit = 0;

		if (!is_digit(text[i]))
			return JT_MALFORMED;
		digit = (uint64_t)(text[i] - '0');
		if (v > max / 10 || digit > max - v * 10)
			return JT_MALFORMED;
		v = v * 10 + digit;
	}
	*out = v;
	return JT_OK;
}

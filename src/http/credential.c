/* SPDX-License-Identifier: Apache-2.0 */
#include "http/credential.h"

#include "base/secret.h"
#include "base/text.h"
#include "http/form.h"

#include <string.h>
#include <strings.h>

/* What follows the scheme and its spaces; NULL for another scheme, or if nothing does. */
static const char *after(const char *authorization, const char *scheme)
{
	size_t length = strlen(scheme);
	const char *at = authorization;

	if (!at || strncasecmp(at, scheme, length) != 0 || at[length] != ' ')
		return NULL;
	at += length + strspn(at + length, " ");
	return *at ? at : NULL;
}

const char *jt_bearer(const char *authorization)
{
	return after(authorization, "Bearer");
}

bool jt_is_basic(const char *authorization)
{
	return authorization && strncasecmp(authorization, "Basic", 5) == 0 &&
	       (authorization[5] == ' ' || authorization[5] == '\0');
}

/* base64 with or without its padding (RFC 4648, 4). */
static bool unbase64(const char *text, char *out, size_t size, size_t *used)
{
	char url[(JT_BASIC_MAX + 2) / 3 * 4 + 1];
	size_t length = strlen(text);
	bool good = false;

	while (length > 0 && text[length - 1] == '=')
		length--;
	if (length >= sizeof(url) || memchr(text, '-', length) || memchr(text, '_', length))
		return false;
	memcpy(url, text, length);
	url[length] = '\0';
	for (char *at = url; (at = strpbrk(at, "+/")) != NULL;)
		*at = "-_"[*at == '/'];
	good = jt_unbase64url(url, length, out, size, used) == JT_OK;
	jt_secret_wipe(url, sizeof(url));
	return good;
}

bool jt_basic(const char *authorization, struct jt_id *id, char value[JT_BASIC_MAX], size_t *size)
{
	const char *text = after(authorization, "Basic");
	char pair[JT_BASIC_MAX], user[JT_BASIC_MAX];
	const char *colon = NULL;
	size_t used = 0, length = 0;
	bool good = text && unbase64(text, pair, sizeof(pair) - 1, &used);

	if (good)
		colon = memchr(pair, ':', used);
	good = good && colon && jt_form_decode(pair, (size_t)(colon - pair), user, &length) == JT_OK &&
	       jt_id_parse(user, length, id) == JT_OK &&
	       jt_form_decode(colon + 1, used - (size_t)(colon + 1 - pair), value, size) == JT_OK;
	jt_secret_wipe(pair, sizeof(pair));
	return good;
}

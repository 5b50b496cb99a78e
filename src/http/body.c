/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include "base/text.h"

#include <string.h>

/* Before jansson sees it, so that nobody can make its parser recurse: brackets outside of strings. */
static bool too_deep(const char *text, size_t size)
{
	unsigned depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (in_text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_text = false;
		} else if (c == '"') {
			in_text = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JT_BODY_DEPTH_MAX)
				return true;
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return false;
}

/* Names of fields end up in messages and in a header: none may hold a control character. Depth is bounded by then. */
static bool names_are_clean(json_t *value)
{
	if (json_is_object(value)) {
		const char *key;
		json_t *item;

		json_object_foreach(value, key, item)
		{
			if ((*key && !jt_text_is_name(key, strlen(key))) || !names_are_clean(item))
				return false;
		}
	} else if (json_is_array(value)) {
		size_t i;
		json_t *item;

		json_array_foreach(value, i, item)
		{
			if (!names_are_clean(item))
				return false;
		}
	}
	return true;
}

/* What jansson says quotes the input near the error: that may be a secret, so only its kind is told. */
static enum jt_result say(struct jt_why *why, const json_error_t *error)
{
	const char *what = "is not JSON";

	switch (json_error_code(error)) {
	case json_error_invalid_utf8:
		what = "is not UTF-8";
		break;
	case json_error_duplicate_key:
		what = "names a field twice";
		break;
	case json_error_premature_end_of_input:
		what = "ends too early";
		break;
	case json_error_end_of_input_expected:
		what = "goes on after its end";
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		what = "holds a NUL";
		break;
	case json_error_numeric_overflow:
		what = "holds a number that is too large";
		break;
	case json_error_out_of_memory:
		return JT_NOMEM;
	default:
		break;
	}
	return jt_why_say(why, JT_BAD_JSON, "the body %s (line %d, column %d)", what, error->line, error->column);
}

enum jt_result jt_body_parse(const char *text, size_t size, json_t **out, struct jt_why *why)
{
	json_error_t error;
	json_t *made = NULL;

	*out = NULL;
	if (size > JT_BODY_MAX)
		return JT_TOO_LARGE;
	if (too_deep(text, size))
		return jt_why_say(why, JT_BAD_JSON, "the body is nested more than %d deep", JT_BODY_DEPTH_MAX);
	if (memchr(text, '\0', size))
		return jt_why_say(why, JT_BAD_JSON, "the body holds a NUL");
	made = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!made)
		return say(why, &error);
	if (!names_are_clean(made)) {
		json_decref(made);
		return jt_why_say(why, JT_BAD_JSON, "a field's name holds a control character");
	}
	*out = made;
	return JT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/text.h"
#include "http/body.h"

#include <stdlib.h>
#include <string.h>

static const struct jt_field item_fields[] = {
	{.name = "id", .type = JT_FIELD_APP, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "team_id", .type = JT_FIELD_ID},
	{0},
};
static const struct jt_field fields[] = {
	{.name = "label", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "email", .type = JT_FIELD_EMAIL, .min = 3, .max = 254},
	{.name = "description", .type = JT_FIELD_TEXT, .min = 0, .max = 1024},
	{.name = "password", .type = JT_FIELD_SECRET, .min = 1, .max = 1024},
	{.name = "seconds", .type = JT_FIELD_INT, .min = 1, .max = 100},
	{.name = "flag", .type = JT_FIELD_BOOL},
	{.name = "teams", .type = JT_FIELD_LIST, .min = 1, .max = 3, .item = JT_FIELD_ID},
	{.name = "items", .type = JT_FIELD_LIST, .min = 0, .max = 3, .item = JT_FIELD_OBJECT, .of = item_fields},
	{.name = "maxima", .type = JT_FIELD_MAP, .min = 1, .max = 100},
	{0},
};
static const struct jt_field root = {.type = JT_FIELD_OBJECT, .of = fields};

/* A body that is let through is what its fields say. */
static void promise(const json_t *body)
{
	const json_t *label = json_object_get(body, "label");
	const json_t *seconds = json_object_get(body, "seconds");
	const char *key = NULL;
	json_t *value = NULL;

	if (!json_is_string(label) || !jt_text_is_name(json_string_value(label), json_string_length(label)))
		abort();
	if (seconds && (json_integer_value(seconds) < 1 || json_integer_value(seconds) > 100))
		abort();
	if (json_array_size(json_object_get(body, "teams")) > 3)
		abort();
	json_object_foreach((json_t *)(uintptr_t)body, key, value)
	{
		bool known = false;

		for (const struct jt_field *f = fields; f->name; f++)
			known = known || strcmp(f->name, key) == 0;
		if (!known || json_is_null(value))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int strict = 0; strict < 2; strict++) {
		struct jt_why why = {0};
		json_t *body = NULL;
		char ignored[64];
		enum jt_result r = jt_body_parse((const char *)data, size, &body, &why);

		if ((r == JT_OK) != (body != NULL))
			abort();
		if (r == JT_OK && jt_body_check(body, &root, strict ? JT_UNKNOWN_REFUSED : JT_UNKNOWN_IGNORED, ignored,
					  sizeof(ignored), &why) == JT_OK)
			promise(body);
		json_decref(body);
	}
	return 0;
}

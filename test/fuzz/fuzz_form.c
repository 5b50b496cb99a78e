/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/text.h"
#include "http/credential.h"
#include "http/form.h"

#include <stdlib.h>
#include <string.h>

/* A form that is let through has few fields, none twice, each within its memory and terminated. */
static void promise(const struct jt_form *f, size_t size)
{
	if (f->count > JT_FORM_MAX)
		abort();
	for (unsigned i = 0; i < f->count; i++) {
		const struct jt_form_field *field = &f->field[i];

		if (field->size > size || field->value < f->text || field->value + field->size >= f->text + f->room ||
			field->value[field->size] != '\0' || !jt_text_is_name(field->name, strlen(field->name)))
			abort();
		for (unsigned before = 0; before < i; before++) {
			if (strcmp(f->field[before].name, field->name) == 0)
				abort();
		}
		if ((jt_form_find(f, field->name) != NULL) != (field->size > 0))
			abort();
	}
}

static void try_credential(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char value[JT_BASIC_MAX];
	const char *bearer = NULL;
	struct jt_id id;
	size_t used = 0;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	bearer = jt_bearer(text);
	if (bearer && (*bearer == '\0' || *bearer == ' '))
		abort();
	if (jt_basic(text, &id, value, &used) && (used >= sizeof(value) || value[used] != '\0' || !jt_is_basic(text)))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_form form = {0};
	struct jt_why why = {0};
	enum jt_result r = jt_form_parse((const char *)data, size, &form, &why);

	if (r == JT_OK)
		promise(&form, size);
	else if (r != JT_BAD_REQUEST)
		abort();
	jt_form_free(&form);
	try_credential(data, size);
	return 0;
}

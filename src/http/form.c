/* SPDX-License-Identifier: Apache-2.0 */
#include "http/form.h"

#include "base/secret.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum jt_result jt_form_decode(const char *text, size_t size, char *out, size_t *used)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '%') {
			if (size - i < 3 || jt_unhex(text + i + 1, 2, &c, 1) != JT_OK)
				return JT_BAD_REQUEST;
			i += 2;
		} else if (c <= 0x20 || c >= 0x7f) {
			return JT_BAD_REQUEST;
		} else if (c == '+') {
			c = ' ';
		}
		out[n++] = (char)c;
	}
	out[n] = '\0';
	*used = n;
	return JT_OK;
}

static const struct jt_form_field *named(const struct jt_form *f, const char *name)
{
	for (unsigned i = 0; i < f->count; i++) {
		if (strcmp(f->field[i].name, name) == 0)
			return &f->field[i];
	}
	return NULL;
}

static enum jt_result add(struct jt_form *f, const char *raw, size_t size, char **room, struct jt_why *why)
{
	const char *equals = memchr(raw, '=', size);
	size_t name_size = equals ? (size_t)(equals - raw) : size;
	size_t used = 0;
	struct jt_form_field field = {.name = *room};

	if (f->count == JT_FORM_MAX)
		return jt_why_say(why, JT_BAD_REQUEST, "the form has more than %d fields", JT_FORM_MAX);
	if (jt_form_decode(raw, name_size, *room, &used) != JT_OK || !jt_text_is_name(*room, used))
		return jt_why_say(why, JT_BAD_REQUEST, "the form is not well-formed");
	*room += used + 1;
	field.value = *room;
	if (jt_form_decode(equals ? equals + 1 : "", equals ? size - name_size - 1 : 0, *room, &field.size) != JT_OK)
		return jt_why_say(why, JT_BAD_REQUEST, "the form is not well-formed");
	*room += field.size + 1;
	if (named(f, field.name))
		return jt_why_say(why, JT_BAD_REQUEST, "a field of the form is repeated");
	f->field[f->count++] = field;
	return JT_OK;
}

enum jt_result jt_form_parse(const char *text, size_t size, struct jt_form *out, struct jt_why *why)
{
	enum jt_result r = JT_OK;
	char *room = NULL;

	/* Each field is two terminated pieces made of one raw one and its separators. */
	out->room = size + 2 * (size_t)JT_FORM_MAX + 2;
	out->count = 0;
	out->text = room = malloc(out->room);
	if (!room)
		return JT_NOMEM;
	while (r == JT_OK && size > 0) {
		const char *end = memchr(text, '&', size);
		size_t length = end ? (size_t)(end - text) : size;
		size_t step = length + (end ? 1 : 0);

		if (length > 0)
			r = add(out, text, length, &room, why);
		text += step;
		size -= step;
	}
	return r;
}

void jt_form_free(struct jt_form *f)
{
	if (f->text)
		jt_secret_wipe(f->text, f->room);
	free(f->text);
	f->text = NULL;
	f->count = 0;
}

const struct jt_form_field *jt_form_find(const struct jt_form *f, const char *name)
{
	const struct jt_form_field *field = named(f, name);

	return field && field->size > 0 ? field : NULL;
}

const char *jt_form_text(const struct jt_form *f, const char *name)
{
	const struct jt_form_field *field = jt_form_find(f, name);

	return field && strlen(field->value) == field->size ? field->value : NULL;
}

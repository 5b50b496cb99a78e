/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/handle.h"

#include "jeton.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* include/jeton.h: names that are looked up once. All four are a struct jt_term. */

/* What a name is that could not be made: nowhere, so that whoever asks with it, without a look at the result, is refused. Nothing
 * is ever found for it, and so nothing is ever written to it. */
static struct jt_term nowhere = {.name = ""};

/* Each is a struct that begins with its term and ends with its name. */
static void *term_new(const char *name)
{
	size_t length = name ? strlen(name) : 0;
	struct jt_term *t = calloc(1, sizeof(*t) + length + 1);
	char *copy = NULL;

	if (!t)
		return NULL;
	copy = (char *)(t + 1);
	for (size_t i = 0; i < length; i++)
		copy[i] = name[i];
	t->length = length;
	t->name = copy;
	return t;
}

static void term_free(void *term)
{
	if (term != &nowhere)
		free(term);
}

static bool read_id(const char *text, struct jt_id *id)
{
	return text && jt_id_parse(text, strnlen(text, JT_ID_TEXT_SIZE), id) == JT_OK;
}

enum jeton_result jeton_scope_new(struct jeton *j, const char *name, struct jeton_scope **out)
{
	struct jeton_scope *made = NULL;

	*out = (void *)&nowhere;
	if (!j || !name || !jt_scope_name_is_valid(name, strnlen(name, JT_SCOPE_NAME_MAX + 1)))
		return JETON_BAD_ARGUMENT;
	made = term_new(name);
	if (!made)
		return JETON_NO_MEMORY;
	(void)jt_term_look_scope(&made->term, atomic_load(&j->view));
	*out = made;
	return JETON_ALLOWED;
}

enum jeton_result jeton_org_new(struct jeton *j, const char *org, struct jeton_org **out)
{
	struct jt_id id;
	struct jeton_org *made = NULL;

	*out = (void *)&nowhere;
	if (!j || !read_id(org, &id))
		return JETON_BAD_ARGUMENT;
	made = term_new(NULL);
	if (!made)
		return JETON_NO_MEMORY;
	made->term.id = id;
	(void)jt_term_look_org(&made->term, atomic_load(&j->view));
	*out = made;
	return JETON_ALLOWED;
}

enum jeton_result jeton_app_new(struct jeton *j, const char *org, const char *app, struct jeton_app **out)
{
	struct jt_id id;
	struct jeton_app *made = NULL;

	*out = (void *)&nowhere;
	if (!j || !read_id(org, &id) || !app || !jt_text_is_app(app, strnlen(app, JT_APP_NAME_MAX + 1)))
		return JETON_BAD_ARGUMENT;
	made = term_new(app);
	if (!made)
		return JETON_NO_MEMORY;
	made->term.org = id;
	(void)jt_term_look_app(&made->term, atomic_load(&j->view));
	*out = made;
	return JETON_ALLOWED;
}

enum jeton_result jeton_team_new(struct jeton *j, const char *org, const char *team, struct jeton_team **out)
{
	struct jt_id of;
	struct jt_id id;
	struct jeton_team *made = NULL;

	*out = (void *)&nowhere;
	if (!j || !read_id(org, &of) || !read_id(team, &id))
		return JETON_BAD_ARGUMENT;
	made = term_new(NULL);
	if (!made)
		return JETON_NO_MEMORY;
	made->term.org = of;
	made->term.id = id;
	(void)jt_term_look_team(&made->term, atomic_load(&j->view));
	*out = made;
	return JETON_ALLOWED;
}

void jeton_scope_free(struct jeton_scope *scope)
{
	term_free(scope);
}

void jeton_org_free(struct jeton_org *org)
{
	term_free(org);
}

void jeton_app_free(struct jeton_app *app)
{
	term_free(app);
}

void jeton_team_free(struct jeton_team *team)
{
	term_free(team);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jt_args {
	const struct jt_command *command;
	size_t given;
	const char **name;  /* as in the option table */
	const char **value; /* of the same place; "" for a flag */
	size_t count;
	const char **at;
};

enum jt_exit jt_complain(enum jt_exit code, const char *format, ...)
{
	va_list list;

	fputs("jeton: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	return code;
}

static const struct jt_option *find(const struct jt_command *c, const char *name, size_t length)
{
	for (const struct jt_option *o = c->options; o != NULL && o->name != NULL; o++)
		if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
			return o;
	return NULL;
}

/* One "--name", "--name=value" or "--name value"; *i moves past a value of its own. */
static bool take_option(struct jt_args *a, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct jt_option *o = find(a->command, name, length);

	if (o == NULL) {
		jt_complain(JT_EXIT_USAGE, "%s has no option --%.*s; see jeton %s --help", a->command->name,
			(int)length, name, a->command->name);
		return false;
	}
	if (!o->many && jt_args_text(a, o->name) != NULL) {
		jt_complain(JT_EXIT_USAGE, "--%s is given twice", o->name);
		return false;
	}
	if (o->value == NULL && equals != NULL) {
		jt_complain(JT_EXIT_USAGE, "--%s takes no value", o->name);
		return false;
	}
	a->name[a->given] = o->name;
	a->value[a->given] = "";
	if (o->value != NULL) {
		if (equals == NULL && *i + 1 >= argc) {
			jt_complain(JT_EXIT_USAGE, "--%s needs a value: %s", o->name, o->value);
			return false;
		}
		a->value[a->given] = equals != NULL ? equals + 1 : argv[++*i];
	}
	a->given++;
	return true;
}

struct jt_args *jt_args_parse(const struct jt_command *c, int argc, char **argv)
{
	struct jt_args *a = calloc(1, sizeof(*a));
	size_t room = (size_t)argc + 1;
	bool options = true;

	if (a == NULL)
		goto nomem;
	a->command = c;
	a->name = calloc(room, sizeof(*a->name));
	a->value = calloc(room, sizeof(*a->value));
	a->at = calloc(room, sizeof(*a->at));
	if (a->name == NULL || a->value == NULL || a->at == NULL)
		goto nomem;
	for (int i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(a, argc, argv, &i))
				goto bad;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			jt_complain(
				JT_EXIT_USAGE, "options have two dashes: %s; see jeton %s --help", argv[i], c->name);
			goto bad;
		} else
			a->at[a->count++] = argv[i];
	}
	if (a->count < c->least || a->count > c->most) {
		jt_complain(JT_EXIT_USAGE, "usage: jeton %s%s%s; see jeton %s --help", c->name,
			c->arguments[0] ? " " : "", c->arguments, c->name);
		goto bad;
	}
	return a;
nomem:
	jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
bad:
	jt_args_free(a);
	return NULL;
}

void jt_args_free(struct jt_args *a)
{
	if (a == NULL)
		return;
	free(a->name);
	free(a->value);
	free(a->at);
	free(a);
}

const char *jt_args_text(const struct jt_args *a, const char *option)
{
	return jt_args_nth(a, option, 0);
}

bool jt_args_flag(const struct jt_args *a, const char *option)
{
	return jt_args_text(a, option) != NULL;
}

const char *jt_args_nth(const struct jt_args *a, const char *option, size_t n)
{
	for (size_t i = 0; i < a->given; i++)
		if (strcmp(a->name[i], option) == 0 && n-- == 0)
			return a->value[i];
	return NULL;
}

bool jt_args_int(const struct jt_args *a, const char *option, int64_t min, int64_t max, int64_t *out)
{
	const char *text = jt_args_text(a, option);
	uint64_t v = 0;

	if (text == NULL)
		return true;
	if (jt_text_u64(text, strlen(text), (uint64_t)max, &v) != JT_OK || (int64_t)v < min) {
		jt_complain(JT_EXIT_USAGE, "--%s must be a whole number from %lld to %lld", option, (long long)min,
			(long long)max);
		return false;
	}
	*out = (int64_t)v;
	return true;
}

size_t jt_args_count(const struct jt_args *a)
{
	return a->count;
}

const char *jt_args_at(const struct jt_args *a, size_t i)
{
	return i < a->count ? a->at[i] : NULL;
}

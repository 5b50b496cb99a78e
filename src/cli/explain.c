/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include "cli/client.h"

#include <stdio.h>
#include <string.h>

/* An explanation for people: one line a step, the one that refused marked, and the conclusion last, where the eye is. */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The longest text of this key in either list. */
static int width_of(const json_t *list, const char *key, int least)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		int width = (int)strlen(text_of(json_array_get(list, i), key));

		least = width > least ? width : least;
	}
	return least;
}

static void print_line(const char *mark, const char *what, int width, const char *text, bool strong)
{
	bool colour = strong && jt_print_colourful();

	printf("%s%-8s %-*s%s", colour ? "\033[1;31m" : "", mark, text[0] ? width : 0, what, text[0] ? "  " : "");
	jt_print_clean(text);
	puts(colour ? "\033[0m" : "");
}

static void print_step(const json_t *step, int width)
{
	const char *outcome = text_of(step, "outcome");
	bool refused = strcmp(outcome, "refused") == 0;

	print_line(refused                          ? "REFUSED"
		   : strcmp(outcome, "passed") == 0 ? "ok"
						    : "-",
		text_of(step, "check"), width, text_of(step, "text"), refused);
}

static void print_scope(const json_t *scope, int width)
{
	static const struct {
		const char *outcome, *mark;
	} marks[] = {{"held", "  held"}, {"partly", "  partly"}, {"missing", "  LACKS"}, {"unknown", "  LACKS"}};
	const char *mark = "  -";

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (strcmp(text_of(scope, "outcome"), marks[i].outcome) == 0)
			mark = marks[i].mark;
	}
	print_line(mark, text_of(scope, "scope"), width, text_of(scope, "text"), false);
}

static void print_list(const json_t *e)
{
	const json_t *steps = json_object_get(e, "steps");
	const json_t *scopes = json_object_get(e, "scopes");
	int width = width_of(scopes, "scope", width_of(steps, "check", 0));

	for (size_t i = 0; i < json_array_size(steps); i++)
		print_step(json_array_get(steps, i), width);
	for (size_t i = 0; i < json_array_size(scopes); i++)
		print_scope(json_array_get(scopes, i), width);
	putchar('\n');
	jt_print_clean(text_of(e, "conclusion"));
	putchar('\n');
}

enum jt_exit jt_print_explanation(const struct jt_args *args, const json_t *explanation)
{
	const char *decision = text_of(explanation, "decision");

	if (!jt_args_flag(args, "json"))
		print_list(explanation);
	else if (json_dumpf(explanation, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	if (strcmp(decision, "allowed") == 0)
		return JT_EXIT_OK;
	/* What is held for the teams is nothing where there are none. */
	if (strcmp(decision, "partial") == 0 && jt_args_flag(args, "partial") &&
		json_integer_value(json_object_get(json_object_get(explanation, "token"), "team_count")) > 0)
		return JT_EXIT_OK;
	return strcmp(decision, "stale") == 0 || strcmp(decision, "behind") == 0 ? JT_EXIT_UNREACHABLE
										 : JT_EXIT_REFUSED;
}

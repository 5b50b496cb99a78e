/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static void print_option(const struct jt_option *o)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
	printf("  %-26s %s%s\n", left, o->help, o->many ? " (may be repeated)" : "");
}

void jt_help_command(const struct jt_command *c)
{
	bool any = false;

	printf("jeton %s: %s\n\n", c->name, c->summary);
	printf("usage: jeton %s [options]%s%s\n", c->name, c->arguments[0] ? " " : "", c->arguments);
	if (c->detail != NULL)
		printf("\n%s\n", c->detail);
	for (const struct jt_option *o = c->options; o != NULL && o->name != NULL; o++) {
		if (o->hidden)
			continue;
		if (!any)
			printf("\noptions:\n");
		any = true;
		print_option(o);
	}
	printf("\nexample:\n");
	for (const char *line = c->example; *line != '\0';) {
		size_t n = strcspn(line, "\n");
		printf("  %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
	printf("\nexit status: 0 done or allowed, 1 refused, 2 wrong use, 3 cannot reach or read\n");
}

static bool of_noun(const struct jt_command *c, const char *noun)
{
	size_t n = strlen(noun);

	return strncmp(c->name, noun, n) == 0 && (c->name[n] == ' ' || c->name[n] == '\0');
}

void jt_help_all(const char *noun)
{
	if (noun == NULL)
		printf("jeton: an access-token authority\n\nusage: jeton COMMAND [options]\n\n");
	for (size_t i = 0; jt_cli_all[i] != NULL; i++)
		for (const struct jt_command *c = jt_cli_all[i]; c->name != NULL; c++)
			if (noun == NULL || of_noun(c, noun))
				printf("  %-20s %s\n", c->name, c->summary);
	printf("\njeton COMMAND --help says more, with an example. The manual: man jeton\n");
}

void jt_help_list(void)
{
	for (size_t i = 0; jt_cli_all[i] != NULL; i++)
		for (const struct jt_command *c = jt_cli_all[i]; c->name != NULL; c++) {
			printf("%s\n", c->name);
			for (const struct jt_option *o = c->options; o != NULL && o->name != NULL; o++)
				if (!o->hidden)
					printf("%s\t--%s%s%s\n", c->name, o->name, o->value ? "\t" : "",
						o->value ? o->value : "");
		}
}

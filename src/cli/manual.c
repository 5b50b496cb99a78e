/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The manual pages, in mdoc(7), from the same tables as --help: they cannot say anything else. */

/* Text with what mdoc would read as its own made harmless. */
static void put(const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		start = *text == '\n';
		if (*text == '.' && text[1] == ' ' && text[2] >= 'A' && text[2] <= 'Z') {
			fputs(".\n", stdout); /* a sentence, a line */
			text++;
			start = true;
		} else if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

static void put_option(const struct jt_option *o)
{
	fputs(".It Fl Fl ", stdout);
	put(o->name);
	if (o->value) {
		fputs(" Ar ", stdout);
		put(o->value);
	}
	putchar('\n');
	put(o->help);
	puts(o->many ? ".\nMay be repeated." : ".");
}

static void put_command(const struct jt_command *c)
{
	printf(".Ss ");
	put(c->name);
	putchar(' ');
	for (const char *at = c->arguments; *at; at++)
		putchar(*at);
	putchar('\n');
	put(c->summary);
	puts(".");
	if (c->detail) {
		puts(".Pp");
		put(c->detail);
		putchar('\n');
	}
	puts(".Bl -tag -width Ds");
	for (const struct jt_option *o = c->options; o && o->name; o++) {
		if (!o->hidden)
			put_option(o);
	}
	puts(".El\n.Pp\nExample:\n.Bd -literal -offset indent");
	put(c->example);
	puts("\n.Ed");
}

/* "token" of "token create". */
static size_t noun_length(const struct jt_command *c)
{
	return strcspn(c->name, " ");
}

static void head(const char *title, const char *summary)
{
	printf(".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Written by jeton --print-manual from the command "
	       "table.\n"
	       ".Dd November 24, 2026\n.Dt ");
	for (const char *at = title; *at; at++)
		putchar(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	printf(" 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", title, summary);
}

static void tail(void)
{
	puts(".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n.It 0\ndone, or allowed\n.It 1\nrefused\n.It 2\nwrong use\n"
	     ".It 3\nsomething cannot be reached or read\n.El");
}

/* "create, list, revoke (token)", for a page of several commands. */
static const char *join_verbs(const struct jt_command *table, char *out, size_t size)
{
	FILE *f = fmemopen(out, size, "w");

	if (!f)
		return table->summary;
	for (const struct jt_command *c = table; c->name; c++)
		fprintf(f, "%s%s", c == table ? "" : ", ", c->name + noun_length(c) + 1);
	fprintf(f, " (%.*s)", (int)noun_length(table), table->name);
	(void)fclose(f);
	return out;
}

static void print_noun(const struct jt_command *table)
{
	char title[64], verbs[128];

	(void)snprintf(title, sizeof(title), "jeton-%.*s", (int)noun_length(table), table->name);
	head(title, table[1].name ? join_verbs(table, verbs, sizeof(verbs)) : table->summary);
	puts(".Sh SYNOPSIS");
	for (const struct jt_command *c = table; c->name; c++)
		printf(".Nm jeton %s\n.Op Ar options\n%s%s%s", c->name, c->arguments[0] ? ".Ar " : "", c->arguments,
			c->arguments[0] ? "\n" : "");
	puts(".Sh DESCRIPTION");
	for (const struct jt_command *c = table; c->name; c++)
		put_command(c);
	tail();
	puts(".Sh SEE ALSO\n.Xr jeton 1");
}

#define ROOM 32

static int by_name(const void *a, const void *b)
{
	const struct jt_command *const *first = a, *const *second = b;

	return strcmp((*first)->name, (*second)->name);
}

static void print_pages(void)
{
	const struct jt_command *page[ROOM] = {NULL};
	size_t count = 0;

	while (count < ROOM && jt_cli_all[count]) {
		page[count] = jt_cli_all[count];
		count++;
	}
	qsort(page, count, sizeof(const struct jt_command *), by_name);
	puts(".Sh SEE ALSO");
	for (size_t i = 0; i < count; i++)
		printf(".Xr jeton-%.*s 1%s\n", (int)noun_length(page[i]), page[i]->name, i + 1 < count ? " ," : "");
}

static void print_overview(void)
{
	head("jeton", "an access-token authority");
	puts(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\n"
	     "Issues, scopes, rotates, revokes and verifies the access tokens with which people and machines call an "
	     "API.\n"
	     ".Nm jeton init\nand\n.Nm jeton serve\nwork on a data directory, as do\n"
	     ".Cm org , recover , backup , restore , key\nand\n.Cm audit .\n"
	     ".Nm jeton verify\nreads the table that a server on this machine keeps in shared memory.\n"
	     "The other commands call the API of a running server.\n.Bl -tag -width Ds");
	for (size_t i = 0; jt_cli_all[i]; i++)
		for (const struct jt_command *c = jt_cli_all[i]; c->name; c++) {
			printf(".It Cm ");
			put(c->name);
			putchar('\n');
			put(c->summary);
			puts(".");
		}
	puts(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev JETON_URL\nthe server\n.It Ev JETON_ORG\nthe org's id\n"
	     ".It Ev JETON_TABLE\nthe table that\n.Cm verify\nreads\n.It Ev JETON_TOKEN\nthe token that commands call "
	     "the API with\n.It Ev NO_COLOR\nif set, no colour on a "
	     "terminal\n.El\n.Sh FILES\n.Bl -tag -width Ds\n.It Pa ~/.config/jeton/credentials\nwhat\n.Cm login\nkept\n"
	     ".It Pa DATA/jeton.key\nthe key file: part of every backup, apart from the database\n.It Pa "
	     "DATA/jeton.db\n"
	     "the embedded database\n.It Pa DATA/lock\nheld by the server that uses the directory\n.El");
	tail();
	print_pages();
}

enum jt_exit jt_print_manual(const char *page)
{
	if (strcmp(page, "jeton") == 0) {
		print_overview();
		return JT_EXIT_OK;
	}
	for (size_t i = 0; jt_cli_all[i]; i++) {
		const struct jt_command *c = jt_cli_all[i];

		if (strncmp(page, "jeton-", 6) == 0 && strlen(page + 6) == noun_length(c) &&
			strncmp(page + 6, c->name, noun_length(c)) == 0) {
			print_noun(c);
			return JT_EXIT_OK;
		}
	}
	return jt_complain(JT_EXIT_USAGE, "there is no page '%s'", page);
}

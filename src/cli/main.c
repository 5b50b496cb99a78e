/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "base/secret.h"
#include "cli/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const struct jt_command *const jt_cli_all[] = {jt_cli_init, jt_cli_serve, jt_cli_login, jt_cli_token, jt_cli_user,
	jt_cli_team, jt_cli_app, jt_cli_role, jt_cli_verify, jt_cli_status, jt_cli_org, jt_cli_recover, jt_cli_backup,
	jt_cli_restore, jt_cli_key, jt_cli_audit, NULL};

/* How many words of argv name `c`: "token create" takes two. 0 if they do not. */
static int words(const struct jt_command *c, int argc, char **argv)
{
	const char *space = strchr(c->name, ' ');
	size_t first = space != NULL ? (size_t)(space - c->name) : strlen(c->name);

	if (strlen(argv[0]) != first || strncmp(argv[0], c->name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static const struct jt_command *find(int argc, char **argv, int *used)
{
	for (size_t i = 0; jt_cli_all[i] != NULL; i++)
		for (const struct jt_command *c = jt_cli_all[i]; c->name != NULL; c++)
			if ((*used = words(c, argc, argv)) > 0)
				return c;
	return NULL;
}

static bool is_noun(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; jt_cli_all[i] != NULL; i++)
		if (strncmp(jt_cli_all[i][0].name, word, n) == 0 && jt_cli_all[i][0].name[n] == ' ')
			return true;
	return false;
}

static enum jt_exit run(const struct jt_command *c, int argc, char **argv)
{
	enum jt_exit code = JT_EXIT_USAGE;
	struct jt_args *args = NULL;

	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0) {
			jt_help_command(c);
			return JT_EXIT_OK;
		}
	args = jt_args_parse(c, argc, argv);
	if (args == NULL)
		return JT_EXIT_USAGE;
	code = c->run(args);
	jt_args_free(args);
	if (fflush(stdout) != 0 && code == JT_EXIT_OK)
		code = jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	return code;
}

/* The program but for its start. */
static enum jt_exit command_line(int argc, char **argv)
{
	const struct jt_command *c = NULL;
	int used = 0;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		jt_help_all(NULL);
		return argc < 2 ? JT_EXIT_USAGE : JT_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("jeton " JT_VERSION);
		return JT_EXIT_OK;
	}
	if (strcmp(argv[1], "--list-commands") == 0) {
		jt_help_list();
		return JT_EXIT_OK;
	}
	if (strcmp(argv[1], "--print-manual") == 0 && argc == 3)
		return jt_print_manual(argv[2]);
	c = find(argc - 1, argv + 1, &used);
	if (c == NULL && is_noun(argv[1])) {
		jt_help_all(argv[1]);
		return argc > 2 && strcmp(argv[2], "--help") == 0 ? JT_EXIT_OK : JT_EXIT_USAGE;
	}
	if (c == NULL)
		return jt_complain(JT_EXIT_USAGE, "there is no command '%s'; see jeton --help", argv[1]);
	return run(c, argc - 1 - used, argv + 1 + used);
}

int main(int argc, char **argv)
{
	umask(0077);
	if (jt_secret_start() != JT_OK)
		return (int)jt_complain(JT_EXIT_UNREACHABLE, "no source of randomness");
	return (int)command_line(argc, argv);
}

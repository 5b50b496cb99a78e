/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CLI_COMMAND_H
#define JT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command line as data: a table of commands, each with its options, from which parsing, --help, the completion and the
 * test of the man pages all come. One file per subcommand (or noun) exports its entries. */

enum jt_exit { JT_EXIT_OK = 0, JT_EXIT_REFUSED = 1, JT_EXIT_USAGE = 2, JT_EXIT_UNREACHABLE = 3 };

struct jt_option {
	const char *name;  /* without the dashes; NULL ends the array */
	const char *value; /* "DIR"; NULL: a flag */
	const char *help;
	bool many;   /* may be given more than once */
	bool hidden; /* not in --help: for tests */
};

struct jt_args;

struct jt_command {
	const char *name;      /* "token create"; NULL ends an array */
	const char *arguments; /* positional: "LABEL", "TOKEN | -", "" */
	unsigned least, most;  /* how many positional arguments */
	const char *summary;   /* one line */
	const char *detail;    /* more lines, or NULL */
	const char *example;   /* lines that work */
	const struct jt_option *options;
	enum jt_exit (*run)(const struct jt_args *args);
};

/* NULL if it was not given. With `many`: the first. */
const char *jt_args_text(const struct jt_args *a, const char *option);
bool jt_args_flag(const struct jt_args *a, const char *option);
/* The n-th value (from 0) of a `many` option, in the order given; NULL beyond the last. */
const char *jt_args_nth(const struct jt_args *a, const char *option, size_t n);
/* A decimal integer min..max. false, after saying so on standard error, if it is not one; *out is untouched if absent. */
bool jt_args_int(const struct jt_args *a, const char *option, int64_t min, int64_t max, int64_t *out);
size_t jt_args_count(const struct jt_args *a);
const char *jt_args_at(const struct jt_args *a, size_t i);

/* "jeton: text" on standard error; returns `code`, so that a command can `return jt_complain(JT_EXIT_USAGE, ...)`. */
enum jt_exit jt_complain(enum jt_exit code, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const struct jt_command jt_cli_init[], jt_cli_serve[], jt_cli_login[], jt_cli_token[], jt_cli_user[],
	jt_cli_team[], jt_cli_app[], jt_cli_role[], jt_cli_verify[], jt_cli_org[], jt_cli_recover[], jt_cli_backup[],
	jt_cli_restore[], jt_cli_key[], jt_cli_audit[], jt_cli_status[];

/* All of the above, NULL-terminated, in the order in which help lists them. */
extern const struct jt_command *const jt_cli_all[];

/* The manual of one command on standard output. */
void jt_help_command(const struct jt_command *c);
/* The overview; `noun` not NULL: of one noun's commands. */
void jt_help_all(const char *noun);
/* Every command and option, one a line, for the completion and the tests of the manual. */
void jt_help_list(void);
/* A manual page in mdoc(7) on standard output: "jeton", or "jeton-" and a command or noun. */
enum jt_exit jt_print_manual(const char *page);

/* Parses argv after the command's words. NULL after a complaint on standard error. Free with jt_args_free. */
struct jt_args *jt_args_parse(const struct jt_command *c, int argc, char **argv);
void jt_args_free(struct jt_args *a);

#endif

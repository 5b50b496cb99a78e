/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CLI_CLIENT_H
#define JT_CLI_CLIENT_H

#include "cli/command.h"

#include <jansson.h>

/* The API as a client of it sees it: what the nouns of the command line call. */
struct jt_client;

/* Every command that calls the API takes these. */
#define JT_CLIENT_OPTIONS \
	{.name = "url", .value = "URL", .help = "the server; else JETON_URL, else what login kept"}, \
		{.name = "org", .value = "ID", .help = "the org's id; else JETON_ORG, else what login kept"}, \
		{.name = "token-stdin", \
			.help = "read the token from standard input; else JETON_TOKEN, else what login kept"}, \
	{ \
		.name = "json", .help = "print JSON" \
	}

/* Finds server, org and token. NULL after a complaint; *code is then the exit status. */
struct jt_client *jt_client_open(const struct jt_args *args, enum jt_exit *code);
/* The same without a token or an org of its own: for login and verify. `url` NULL: as above. */
struct jt_client *jt_client_bare(const struct jt_args *args, enum jt_exit *code);
/* Uses this token from now on; the text is copied. False if out of memory. */
bool jt_client_use(struct jt_client *c, const char *token);
/* NULL is taken. Wipes the token. */
void jt_client_free(struct jt_client *c);
const char *jt_client_url(const struct jt_client *c);
/* NULL if none is known. */
const char *jt_client_org(const struct jt_client *c);

/* What a call came to. */
struct jt_reply {
	long status;       /* 0: nobody answered */
	json_t *body;      /* NULL if there was none or it was no JSON */
	char id[72];       /* X-Request-Id */
	char scope[72];    /* of a 403: the scope that is missing; "" if that is not why */
	char *teams;       /* X-Jeton-Teams; NULL if there are none */
	char problem[256]; /* why nobody answered */
};
/* `path` begins with '/', or is below the org. `body` (may be NULL) is taken. Free with jt_reply_free. */
void jt_client_send(struct jt_client *c, const char *method, const char *path, json_t *body, struct jt_reply *out);
void jt_reply_free(struct jt_reply *r);
/* The same, and a complaint for anything but success: *response (may be NULL) gets a new reference, or NULL if there is none. */
enum jt_exit jt_client_call(struct jt_client *c, const char *method, const char *path, json_t *body, json_t **response);
/* A whole list, page by page. */
enum jt_exit jt_client_list(struct jt_client *c, const char *path, json_t **out);
/* Complains of a reply that is no success: code, message, wrong fields, request id. */
enum jt_exit jt_client_complain(const struct jt_reply *r);
/* `format` with one %s, which gets `part` percent-encoded. To be freed; NULL if out of memory. */
char *jt_client_path(const char *format, const char *part);

/* One column of a table: the key of each row, and its title. Lists are joined by commas. */
struct jt_column {
	const char *key, *title;
};
/* Prints a list as a table for people, or as JSON with --json. `columns` ends with a NULL key. */
enum jt_exit jt_print_list(const struct jt_args *args, json_t *list, const struct jt_column *columns);
/* Prints one object as lines of key and value, or as JSON. */
enum jt_exit jt_print_object(const struct jt_args *args, json_t *object, const struct jt_column *columns);
/* Prints text with '?' for what could move the cursor or speak to the terminal. */
void jt_print_clean(const char *text);
/* Is standard output a terminal whose owner wants colour? */
bool jt_print_colourful(void);
/* The two most common shapes: call and print. */
enum jt_exit jt_run_list(const struct jt_args *args, const char *path, const struct jt_column *columns);
enum jt_exit jt_run_call(const struct jt_args *args, const char *method, const char *path, json_t *body,
	const struct jt_column *columns, const char *done);

/* The credentials file that login keeps (0600): {"url", "org", "token"}. NULL if out of memory or there is no home. */
char *jt_credentials_path(void);

#endif

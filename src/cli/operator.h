/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CLI_OPERATOR_H
#define JT_CLI_OPERATOR_H

#include "authority/authority.h"
#include "cli/command.h"

#include <jansson.h>

/* What the commands that work on a data directory share. */

/* Says what went wrong: `what`, then why->message or the result's text, then each wrong field. Returns the exit status that
 * belongs to the result. */
enum jt_exit jt_operator_failed(const char *what, enum jt_result r, const struct jt_why *why);
/* Opens --data as operator. NULL after a complaint; *code is then the exit status. */
struct jt_authority *jt_operator_open(const struct jt_args *args, enum jt_exit *code);
/* The org that --org names by id or slug; without it the only one. JT_NOT_FOUND or JT_VALIDATION with `why`. */
JT_MUST_USE enum jt_result jt_operator_org(struct jt_db *db, const char *text, struct jt_id *out, struct jt_why *why);
/* A write transaction: `step` in a job of the committer. */
JT_MUST_USE enum jt_result jt_operator_write(struct jt_authority *au,
	enum jt_result (*step)(struct jt_tx *tx, void *context, struct jt_why *why), void *context, struct jt_why *why);
/* One line of JSON on standard output; takes the reference. */
enum jt_exit jt_print_json(json_t *o);
/* The password of --password-stdin as terminated text in secret memory; NULL in *out if the flag is not given. Complains. */
enum jt_exit jt_operator_password(const struct jt_args *args, const char *prompt, struct jt_secret **out);

#endif

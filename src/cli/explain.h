/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CLI_EXPLAIN_H
#define JT_CLI_EXPLAIN_H

#include "base/secret.h"
#include "cli/command.h"

#include <jansson.h>

/* The parts of `jeton verify`. */

/* Prints an explanation (api/explain_json.h, or what a server answered) with --json as it is, else as a list with its
 * conclusion. Returns the exit status that the decision means, --partial taken into account. */
enum jt_exit jt_print_explanation(const struct jt_args *args, const json_t *explanation);
/* Asks the table on this machine about a value, and prints the answer, or with --explain the explanation. */
enum jt_exit jt_verify_on_table(const struct jt_args *args, const struct jt_secret *value);

#endif

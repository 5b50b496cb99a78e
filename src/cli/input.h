/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_CLI_INPUT_H
#define JT_CLI_INPUT_H

#include "base/result.h"
#include "base/secret.h"

/* Secrets that a person or a script gives to a command: never as an argument, so that none is ever in `ps`. */

/* Reads one line (without its end) of at most `max` bytes from standard input; on a terminal it asks with `prompt` and does
 * not echo. JT_TOO_LONG, JT_TRUNCATED at the end of input, JT_IO, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_input_secret(const char *prompt, size_t max, struct jt_secret **out);

#endif

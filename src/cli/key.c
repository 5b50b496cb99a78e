/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cli/operator.h"

#include <stdio.h>

static enum jt_exit run_rotate(const struct jt_args *args)
{
	const char *data = jt_args_text(args, "data");
	struct jt_why why = {0};
	enum jt_result r = JT_OK;

	if (!data)
		return jt_complain(JT_EXIT_USAGE, "key rotate needs --data DIR");
	jt_log_setup(JT_LOG_WARN, JT_LOG_LOGFMT);
	r = jt_authority_rotate_key(data, &why);
	if (r != JT_OK)
		return jt_operator_failed("cannot rotate the key", r, &why);
	printf("%s/jeton.key has a new generation; every kept value is sealed under it. Back the file up again.\n",
		data);
	return JT_EXIT_OK;
}

static const struct jt_option options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; no server may be running on it"},
	{0},
};

const struct jt_command jt_cli_key[] = {
	{.name = "key rotate",
		.arguments = "",
		.summary = "a new generation of the key file, while no server runs",
		.detail =
			"Older generations stay in the file, to prove older audit rows. If it is interrupted, the next "
			"rotation\nor the next start finishes it.",
		.example = "jeton key rotate --data /var/lib/jeton",
		.options = options,
		.run = run_rotate},
	{0},
};

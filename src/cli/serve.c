/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "api/api.h"
#include "authority/authority.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/openapi_json.h"
#include "http/server.h"
#include "table/guard.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STOP_SECONDS 30
/* Beside those of connections: the database and its log for each core, and what the loops use. */
#define DESCRIPTORS_OWN 256

static const char *const LEVELS[] = {"open", "token", "org", "team", "app"};

/* For the test that holds openapi.yaml against the code. */
static enum jt_exit print_operations(void)
{
	json_t *list = json_array();

	for (const struct jt_op *const *op = jt_api_ops(); list != NULL && *op != NULL; op++)
		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s, s:s?, s:s, s:b}", "id", (*op)->id, "method", (*op)->method,
					  "path", (*op)->path, "scope", (*op)->scope, "level", LEVELS[(*op)->level],
					  "idempotency_key", jt_op_takes_key(*op))) != 0)
			return jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	if (list == NULL || json_dumpf(list, stdout, JSON_INDENT(1)) != 0)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	putchar('\n');
	json_decref(list);
	return JT_EXIT_OK;
}

static bool log_options(const struct jt_args *args)
{
	const char *level = jt_args_text(args, "log-level"), *format = jt_args_text(args, "log-format");
	static const char *const names[] = {"debug", "info", "warn", "error"};
	enum jt_log_level least = JT_LOG_INFO;
	bool known = level == NULL;

	for (size_t i = 0; level != NULL && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(level, names[i]) == 0) {
			least = (enum jt_log_level)i;
			known = true;
		}
	if (!known || (format != NULL && strcmp(format, "logfmt") != 0 && strcmp(format, "json") != 0)) {
		jt_complain(JT_EXIT_USAGE, "--log-level is debug, info, warn or error; --log-format is logfmt or json");
		return false;
	}
	jt_log_setup(least, format != NULL && strcmp(format, "json") == 0 ? JT_LOG_JSON : JT_LOG_LOGFMT);
	return true;
}

/* Why, and who uses what is missing. */
static void log_why(const char *event, const struct jt_why *why)
{
	jt_log(JT_LOG_ERROR, event, JT_LT("why", why->message));
	for (unsigned i = 0; i < why->fields && i < JT_WHY_FIELDS_MAX; i++)
		jt_log(JT_LOG_ERROR, event, JT_LT("detail", why->field[i]));
}

static void reload(struct jt_authority *au, struct jt_server *server)
{
	struct jt_why why = {0};

	if (jt_authority_reload(au, &why) != JT_OK)
		log_why("catalogue not reloaded", &why);
	else
		jt_log(JT_LOG_INFO, "catalogue reloaded", JT_LN("pid", getpid()));
	memset(&why, 0, sizeof(why));
	if (jt_server_reload(server, &why) != JT_OK)
		log_why("certificate not reloaded", &why);
}

/* Signals are taken by this thread alone: blocked before any other thread is made. */
static void serve_until_told(struct jt_authority *au, struct jt_server *server, const sigset_t *signals)
{
	for (;;) {
		int number = sigwaitinfo(signals, NULL);

		if (number == SIGHUP)
			reload(au, server);
		else if (number == SIGTERM || number == SIGINT)
			return;
	}
}

/* As many as the connections may need, within what the system lets this process have. */
static void want_descriptors(unsigned connections)
{
	rlim_t need = (connections ? connections : JT_HTTP_CONNECTIONS_MAX) + DESCRIPTORS_OWN;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < need)
		jt_log(JT_LOG_WARN, "fewer descriptors than --connections may need: some will wait",
			JT_LN("need", (long long)need), JT_LN("may", (long long)limit.rlim_cur));
}

static enum jt_exit start(const struct jt_args *args, struct jt_authority *au, const sigset_t *signals)
{
	int64_t hops = 0, threads = 0, connections = 0, seconds = 0;
	struct jt_server_options options = {.au = au,
		.ops = jt_api_ops(),
		.openapi = jt_openapi_json,
		.tls_cert = jt_args_text(args, "tls-cert"),
		.tls_key = jt_args_text(args, "tls-key"),
		.public_url = jt_args_text(args, "public-url"),
		.verify_listen = jt_args_text(args, "verify-listen"),
		.listen = jt_args_text(args, "listen")};
	struct jt_server *server = NULL;
	struct jt_why why = {0};
	enum jt_result r = JT_OK;

	if (!jt_args_int(args, "trusted-hops", 0, 16, &hops) || !jt_args_int(args, "threads", 1, 256, &threads) ||
		!jt_args_int(args, "connections", 1, 65536, &connections) ||
		!jt_args_int(args, "request-seconds", 1, 3600, &seconds))
		return JT_EXIT_USAGE;
	if (options.listen == NULL)
		options.listen = "127.0.0.1:8080";
	options.trusted_hops = (unsigned)hops;
	options.threads = (unsigned)threads;
	options.connections = (unsigned)connections;
	options.request_seconds = (unsigned)seconds;
	want_descriptors(options.connections);
	if ((r = jt_server_start(&options, &server, &why)) != JT_OK)
		return jt_complain(r == JT_VALIDATION ? JT_EXIT_USAGE : JT_EXIT_UNREACHABLE, "cannot listen on %s: %s",
			options.listen, why.message[0] ? why.message : jt_result_text(r));
	jt_log(JT_LOG_INFO, "listening", JT_LT("url", jt_server_url(server)), JT_LT("data", jt_authority_data(au)),
		JT_LN("tokens", (long long)jt_table_tokens(jt_authority_table(au))), JT_LN("pid", getpid()));
	serve_until_told(au, server, signals);
	jt_log(JT_LOG_INFO, "stopping", JT_LN("grace_s", STOP_SECONDS));
	jt_server_stop(server, STOP_SECONDS);
	return JT_EXIT_OK;
}

static enum jt_exit run_serve(const struct jt_args *args)
{
	struct jt_authority_options options = {.data = jt_args_text(args, "data"),
		.catalogue = jt_args_text(args, "catalogue"),
		.anchor = jt_args_text(args, "audit-anchor"),
		.public_url = jt_args_text(args, "public-url"),
		.run = jt_args_text(args, "run"),
		.as = JT_OPEN_SERVE};
	struct jt_authority *au = NULL;
	struct jt_why why = {0};
	int64_t began = jt_clock_mono_ns(), stale_after_s = 0;
	enum jt_exit code = JT_EXIT_OK;
	enum jt_result r = JT_OK;
	sigset_t signals;

	if (jt_args_flag(args, "print-operations"))
		return print_operations();
	if (options.data == NULL)
		return jt_complain(JT_EXIT_USAGE, "serve needs --data DIR; see jeton serve --help");
	if (!log_options(args) ||
		!jt_args_int(args, "stale-after", JT_TABLE_BOUND_MIN_S, JT_TABLE_BOUND_MAX_S, &stale_after_s))
		return JT_EXIT_USAGE;
	options.stale_after_s = (unsigned)stale_after_s;
	signal(SIGPIPE, SIG_IGN);
	if (jt_guard_install() != JT_OK)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot guard the table against being cut short");
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	r = jt_authority_open(&options, &au, &why);
	for (unsigned i = 0; r != JT_OK && i < why.fields && i < JT_WHY_FIELDS_MAX; i++)
		(void)jt_complain(JT_EXIT_UNREACHABLE, "%s", why.field[i]);
	if (r != JT_OK)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot open %s: %s", options.data,
			why.message[0] ? why.message : jt_result_text(r));
	jt_log(JT_LOG_INFO, "opened", JT_LT("data", options.data), JT_LN("ms", (jt_clock_mono_ns() - began) / 1000000));
	code = start(args, au, &signals);
	jt_authority_close(au);
	jt_log(JT_LOG_INFO, "stopped", JT_LN("pid", getpid()));
	return code;
}

static const struct jt_option serve_options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory that jeton init made"},
	{.name = "listen",
		.value = "ADDRESS:PORT",
		.help = "where to listen (127.0.0.1:8080); port 0 takes a free one"},
	{.name = "verify-listen",
		.value = "unix:PATH",
		.help = "a socket of its own for /verify and /healthz alone, mode 0660: for a proxy beside it"},
	{.name = "public-url", .value = "URL", .help = "what links begin with; needed unless listening on loopback"},
	{.name = "trusted-hops",
		.value = "N",
		.help = "how many proxies stand in front (0): which forwarded address counts"},
	{.name = "tls-cert", .value = "FILE", .help = "PEM certificate chain: serve HTTPS"},
	{.name = "tls-key", .value = "FILE", .help = "its PEM key"},
	{.name = "catalogue", .value = "FILE", .help = "scopes, roles and kinds; else the one compiled in"},
	{.name = "audit-anchor",
		.value = "FILE",
		.help = "append the heads of the audit chains here, hourly and at stop"},
	{.name = "run",
		.value = "DIR",
		.help = "where the table is kept, on tmpfs (/run/jeton, or /dev/shm/jeton-UID); one server each"},
	{.name = "stale-after",
		.value = "SECONDS",
		.help = "how long a table may be believed whose server does not speak (60; 6 to 3600)"},
	{.name = "threads", .value = "N", .help = "loops that answer requests; else one per core"},
	{.name = "connections", .value = "N", .help = "connections at once (4096)"},
	{.name = "request-seconds", .value = "N", .help = "time that a request may take to arrive (30)"},
	{.name = "log-level", .value = "LEVEL", .help = "debug, info, warn or error (info)"},
	{.name = "log-format", .value = "FORMAT", .help = "logfmt or json (logfmt); to standard error"},
	{.name = "print-operations", .help = "print every operation of the API as JSON and end", .hidden = true},
	{0},
};

const struct jt_command jt_cli_serve[] = {
	{.name = "serve",
		.arguments = "",
		.summary = "answer the API",
		.detail = "SIGTERM: finish what is in flight, refuse new, end. SIGHUP: read the catalogue and the "
			  "certificate again.",
		.example = "jeton serve --data /var/lib/jeton --listen 127.0.0.1:8080",
		.options = serve_options,
		.run = run_serve},
	{0},
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include "base/buf.h"
#include "base/secret.h"
#include "cli/input.h"
#include "cli/version.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_LINE_MAX 4096
#define ANSWER_MAX (64UL << 20)

struct jt_client {
	CURL *curl;
	char *url, *org, *token;
};

char *jt_credentials_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *path = NULL;

	if (config && *config && asprintf(&path, "%s/jeton/credentials", config) >= 0)
		return path;
	if (home && *home && asprintf(&path, "%s/.config/jeton/credentials", home) >= 0)
		return path;
	return NULL;
}

/* From the option, the environment, or what login kept; NULL if from none. */
static char *find(const struct jt_args *args, const char *option, const char *variable, const json_t *kept)
{
	const char *text = jt_args_text(args, option);

	if (!text)
		text = getenv(variable);
	if (!text || !*text)
		text = json_string_value(json_object_get(kept, option));
	return text && *text ? strdup(text) : NULL;
}

static json_t *read_kept(void)
{
	char *path = jt_credentials_path();
	json_t *kept = path ? json_load_file(path, 0, NULL) : NULL;

	free(path);
	return kept;
}

static char *read_token(const struct jt_args *args, const json_t *kept, enum jt_exit *code)
{
	struct jt_secret *line = NULL;
	const char *text = getenv("JETON_TOKEN");
	enum jt_result r = JT_OK;
	char *token = NULL;

	if (!jt_args_flag(args, "token-stdin")) {
		if (!text || !*text)
			text = json_string_value(json_object_get(kept, "token"));
		return text ? strdup(text) : NULL;
	}
	r = jt_input_secret("Token", TOKEN_LINE_MAX, &line);
	if (r == JT_OK)
		token = strndup((const char *)jt_secret_view(line), jt_secret_size(line));
	else
		*code = jt_complain(JT_EXIT_USAGE, "cannot take the token from standard input: %s", jt_result_text(r));
	jt_secret_free(&line);
	return token;
}

static struct jt_client *make(const struct jt_args *args, json_t *kept, enum jt_exit *code)
{
	struct jt_client *c = calloc(1, sizeof(*c));
	size_t length = 0;

	if (c) {
		c->curl = curl_easy_init();
		c->url = find(args, "url", "JETON_URL", kept);
		c->org = find(args, "org", "JETON_ORG", kept);
	}
	if (!c || !c->curl) {
		*code = jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	} else if (!c->url) {
		*code = jt_complain(JT_EXIT_USAGE, "no server: give --url or JETON_URL, or run jeton login");
	} else {
		length = strlen(c->url);
		if (c->url[length - 1] == '/')
			c->url[length - 1] = '\0';
		return c;
	}
	jt_client_free(c);
	return NULL;
}

struct jt_client *jt_client_bare(const struct jt_args *args, enum jt_exit *code)
{
	json_t *kept = read_kept();
	struct jt_client *c = make(args, kept, code);

	json_decref(kept);
	return c;
}

struct jt_client *jt_client_open(const struct jt_args *args, enum jt_exit *code)
{
	json_t *kept = read_kept();
	struct jt_client *c = make(args, kept, code);

	*code = c ? JT_EXIT_OK : *code;
	if (c)
		c->token = read_token(args, kept, code);
	json_decref(kept);
	if (c && *code == JT_EXIT_OK && !c->token)
		*code = jt_complain(JT_EXIT_USAGE, "no token: give --token-stdin or JETON_TOKEN, or run jeton login");
	if (c && *code == JT_EXIT_OK && !c->org)
		*code = jt_complain(JT_EXIT_USAGE, "no org: give --org or JETON_ORG, or run jeton login");
	if (*code == JT_EXIT_OK)
		return c;
	jt_client_free(c);
	return NULL;
}

bool jt_client_use(struct jt_client *c, const char *token)
{
	free(c->token);
	c->token = strdup(token);
	return c->token != NULL;
}

void jt_client_free(struct jt_client *c)
{
	if (!c)
		return;
	if (c->token)
		jt_secret_wipe(c->token, strlen(c->token));
	if (c->curl)
		curl_easy_cleanup(c->curl);
	free(c->token);
	free(c->url);
	free(c->org);
	free(c);
}

const char *jt_client_url(const struct jt_client *c)
{
	return c->url;
}

const char *jt_client_org(const struct jt_client *c)
{
	return c->org;
}

/* ---- one call */

static size_t take_body(char *bytes, size_t size, size_t count, void *to)
{
	struct jt_buf *b = to;

	if (b->size + size * count > ANSWER_MAX || jt_buf_add(b, bytes, size * count) != JT_OK)
		return 0;
	return size * count;
}

/* The value of a header line if it is `name` ("x-request-id:"), without blanks around it; *length is its length. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *length)
{
	size_t skip = strlen(name);
	const char *at = line + skip;
	const char *end = line + size;

	if (size < skip || strncasecmp(line, name, skip) != 0)
		return NULL;
	while (at < end && *at == ' ')
		at++;
	while (end > at && (end[-1] == '\r' || end[-1] == '\n'))
		end--;
	*length = (size_t)(end - at);
	return at;
}

/* scope="..." of a challenge (RFC 6750, section 3). */
static void take_scope(const char *value, size_t length, struct jt_reply *out)
{
	static const char name[] = "scope=\"";
	const char *at = memmem(value, length, name, sizeof(name) - 1);
	const char *end = NULL;

	if (!at)
		return;
	at += sizeof(name) - 1;
	end = memchr(at, '"', length - (size_t)(at - value));
	if (end)
		(void)snprintf(out->scope, sizeof(out->scope), "%.*s", (int)(end - at), at);
}

static size_t take_header(char *line, size_t size, size_t count, void *to)
{
	struct jt_reply *out = to;
	const char *value = NULL;
	size_t length = 0;

	if ((value = header_value(line, size * count, "x-request-id:", &length)) != NULL)
		(void)snprintf(out->id, sizeof(out->id), "%.*s", (int)length, value);
	else if ((value = header_value(line, size * count, "www-authenticate:", &length)) != NULL)
		take_scope(value, length, out);
	else if ((value = header_value(line, size * count, "x-jeton-teams:", &length)) != NULL && length && !out->teams)
		out->teams = strndup(value, length);
	return size * count;
}

static struct curl_slist *make_headers(const struct jt_client *c, bool body)
{
	struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");
	char *bearer = NULL;

	if (body)
		list = curl_slist_append(list, "Content-Type: application/json");
	if (c->token && asprintf(&bearer, "Authorization: Bearer %s", c->token) >= 0) {
		list = curl_slist_append(list, bearer);
		jt_secret_wipe(bearer, strlen(bearer));
		free(bearer);
	}
	return list;
}

static char *make_url(const struct jt_client *c, const char *path)
{
	char *url = NULL;
	int n = 0;

	if (strncmp(path, "http", 4) == 0)
		return strdup(path);
	n = path[0] == '/'
		    ? asprintf(&url, "%s%s", c->url, path)
		    : asprintf(&url, "%s/api/v4/orgs/%s%s%s", c->url, c->org ? c->org : "-", *path ? "/" : "", path);
	return n < 0 ? NULL : url;
}

void jt_client_send(struct jt_client *c, const char *method, const char *path, json_t *body, struct jt_reply *out)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct curl_slist *headers = make_headers(c, body != NULL);
	char *url = make_url(c, path);
	struct jt_buf answer = {0};
	char problem[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_OUT_OF_MEMORY;

	*out = (struct jt_reply){0};
	if (url && headers && (!body || text)) {
		curl_easy_reset(c->curl);
		curl_easy_setopt(c->curl, CURLOPT_URL, url);
		curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
		curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
		curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "jeton/" JT_VERSION);
		curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
		curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &answer);
		curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
		curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, out);
		curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, problem);
		curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, 10L);
		curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, 120L);
		if (text)
			curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, text);
		code = curl_easy_perform(c->curl);
	}
	if (code == CURLE_OK)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &out->status);
	else
		(void)snprintf(out->problem, sizeof(out->problem), "%s", *problem ? problem : curl_easy_strerror(code));
	if (code == CURLE_OK && answer.size > 0)
		out->body = json_loadb((const char *)answer.data, answer.size, 0, NULL);
	if (text)
		jt_secret_wipe(text, strlen(text));
	free(text);
	json_decref(body);
	jt_buf_wipe(&answer);
	curl_slist_free_all(headers);
	free(url);
}

void jt_reply_free(struct jt_reply *r)
{
	json_decref(r->body);
	free(r->teams);
	r->body = NULL;
	r->teams = NULL;
}

enum jt_exit jt_client_complain(const struct jt_reply *r)
{
	const char *message = json_string_value(json_object_get(r->body, "message"));
	const char *code = json_string_value(json_object_get(r->body, "code"));
	json_t *wrong = json_object_get(r->body, "validation_errors");

	if (r->status == 0)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot reach the server: %s", r->problem);
	(void)jt_complain(JT_EXIT_REFUSED, "%ld %s: %s (request %s)", r->status, code ? code : "",
		message ? message : "no message", r->id[0] ? r->id : "without id");
	for (size_t i = 0; i < json_array_size(wrong); i++)
		(void)jt_complain(JT_EXIT_REFUSED, "  %s", json_string_value(json_array_get(wrong, i)));
	return r->status >= 500 ? JT_EXIT_UNREACHABLE : JT_EXIT_REFUSED;
}

static bool is_success(const struct jt_reply *r)
{
	return r->status == 204 ||
	       (r->status >= 200 && r->status < 300 && json_is_true(json_object_get(r->body, "ok")));
}

enum jt_exit jt_client_call(struct jt_client *c, const char *method, const char *path, json_t *body, json_t **response)
{
	struct jt_reply reply;
	enum jt_exit code = JT_EXIT_OK;

	jt_client_send(c, method, path, body, &reply);
	if (!is_success(&reply))
		code = jt_client_complain(&reply);
	else if (response)
		*response = json_incref(json_object_get(reply.body, "response"));
	jt_reply_free(&reply);
	return code;
}

enum jt_exit jt_client_list(struct jt_client *c, const char *path, json_t **out)
{
	json_t *all = json_array();
	char *next = strdup(path);
	enum jt_exit code = all && next ? JT_EXIT_OK : jt_complain(JT_EXIT_UNREACHABLE, "out of memory");

	while (code == JT_EXIT_OK && next) {
		const char *more = NULL;
		struct jt_reply reply;

		jt_client_send(c, "GET", next, NULL, &reply);
		free(next);
		next = NULL;
		if (!is_success(&reply))
			code = jt_client_complain(&reply);
		else if (json_array_extend(all, json_object_get(reply.body, "response")) != 0)
			code = jt_complain(JT_EXIT_UNREACHABLE, "the server's answer is not a list");
		/* The token goes to the server that was asked, whatever URL it names. */
		else if ((more = json_string_value(json_object_get(reply.body, "next_page"))) != NULL &&
			 (more = strstr(more, "/api/")) != NULL)
			next = strdup(more);
		jt_reply_free(&reply);
	}
	free(next);
	if (code == JT_EXIT_OK)
		*out = all;
	else
		json_decref(all);
	return code;
}

char *jt_client_path(const char *format, const char *part)
{
	char *escaped = curl_easy_escape(NULL, part, 0);
	char *path = NULL;
	const char *at = strstr(format, "%s");

	if (escaped && at && asprintf(&path, "%.*s%s%s", (int)(at - format), format, escaped, at + 2) < 0)
		path = NULL;
	curl_free(escaped);
	return path;
}

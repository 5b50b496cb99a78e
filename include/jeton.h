/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JETON_H
#define JETON_H

#include <stddef.h>
#include <stdint.h>

/* libjeton: verifies an access token in your own process, from the table that `jeton serve` keeps in shared memory. It makes
 * no network call, takes no lock, and holds no cache that could accept a revoked token: when the authority has answered a
 * revocation, the next jeton_verify() refuses.
 *
 *     struct jeton *j;
 *     struct jeton_scope *list;
 *     struct jeton_request want = {.scopes = &list, .scope_count = 1};
 *
 *     if (jeton_open(NULL, &j) != JETON_ALLOWED || jeton_scope_new(j, "findings:list", &list) != JETON_ALLOWED)
 *         ...
 *     if (jeton_verify(j, token, strlen(token), &want, NULL) == JETON_ALLOWED)
 *         ...
 *
 * Every function may be called by any number of threads at once, on the same objects too, except that nobody may use what is
 * being closed or freed. A child made by fork() may go on with what its parent opened. There is no global state but that of
 * jeton_guard_sigbus(). Depends on libc and nettle. */

#ifdef __cplusplus
extern "C" {
#endif

#define JETON_VERSION_MAJOR 1
#define JETON_VERSION_MINOR 0

#if defined(__GNUC__)
#define JETON_EXPORT __attribute__((visibility("default")))
#else
#define JETON_EXPORT
#endif

#define JETON_TOKEN_MAX 55 /* bytes of a token; what is longer is none */
#define JETON_ID_SIZE 37   /* bytes of an id's text with its terminator */

/* X(NAME, number, text). Numbers are for ever; more may come, so treat what you do not know as a refusal. */
#define JETON_RESULTS(X) \
	X(ALLOWED, 0, "allowed") /* also: done */ \
	X(PARTIAL, 1, "held for some teams only") \
	X(INVALID, 2, "not a token that may be used here") /* 401; jeton_answer.reason is for your log alone */ \
	X(SCOPE, 3, "the token does not hold a scope that is needed")    /* 403; jeton_answer.missing says which */ \
	X(NOT_VISIBLE, 4, "there is no such app or team for this token") /* 403, or 404 */ \
	X(UNAVAILABLE, 5, "the table cannot be believed at the moment") /* 503: never an answer from an older state */ \
	X(BEHIND, 6, "the table does not show what was demanded yet")   /* 503 */ \
	X(NO_TABLE, 7, "there is no table at this path, or it may not be read") \
	X(BAD_TABLE, 8, "the table is damaged, or of another version or boot") \
	X(NO_MEMORY, 9, "out of memory") \
	X(BAD_ARGUMENT, 10, "an argument is not valid") \
	X(SYSTEM, 11, "the system refused")

enum jeton_result {
#define JETON_RESULT_ENUM(name, number, text) JETON_##name = (number),
	JETON_RESULTS(JETON_RESULT_ENUM)
#undef JETON_RESULT_ENUM
};

struct jeton;       /* an opened table */
struct jeton_scope; /* names that were looked up once, so that the hot call does no string work */
struct jeton_org;
struct jeton_app;
struct jeton_team;

/* What is asked. Zero-initialise it, and set what you demand. What is NULL is not demanded: a name that could not be interned
 * must not end up here. */
struct jeton_request {
	struct jeton_org *org;             /* the token must belong to this org; NULL: to any */
	struct jeton_scope *const *scopes; /* all of them must be held; `scope_count` of them, none NULL */
	size_t scope_count;
	struct jeton_app *app;   /* on this app, */
	struct jeton_team *team; /* or on this team; neither: in the org at large */
	uint64_t min_seq; /* the table must show this change (X-Jeton-Seq of a mutation's answer) or later; 0: any */
};

/* What was answered. Plain data, which may be copied and kept. */
struct jeton_answer {
	uint64_t as_of;    /* every change up to this one was taken into account */
	int64_t expires_s; /* second UTC from which the value no longer lives; 0: never. Of a value that is known */
	size_t missing;    /* JETON_SCOPE, JETON_PARTIAL: index of the scope */
	const char *
		reason; /* the step that refused: "expired", "revoked" ...; static. For the operator's log, not for the bearer */
	uint64_t inside[4]; /* for the jeton_answer_... functions */
};

/* Opens a table. `path` names the file; NULL: $JETON_TABLE, or else the file `table` in $RUNTIME_DIRECTORY, /run/jeton or
 * /dev/shm/jeton-UID. *out is to be closed with jeton_close; NULL on failure. JETON_NO_TABLE, JETON_BAD_TABLE,
 * JETON_NO_MEMORY, also for more than JETON_TABLES_MAX tables in a process, of which a handle may need two. A table that takes the
 * place of this one later is followed by itself. */
#define JETON_TABLES_MAX 1024
JETON_EXPORT enum jeton_result jeton_open(const char *path, struct jeton **out);
/* NULL is taken. Interned names may be freed before or after. */
JETON_EXPORT void jeton_close(struct jeton *j);

/* Looks a name up. A scope ("findings:list") that the catalogue does not have is no error here: each verification that demands
 * it refuses, until a catalogue has it. `org`, `team`: UUIDs as text; an app is named within its org. They need not exist yet.
 * JETON_BAD_ARGUMENT for what cannot be such a name, JETON_NO_MEMORY: *out is then a name of nothing, with which every request
 * is refused. Free each with its function; NULL is taken. */
JETON_EXPORT enum jeton_result jeton_scope_new(struct jeton *j, const char *name, struct jeton_scope **out);
JETON_EXPORT enum jeton_result jeton_org_new(struct jeton *j, const char *org, struct jeton_org **out);
JETON_EXPORT enum jeton_result jeton_app_new(struct jeton *j, const char *org, const char *app, struct jeton_app **out);
JETON_EXPORT enum jeton_result jeton_team_new(
	struct jeton *j, const char *org, const char *team, struct jeton_team **out);
JETON_EXPORT void jeton_scope_free(struct jeton_scope *scope);
JETON_EXPORT void jeton_org_free(struct jeton_org *org);
JETON_EXPORT void jeton_app_free(struct jeton_app *app);
JETON_EXPORT void jeton_team_free(struct jeton_team *team);

/* The decision: may who holds these `length` bytes do what `request` asks? `request` NULL: is it a valid token? `answer` may be
 * NULL. Takes no lock, makes no allocation, and no system call but in the moments when the table was replaced or its
 * writer is late. Results: from JETON_ALLOWED to JETON_BEHIND, and JETON_BAD_ARGUMENT; JETON_UNAVAILABLE also if the table was
 * changed during each of 64 looks. */
JETON_EXPORT enum jeton_result jeton_verify(struct jeton *j, const char *token, size_t length,
	const struct jeton_request *request, struct jeton_answer *answer);

/* More about the token of an answer, at the cost of a look: its id, its org, its user ("" for one that belongs to the org), its
 * kind ("ci"; static). JETON_UNAVAILABLE if the table was replaced long since: verify again. JETON_BAD_ARGUMENT
 * if the answer knows no token. */
JETON_EXPORT enum jeton_result jeton_answer_token(
	struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE]);
JETON_EXPORT enum jeton_result jeton_answer_org(
	struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE]);
JETON_EXPORT enum jeton_result jeton_answer_user(
	struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE]);
JETON_EXPORT enum jeton_result jeton_answer_kind(struct jeton *j, const struct jeton_answer *answer, const char **kind);
/* The teams that a confined token is confined to, which an answer of JETON_PARTIAL is to be cut down to: up to `room` ids into
 * `ids`; *count is how many there are, 0 on failure. JETON_UNAVAILABLE: the table has changed since it was decided, and the teams
 * might be those of another role: verify again. For a token that is not confined JETON_BAD_ARGUMENT. */
JETON_EXPORT enum jeton_result jeton_answer_teams(
	struct jeton *j, const struct jeton_answer *answer, char (*ids)[JETON_ID_SIZE], size_t room, size_t *count);

/* Records from here on which tokens this process lets in, and with which scopes, for `last_used_at` and the like: into memory
 * of its own, which the authority fetches over the unix socket `path` (NULL: `usage.sock` beside the table). Verification
 * goes on unchanged where nothing can be recorded. Once per opened table, before it is shared with other threads.
 * JETON_SYSTEM, JETON_NO_MEMORY, JETON_BAD_ARGUMENT. */
JETON_EXPORT enum jeton_result jeton_record(struct jeton *j, const char *path);

/* Somebody who may write the table's file could cut it shorter under the mapping, which raises SIGBUS. With this guard the fault
 * becomes a refusal. It installs a handler for the whole process (other faults go to the handler before it), which is yours
 * to choose. JETON_SYSTEM if the system refuses. */
JETON_EXPORT enum jeton_result jeton_guard_sigbus(void);

/* A sentence about a result; never NULL, static. */
JETON_EXPORT const char *jeton_result_text(enum jeton_result result);

#ifdef __cplusplus
}
#endif

#endif

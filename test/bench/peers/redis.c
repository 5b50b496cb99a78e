/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "base/text.h"
#include "entry.h"

#include <hiredis/hiredis.h>

#define HEX (2 * SHA256_DIGEST_SIZE)
#define GET_HEAD "*2\r\n$3\r\nGET\r\n$64\r\n"
#define SET_HEAD "*3\r\n$3\r\nSET\r\n$64\r\n"
#define SET_MIDDLE "\r\n$32\r\n"
#define PIPELINE 1000
#define BLOCK 3000

struct redis {
	redisContext *connection;
	struct bench_asked asked;
};

static redisContext *connect_to(const char *socket)
{
	redisContext *c = redisConnectUnix(socket);

	if (!c || c->err)
		bench_fail("redis: %s", c ? c->errstr : "out of memory");
	return c;
}

static void expect_replies(redisContext *c, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		redisReply *reply = NULL;

		if (redisGetReply(c, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR)
			bench_fail("redis: %s", reply ? reply->str : c->errstr);
		freeReplyObject(reply);
	}
}

static size_t put(char *to, const void *bytes, size_t size)
{
	memcpy(to, bytes, size);
	return size;
}

/* The hex digest of a text. */
static void key_of(const struct bench_text *t, char out[HEX + 1])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	bench_digest(t, digest);
	jt_hex(digest, sizeof(digest), out);
}

void bench_load_redis(const char *socket, uint64_t count)
{
	redisContext *c = connect_to(socket);
	char command[256], value[BENCH_VALUE_SIZE], key[HEX + 1];
	struct bench_asked asked;
	struct bench_entry entry;
	size_t waiting = 0;

	bench_asked_fill(&asked);
	entry = bench_entry_new(&asked);
	redisAppendCommand(c, "FLUSHALL");
	expect_replies(c, 1);
	for (uint64_t i = 0; i < count; i++) {
		size_t n = put(command, SET_HEAD, strlen(SET_HEAD));

		bench_value(i, value);
		key_of(&(struct bench_text){value, BENCH_VALUE_LENGTH, 0}, key);
		n += put(command + n, key, HEX);
		n += put(command + n, SET_MIDDLE, strlen(SET_MIDDLE));
		n += put(command + n, &entry, sizeof(entry));
		n += put(command + n, "\r\n", 2);
		if (redisAppendFormattedCommand(c, command, n) != REDIS_OK)
			bench_fail("redis: %s", c->errstr);
		if (++waiting == PIPELINE || i + 1 == count) {
			expect_replies(c, waiting);
			waiting = 0;
		}
	}
	redisFree(c);
}

static inline __attribute__((always_inline)) bool redis_once(void *self, const struct bench_text *t)
{
	struct redis *r = self;
	char command[sizeof(GET_HEAD) + HEX + 2] = GET_HEAD;
	const size_t head = sizeof(GET_HEAD) - 1;
	redisReply *reply = NULL;
	bool good = false;

	key_of(t, command + head);
	put(command + head + HEX, "\r\n", 2);
	if (redisAppendFormattedCommand(r->connection, command, head + HEX + 2) != REDIS_OK ||
		redisGetReply(r->connection, (void **)&reply) != REDIS_OK)
		return false;
	good = reply->type == REDIS_REPLY_STRING && reply->len == sizeof(struct bench_entry) &&
	       bench_decide(&r->asked, reply->str);
	freeReplyObject(reply);
	return good;
}

BENCH_CONTENDER(redis_once)

void bench_add_redis(struct bench_run *run, const char *socket)
{
	struct redis *r = bench_alloc(sizeof(*r));
	struct bench_contender c = {.name = "redis",
		.variant = "GET over a unix socket",
		.block = BLOCK,
		.self = r,
		.whole = redis_once_whole,
		.each = redis_once_each};

	r->connection = connect_to(socket);
	bench_asked_fill(&r->asked);
	bench_add(run, &c);
}

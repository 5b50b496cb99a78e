/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_REQUEST_H
#define JT_HTTP_REQUEST_H

#include "authority/pool.h"
#include "http/call.h"
#include "http/framing.h"
#include "http/router.h"
#include "http/target.h"

/* One request from its first line to its answer: the HTTP side of a call. Only one thread has it at a time: a loop, the
 * password pool, or the committer. */

#define JT_REQUEST_ID_MAX 64
#define JT_IGNORED_MAX 512

struct jt_server;
struct jt_wire;

/* What a request waits for when it has left its loop. */
enum jt_wait { JT_WAIT_NONE, JT_WAIT_POOL, JT_WAIT_COMMITTER };

struct jt_http_request {
	struct jt_server *server;
	struct jt_wire *wire; /* its connection, for the sweeper and for resuming */
	struct jt_target target;
	size_t raw_size;              /* of the target as it came */
	enum jt_result target_result; /* what jt_target_parse said */
	struct jt_head_lines head;    /* what the header says; points into the library's memory */
	const char *method;           /* the library's; lives as long as the request */
	struct jt_match match;        /* match.op NULL: no such path, or not with this method */
	char *arg_text;               /* what the values in `match` point into */
	char *body;
	size_t body_size, body_room;
	uint64_t body_seen; /* bytes that came, kept or not */
	struct jt_call call;
	struct jt_address from; /* whom `call.who.address` names; none: it names no address */
	char ignored[JT_IGNORED_MAX];
	char as_of_text[24], seq_text[24];
	uint64_t seq; /* what the table must show for this answer to be seen in it; 0: it changed nothing */
	struct jt_job job;
	struct jt_task task;
	uint8_t idem[16]; /* its place among the keys that run; see `idem_entered` */
	bool idem_entered;
	char *kept; /* a replay: the answer's body, malloc'd */
	size_t kept_size;
	int kept_status;
	enum jt_result result; /* JT_OK or why it is refused */
	const char *reason;    /* of a refusal, for the log; NULL: the result's code */
	bool authenticated;    /* `call.who` is somebody */
	bool presented;        /* a credential was given, */
	bool basic;            /* as HTTP Basic */
	bool judged;           /* jt_dispatch_head has looked at it */
	bool discard;          /* no more of the body is kept */
	bool answered;
	bool close; /* the connection ends with this answer */
	enum jt_wait wait;
	unsigned long long limited[2]; /* by address and account: buckets to be given back to on success */
	int64_t started_ns;            /* CLOCK_BOOTTIME */
};

/* A new request id, JT_REQUEST_ID_MAX + 1 bytes. Any thread. */
void jt_request_id(struct jt_server *server, char *out);
/* Whether an id that a client chose can do no harm in a log. */
bool jt_request_id_is_fit(const char *id);
/* A request on `wire` whose first line named `raw` (its target, as it came), with the wire's id. NULL: no memory. */
struct jt_http_request *jt_request_new(struct jt_server *server, struct jt_wire *wire, const char *raw);
/* NULL is taken. */
void jt_request_free(struct jt_http_request *r);
/* Keeps `size` bytes more of the body; what is beyond the limit is counted and dropped. */
void jt_request_body(struct jt_http_request *r, const char *bytes, size_t size);
/* Refuses: the first refusal stays. */
void jt_request_refuse(struct jt_http_request *r, enum jt_result result, const char *reason);

#endif

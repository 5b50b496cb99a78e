/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_WIRE_H
#define JT_HTTP_WIRE_H

#include "base/address.h"
#include "base/result.h"
#include "http/request.h"

#include <stdatomic.h>

/* Connections, and the sweeper: a thread that ends those that take longer than they may, however they drip. The library
 * itself times out only on silence. */

enum jt_wire_state {
	JT_WIRE_IDLE,    /* waits for a request line */
	JT_WIRE_READING, /* a request has begun */
	JT_WIRE_BUSY,    /* it is complete, and ours to answer: no deadline */
	JT_WIRE_SENDING, /* the answer is on its way */
	JT_WIRE_EXPIRED  /* the sweeper has ended it */
};

struct jt_wires;

struct jt_wire {
	struct jt_wire *next, *before; /* the list's, under its lock */
	int fd;
	bool tls;
	bool narrow;      /* came by --verify-listen */
	void *connection; /* the library's */
	char address[64];
	struct jt_address from; /* the same; none: by a unix socket */
	_Atomic int state;
	_Atomic int64_t deadline_ns;    /* CLOCK_BOOTTIME */
	char id[JT_REQUEST_ID_MAX + 1]; /* of the request that is read, set before it is */
	struct jt_lane lane;
	struct jt_http_request *request; /* on the connection's loop only; NULL: none, or one on the short way */
};

/* Starts the sweeper. `seconds`: how long a request may take to arrive. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_wires_new(unsigned seconds, struct jt_wires **out);
/* Ends the sweeper; there are no wires any more. NULL is taken. */
void jt_wires_free(struct jt_wires *all);
/* A new connection. NULL: no memory. */
struct jt_wire *jt_wire_open(struct jt_wires *all, int fd, bool tls, const char *address, void *connection);
/* Before its descriptor is closed: the sweeper will not touch it after this returns. NULL is taken. */
void jt_wire_close(struct jt_wires *all, struct jt_wire *w);
/* A request begins, is complete, is being answered, is done. False: it has expired. `now_ns` is CLOCK_BOOTTIME. */
bool jt_wire_reads(struct jt_wires *all, struct jt_wire *w, int64_t now_ns);
bool jt_wire_busy(struct jt_wire *w);
bool jt_wire_sends(struct jt_wires *all, struct jt_wire *w, int64_t now_ns);
bool jt_wire_rests(struct jt_wire *w, int64_t now_ns);
/* Ends every connection that waits for a request. */
void jt_wires_hurry(struct jt_wires *all);

#endif

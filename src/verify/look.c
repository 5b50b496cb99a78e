/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include "table/table.h"

#include <time.h>

/* Several questions whose answers are of one moment. */

#define LOOKS_MAX 4000 /* with a pause before each but the first */
#define PAUSE_NS 50000

bool jt_verify_look(struct jt_verify *v, struct jt_look *look)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (; look->times < LOOKS_MAX; look->times++) {
		if (look->times > 0)
			(void)nanosleep(&pause, NULL);
		look->moment = jt_table_moment(v->table);
		if (look->moment % 2 == 0) {
			look->times++;
			return true;
		}
	}
	return false;
}

bool jt_verify_looked(struct jt_verify *v, const struct jt_look *look)
{
	return jt_table_moment(v->table) == look->moment;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "base/secret.h"

struct jt_id jt_id_new(int64_t now_ns)
{
	struct jt_id id;
	uint64_t ms = now_ns > 0 ? (uint64_t)now_ns / 1000000 : 0;

	jt_secret_random(id.b, sizeof(id.b));
	for (size_t i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f));
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return id;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

#include <stdio.h>
#include <time.h>

const char *jt_http_date(int64_t now_s)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	static _Thread_local int64_t made = INT64_MIN;
	static _Thread_local char text[JT_HTTP_DATE_SIZE];
	const time_t seconds = (time_t)now_s;
	struct tm t;

	if (made == now_s || !gmtime_r(&seconds, &t))
		return text;
	made = now_s;
	(void)snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday], t.tm_mday % 100,
		months[t.tm_mon], (t.tm_year + 1900) % 10000, t.tm_hour % 100, t.tm_min % 100, t.tm_sec % 100);
	return text;
}

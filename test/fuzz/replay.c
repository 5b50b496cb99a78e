/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every file of the directories named to the fuzz target that this is linked with, as libFuzzer would. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file in a block of exactly its size, so that the address sanitizer sees a read beyond it. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end = 0;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) != 0 || (end = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		goto out;
	bytes = malloc(end > 0 ? (size_t)end : 1);
	*size = (size_t)end;
	if (bytes && fread(bytes, 1, *size, f) != *size) {
		free(bytes);
		bytes = NULL;
	}
out:
	(void)fclose(f);
	return bytes;
}

/* Returns how many files were replayed, or -1. */
static int replay(const char *directory)
{
	DIR *d = opendir(directory);
	const struct dirent *entry = NULL;
	int count = 0;

	if (!d)
		return -1;
	while (count >= 0 && (entry = readdir(d)) != NULL) {
		char path[4096];
		size_t size = 0;
		uint8_t *bytes = NULL;

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >= (int)sizeof(path)) {
			count = -1;
			break;
		}
		bytes = read_file(path, &size);
		if (!bytes) {
			count = -1;
			break;
		}
		(void)fprintf(stderr, "%s\n", path); /* the last one named is the one that broke it */
		(void)LLVMFuzzerTestOneInput(bytes, size);
		free(bytes);
		count++;
	}
	(void)closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int count = replay(argv[i]);

		if (count <= 0) {
			(void)fprintf(stderr, "%s: %s\n", argv[i], count < 0 ? strerror(errno) : "no file in it");
			return EXIT_FAILURE;
		}
		(void)printf("%s: %d files\n", argv[i], count);
	}
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

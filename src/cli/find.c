#include "cli/find.h"

#include <string.h>

#include "cli/texts.h"
#include "cli/view.h"

#define DIGITS_MAX 64

/* How many begin so; the last of them. */
static size_t match(
	const json_t *list, const char *member, const char *prefix, const json_t **found)
{
	size_t i, count = 0;
	json_t *one;
	json_array_foreach(list, i, one)
	{
		if (strncmp(view_text(one, member), prefix, strlen(prefix)) != 0)
			continue;
		*found = one;
		count++;
	}
	return count;
}

/* Writes the prefix in small letters. */
static enum cli_exit check_prefix(
	const struct find_kind *kind, const char *word, char prefix[DIGITS_MAX + 1])
{
	const size_t size = strspn(word, "0123456789abcdefABCDEF");
	if (size == 0 || size > kind->digits || word[size] != '\0')
		return cli_complain(
			CLI_USAGE, TEXT_FIND_WRONG, kind->thing, word, kind->name, kind->command);
	for (size_t i = 0; i <= size; i++)
		prefix[i] = (char)(word[i] >= 'A' && word[i] <= 'F' ? word[i] + 32 : word[i]);
	return CLI_OK;
}

enum cli_exit cli_find(
	struct cli *cli, const struct find_kind *kind, const char *word, json_t **found)
{
	struct answer answer;
	char prefix[DIGITS_MAX + 1];
	const json_t *last = NULL;
	enum cli_exit code = check_prefix(kind, word, prefix);
	if (code == CLI_OK)
		code = cli_ask(cli, "GET", kind->path, NULL, &answer);
	if (code != CLI_OK)
		return code;
	const size_t count =
		match(json_object_get(answer.json, kind->list), kind->member, prefix, &last);
	if (count == 0)
		code = cli_complain(
			CLI_NO_SUCH, TEXT_FIND_NONE, kind->thing, kind->name, word, kind->command);
	else if (count > 1)
		code = cli_complain(
			CLI_USAGE, TEXT_FIND_MANY, word, count, kind->name, kind->command);
	else if (strlen(view_text(last, kind->member)) != kind->digits)
		code = cli_complain(CLI_FAILED, TEXT_ANSWER_STRANGE, kind->path);
	else
		*found = json_incref((json_t *)last);
	answer_finish(&answer);
	return code;
}

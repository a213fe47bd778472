#include "desktops/confinement.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HOMES "homes"

/* What a device's name stands for. Those that are not there are left out. */
static const char *const patterns[POLICY_DEVICES] = {
	[POLICY_DEVICE_DRI] = "/dev/dri",
	[POLICY_DEVICE_NVIDIA] = "/dev/nvidia*",
	[POLICY_DEVICE_VIDEO] = "/dev/video*",
	[POLICY_DEVICE_KVM] = "/dev/kvm",
	[POLICY_DEVICE_FUSE] = "/dev/fuse",
};

static int find_devices(uint32_t devices, glob_t *found)
{
	int flags = 0;
	*found = (glob_t){ 0 };
	for (enum policy_device device = 0; device < POLICY_DEVICES; device++) {
		if (!(devices & 1u << device))
			continue;
		const int error = glob(patterns[device], flags, NULL, found);
		if (error == GLOB_NOSPACE)
			return -ENOMEM;
		flags = GLOB_APPEND;
	}
	return 0;
}

static int make_folder(const char *path)
{
	struct stat status;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(path, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

/* STATE/homes/<the client's fingerprint>. Negative errno. */
static int make_home(
	const char *state_folder, const uint8_t client[DISPLAY_IDENTITY_SIZE], char home[PATH_MAX])
{
	int size = snprintf(home, PATH_MAX, "%s/" HOMES, state_folder);
	if (size + 2 + 2 * DISPLAY_IDENTITY_SIZE >= PATH_MAX)
		return -ENAMETOOLONG;
	int error = make_folder(home);
	size += snprintf(home + size, (size_t)(PATH_MAX - size), "/");
	for (size_t i = 0; i < DISPLAY_IDENTITY_SIZE; i++)
		size += snprintf(home + size, (size_t)(PATH_MAX - size), "%02x", client[i]);
	return error < 0 ? error : make_folder(home);
}

static int confine(struct isolation *isolation, const char *tree,
	const struct desktops_params *params, const char *home, const struct display_policy *policy)
{
	glob_t devices;
	int error = find_devices(policy->devices, &devices);
	const struct isolated_profile profile = {
		.home = home,
		.hidden = params->hidden,
		.hidden_count = home ? params->hidden_count : 0,
		.devices = (const char *const *)devices.gl_pathv,
		.device_count = devices.gl_pathc,
	};
	if (error == 0)
		error = isolation_confine(isolation, tree, &profile);
	globfree(&devices);
	return error;
}

int confinement_apply(struct isolation *isolation, const char *tree,
	const struct desktops_params *params, const uint8_t client[DISPLAY_IDENTITY_SIZE],
	const struct display_policy *policy, char *fault, size_t capacity)
{
	char home[PATH_MAX];
	const bool own_home = policy->confinement == POLICY_CONFINEMENT_HOME;
	if (policy->confinement == POLICY_CONFINEMENT_OFF)
		return isolation_confine(isolation, tree, NULL);
	int error = own_home ? make_home(params->state_folder, client, home) : 0;
	if (error < 0) {
		snprintf(fault, capacity, "its home %.160s cannot be made: %s", home,
			strerror(-error));
		return error;
	}
	error = confine(isolation, tree, params, own_home ? home : NULL, policy);
	if (error < 0)
		snprintf(fault, capacity, "it cannot be confined: %s", strerror(-error));
	return error;
}

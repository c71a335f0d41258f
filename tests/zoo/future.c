/* A plugin that was built with an SDK of far away, and needs a host of that time. Whoever opens it is wrong. */
#include <tenon/plugin.h>

static int32_t open_plugin(const tenon_host* host, void** self) { return (void)host, (void)self, TENON_INTERNAL; }
static const void* extension(void* self, const char* id) { return (void)self, (void)id, NULL; }
static void close_plugin(void* self) { (void)self; }

TENON_EXPORT extern const tenon_entry tenon_plugin_v1;
const tenon_entry tenon_plugin_v1 = {TENON_ENTRY_MAGIC, sizeof(tenon_entry), 1,           1000, 1000, 0,
                                     open_plugin,       extension,           close_plugin};

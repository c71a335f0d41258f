/* A library whose functions take every struct of plugin.h, so that its debug information holds all of the ABI. Never run. */
#include "tenon/plugin.h"

TENON_EXPORT void shim_plugin(const tenon_entry* entry, const tenon_host* host, const tenon_sink* sink, tenon_op op) {
  (void)entry, (void)host, (void)sink, (void)op;
}
TENON_EXPORT void shim_driver(const tenon_driver* driver) { (void)driver; }
TENON_EXPORT void shim_processes(const tenon_platform* platform, tenon_ended* ended, tenon_stats* stats) {
  (void)platform, (void)ended, (void)stats;
}
TENON_EXPORT void shim_files(const tenon_files* files, tenon_file_info* info) { (void)files, (void)info; }
#ifdef TENON_EXT_CHANNELS
TENON_EXPORT void shim_channels(const tenon_channels* channels) { (void)channels; }
#endif
TENON_EXPORT void shim_system_services(const tenon_system_services* services) { (void)services; }

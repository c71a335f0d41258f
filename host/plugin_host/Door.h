// What the plugin host needs of the OS; implemented in platform/<os>/PluginHostMain.cpp, whose main calls tenon_plugin_host.
// One thread.
#pragma once

#include <cstdint>

extern "C" {

// All of the bytes, or false: the other end is gone.
bool tenon_channel_read(void* bytes, std::uint64_t count);
bool tenon_channel_write(const void* bytes, std::uint64_t count);
// The address of a symbol in a library that stays loaded; null, and why in one line.
const void* tenon_load_symbol(const char* library, const char* symbol, char* why, std::uint64_t whyBytes);

// Serves until the channel ends; the program's exit status.
int tenon_plugin_host();
}

// The one include of Windows' own headers, without the parts and macros that nothing here wants.
#pragma once

#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
// In this order, or the older sockets come in by windows.h.
#include <windows.h>
#include <winsock2.h>

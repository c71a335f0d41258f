// How whole files are written, for this room and those above it. It lies a floor lower, where trust writes its keys with it.
#pragma once

#include "host/adapter/AtomicFile.h"

// The service that most journeys install: samples/services/langid, by the system's Python (Python.cpp). Where there is none,
// as on Windows, a native program of the same name stands in its place (Native.cpp): the same files, /health and answers to
// a stop.
#pragma once

#include <string>

namespace tenon::host {

// Makes the service at this version in `folder`, which is not there yet.
void makeLangid(const std::string& folder, const std::string& version);

// Faults, for a folder that makeLangid has made.
void endsAtStart(const std::string& folder, int exitCode, const std::string& words);  // which it writes to its errors
void isNeverHealthy(const std::string& folder);                                       // answers /health with 503
// Answers /health with 503 until its data folder has a file "healthy".
void isHealthyOnceToldSo(const std::string& folder);
void startsLate(const std::string& folder, int seconds);
void namesNoDriver(const std::string& folder);   // an exec type that no driver answers
void namesNoProgram(const std::string& folder);  // "app/other" is to run, and is not there

}  // namespace tenon::host

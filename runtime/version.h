// runtime/version.h -- the version of Heddle that a program is compiled with.
#pragma once

/// As project(heddle VERSION ...) in CMakeLists.txt states it.
#define HEDDLE_VERSION_TEXT "0.1.0"

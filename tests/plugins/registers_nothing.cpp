// tests/plugins/registers_nothing.cpp -- a library that is no plugin.
extern "C" int nothing_of_heddle() { return 1; }
